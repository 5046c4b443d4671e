// Plays scripts through the detector of stamp.js; what the tests compare with the Python detector.
([script, settings]) => {
  const detector = new StampPad.PressDetector(settings);
  const outcomes = [], hints = [];
  script.forEach((step, index) => {
    const number = (value) => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[value] ?? value;
    const { kind, uid, x, y, pressure } = step, t = number(step.t);
    const outcome = kind === "tick" ? detector.tick(t) : kind === "interrupt" ? detector.interrupt(t)
      : detector.feed({ kind, uid, x: number(x), y: number(y), time_s: t, pressure });
    if (outcome) {
      const frames = outcome.frames.map((frame) => [frame.time_s, frame.contacts.map((one) => [one.uid, one.x, one.y])]);
      const { touches, quality, reason, hint } = outcome;
      outcomes.push({ after: index, frames, ...(touches ? { touches, quality } : { reason, hint }) });
    }
    hints.push([detector.hint, detector.contacts.length]);
  });
  return { outcomes, hints };
}
