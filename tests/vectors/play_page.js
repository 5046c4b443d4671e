// node play_page.js DETECTOR PLAYER VECTORS: plays the vectors through the page's detector, and prints the outcomes.
const { readFileSync } = require("node:fs");
const [detector, player, vectors] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const play = new Function(`"use strict";${detector}\nconst StampPad = { PressDetector };\nreturn (${
  player.trim().replace(/^\/\/.*\n/, "")});`)();
const { settings, cases } = JSON.parse(vectors);
const outcomes = cases.map((one) => play([one.events, { ...settings, ...one.settings }]).outcomes);
process.stdout.write(JSON.stringify(outcomes));
