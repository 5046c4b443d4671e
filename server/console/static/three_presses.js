// Three presses of one stamp on the owner's phone. The rules of touch are stamp.js's; this page counts, draws the
// tips, and knows how large the screen is: a card of 85.60 mm by 53.98 mm (ISO/IEC 7810 ID-1) is laid on it once.
const $ = (id) => document.getElementById(id);
const WORDS = JSON.parse($("texts").textContent), language = document.documentElement.lang;
const PRESSES = 3, LONG_MM = 85.6, SHORT_MM = 53.98, GUESS = 6.1, ROOM_PX = 715;
const STAGES = ["intro", "desk", "measure", "surface", "result"];
let pad, presses = [];
let accept_loose = false; // these presses, although they agree badly

const say = (key, values = {}) => WORDS[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
function show(stage) {
  for (const id of STAGES) $(id).hidden = id !== stage;
  document.body.dataset.stage = stage;
  pad?.close();
  pad = null;
}

// ---- how many CSS pixels make a millimetre here; another zoom or another screen is another key

const key = () => ["stamp-density", devicePixelRatio, screen.width].join("|");
let remembered = null; // where the browser keeps nothing, for as long as the page is open
function density() {
  try {
    remembered = localStorage.getItem(key()) || remembered;
  } catch { /* not allowed here */ }
  const px = Number(remembered);
  return px >= 3 && px <= 40 ? px : null;
}
function measure() {
  const upright = innerHeight >= ROOM_PX, size = $("size"), card = $("card");
  const draw = () => {
    const [tall, wide] = upright ? [LONG_MM, SHORT_MM] : [SHORT_MM, LONG_MM];
    card.style.height = tall * size.value + "px";
    card.style.width = wide * size.value + "px";
  };
  size.value = density() || GUESS;
  $("how").textContent = say(upright ? "enrol.measure.upright" : "enrol.measure.across");
  size.oninput = draw;
  const step = (by) => () => (size[by](), draw());
  $("smaller").onclick = step("stepDown");
  $("larger").onclick = step("stepUp");
  $("fits").onclick = () => {
    if (zoomed()) return;
    remembered = size.value;
    try {
      localStorage.setItem(key(), remembered);
    } catch { /* not allowed here */ }
    press();
  };
  show("measure");
  draw();
}
// A pinched page has other pixels than it was measured by.
function zoomed() {
  if ((window.visualViewport?.scale || 1) < 1.01) return false;
  alert(say("enrol.zoomed"));
  return true;
}

// ---- three presses

function press() {
  show("surface");
  presses = [];
  accept_loose = false;
  count();
  $("say").textContent = say("enrol.first");
  pad = new StampPad($("surface"), {
    language, ink: false, onPress: take,
    onInk: ({ touches, state }) => draw(touches, state),
    onVoid: () => draw([]), // its advice comes as a hint
    onHint: (hint, words) => {
      if (hint === "hold_phone") words = say("enrol.few"); // fewer than five: the phone lies, or the stamp is askew
      else if (hint === "press_stamp" && presses.length) words = say("enrol.once_more");
      tell(words);
    },
  });
}
const tell = (words) => words && ($("say").textContent = words);
const count = () => ($("count").textContent = `${presses.length} / ${PRESSES}`);
function draw(touches, state) {
  $("tips").replaceChildren(...touches.map(([cx, cy]) => {
    const tip = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    for (const [name, value] of Object.entries({ cx, cy, r: 15, class: state })) tip.setAttribute(name, value);
    return tip;
  }));
}
function take({ touches }) {
  if (presses.length === PRESSES) return;
  presses.push(touches);
  count();
  if (presses.length === PRESSES) {
    tell(say("enrol.sending"));
    send();
  }
}

// ---- what became of them

const line = (text, className = "") => Object.assign(document.createElement("p"), { textContent: text, className });
function end(title, lines, ...buttons) {
  $("outcome").textContent = title;
  $("facts").replaceChildren(...lines);
  for (const id of ["resend", "retry", "keep", "more", "sign-in"]) $(id).hidden = !buttons.includes(id);
  show("result");
  $("outcome").focus();
}
async function send() {
  const body = JSON.stringify({ serial: $("name").value.trim() || null, px_per_mm: density(), presses, accept_loose });
  const headers = { "Content-Type": "application/json" }, signal = AbortSignal.timeout?.(15000);
  try {
    const answer = await fetch("pressed-stamps?shop=" + $("enrol").dataset.shop, { method: "POST", headers, body, signal });
    const data = await answer.json();
    if (answer.ok) done(data);
    else failed(data);
  } catch {
    end(say("enrol.failed"), [line(say("enrol.offline"), "message bad")], "resend");
  }
}
function done({ serial, spread_mm, is_loose, look_alikes }) {
  const fit = line(say(is_loose ? "enrol.spread.loose" : "enrol.spread.good", { mm: spread_mm }), is_loose ? "warning" : "message good");
  const warn = ({ metres }) => say("stamp.confusable", { metres: metres === null ? say("stamp.anywhere") : Math.round(metres) + " m" });
  const others = [...new Set(look_alikes.map(warn))].map((text) => line("⚠ " + text, "warning"));
  end("✓ " + say("enrol.done", { serial }), [fit, ...(others.length ? others : [line(say("enrol.alone"))])], "more");
}
function failed({ code, spread_mm }) {
  const loose = code === "presses_loose";
  const why = loose ? say("enrol.loose", { mm: spread_mm }) : WORDS["problem." + code] || WORDS["problem.other"];
  const onward = loose ? ["retry", "keep"] : code === "sign_in_needed" ? ["sign-in"] : ["retry"];
  // The presses are good, only the name is not: it can be changed, and they are sent again.
  if (code === "serial_taken" || code === "invalid_request") {
    show("intro");
    $("begin").before(Object.assign(line("⚠ " + why, "message bad"), { id: "wrong" }));
    $("begin").onclick = () => ($("wrong").remove(), ($("begin").onclick = begin), send());
    $("name").focus();
  } else end(say("enrol.failed"), [line("⚠ " + why, loose ? "warning" : "message bad")], ...onward);
}

// ---- start

const begin = () => zoomed() || (density() ? press() : measure());
$("begin").onclick = begin;
$("retry").onclick = press;
$("keep").onclick = () => ((accept_loose = true), send());
$("resend").onclick = send;
$("more").onclick = () => (($("name").value = ""), show("intro"));
$("again-measure").onclick = $("measure-again").onclick = measure;
show("ontouchstart" in window || navigator.maxTouchPoints ? "intro" : "desk");
