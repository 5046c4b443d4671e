// The press detector, a port of stampsdk.capture.PressDetector: the reason for every rule and threshold is told
// there, and patterns/vectors/detector.json holds both to the same answers. Pixels and seconds; y down.
const LIMITS = {
  tip_counts: [5], px_per_mm: 6.3, still_s: 0.08, few_tips_still_s: 0.2, more_tips_s: 0.25, still_mm: 0.5, skip_s: 0.03,
  least_frames: 3, gap_s: 0.1, landing_s: 0.25, dropout_s: 0.1, dropout_mm: 5, slide_mm: 4, least_spacing_mm: 7,
  largest_extent_mm: 60, resting_s: 0.4, most_resting: 2, attempt_contacts: 3, hold_phone_s: 0.3, give_up_s: 1.5, ghost_s: 5,
  clock_slack_s: 0.05, largest_coordinate_px: 1e5, frames_kept: 60, cancel_is_reported: true,
};
const HINT_OF = {
  too_many_contacts: "keep_fingers_off", too_few_contacts: "hold_phone", cancelled: "keep_fingers_off",
  vanished_together: "hold_longer", lifted_early: "hold_longer", tip_lost: "press_straight_down", slid: "press_straight_down",
  not_still: "hold_still", landed_too_slowly: "press_straight_down", too_wide: "keep_fingers_off",
};
const IDLE = 0, LANDING = 1, COMMITTED = 2, VOIDED = 3;
const EPSILON = 1e-6; // times are sums of floats

// The mean of the middle half: finer than the step in which a screen reports, and deaf to a stale report.
function middleMean(values) {
  values.sort((a, b) => a - b);
  const cut = values.length >> 2, kept = values.slice(cut, values.length - cut);
  return kept.reduce((sum, value) => sum + value) / kept.length;
}

// new PressDetector(settings): .feed(event), .tick(time), .interrupt(time) give a press, a void or null.
// Event: {kind: "down" | "move" | "up" | "cancel", uid, x, y, time_s, pressure, size}.
function PressDetector(settings) {
  const limits = { ...LIMITS, ...settings };
  const counts = limits.tip_counts, most = Math.max(...counts), px = limits.px_per_mm;
  let now = -Infinity, phase = IDLE, tips = [], frames = [];
  let open = false; // whether events of the instant `now` wait for their frame
  let peak = 0; // most contacts at once in this attempt, resting fingers apart
  let empty = -Infinity; // since when nothing is on the glass, resting fingers apart
  let stolen = 0; // attempts in a row that the system took away at two or three contacts
  let advice;

  // A time that is over by `wait`, rounding apart.
  const over = (since, wait) => now - since > wait + EPSILON;
  const here = (tip) => tip.lost === null, away = (tip) => tip.lost !== null;
  const find = (uid) => tips.find((tip) => tip.uid === uid && here(tip));
  // What may be the tips of a stamp: down, and no resting fingers.
  const cluster = () => tips.filter((tip) => here(tip) && !tip.resting);
  const first = () => Math.min(...cluster().map((tip) => tip.landed));
  const contacts = () => tips.filter(here).map((tip) => tip.contact);
  const sliding = () => cluster().length >= limits.attempt_contacts && tips.some((tip) => tip.slid);
  const allRest = () => tips.every((tip) => tip.resting);
  const noteGone = () => { if (allRest()) empty = now; };
  const gap = (tip, [x, y]) => Math.hypot(tip.x - x, tip.y - y);
  function nearest(place, which) {
    let found, least = limits.dropout_mm * px;
    for (const tip of tips)
      if (tip !== place && !tip.resting && which(tip) && gap(tip, [place.x, place.y]) <= least)
        least = gap((found = tip), [place.x, place.y]);
    return found;
  }

  // One tip: where it landed (from), where it rests (at) and since when, and its samples at rest.
  const put = (tip, { uid, x, y, pressure = null, size = null }) =>
    Object.assign(tip, { uid, x, y, contact: { uid, x, y, pressure, size }, heard: now });
  const rest = (tip, since) => Object.assign(tip, { at: [tip.x, tip.y], since, samples: [] });
  const base = (tip) => Object.assign(tip, { from: [tip.x, tip.y], slid: false });
  const appear = (tip, event) =>
    rest(Object.assign(put(tip, event), { lost: null, fresh: now }), now + limits.skip_s);
  const landed = (event) => base(appear({ landed: now, resting: false }, event));

  // The instant `now` becomes a frame, and a sample of each tip.
  function record() {
    open = false;
    const all = cluster();
    if (phase !== LANDING || !(all.length || tips.some(away))) return;
    if (frames.at(-1)?.time_s === now) frames.pop();
    else if (frames.length === limits.frames_kept) frames.splice(frames.length >> 1, 1);
    frames.push({ time_s: now, contacts: contacts() });
    for (const { samples, since, x, y } of all) {
      if (samples.at(-1)?.[0] === now) samples.pop();
      if (now > since - EPSILON) samples.push([now, x, y]);
    }
  }

  function end(reason) {
    record();
    phase = VOIDED;
    advice = HINT_OF[reason] || "lift_and_retry";
    const vanished = reason === "vanished_together";
    if (vanished || reason === "cancelled") {
      if (peak === 2 || peak === 3) advice = ++stolen > 1 ? "switch_off_gestures" : "lift_and_retry";
      else if (vanished && !limits.cancel_is_reported) advice = "keep_fingers_off";
    }
    tips = tips.filter(here);
    // A finger that slid has to leave like the tips.
    for (const tip of tips) if (tip.slid) tip.resting = false;
    noteGone();
    return { reason, hint: advice, frames };
  }

  // Input that makes no sense.
  function refuse(reason) {
    if (phase > LANDING) return null;
    if (phase === IDLE) frames = [];
    return end(reason);
  }

  function refusal(touches, stagger) {
    if (stagger > limits.landing_s + EPSILON) return "landed_too_slowly";
    for (let i = 0; i < touches.length; i++)
      for (let j = 0; j < i; j++) {
        const apart = Math.hypot(touches[i][0] - touches[j][0], touches[i][1] - touches[j][1]) / px;
        if (apart < limits.least_spacing_mm) return "too_close";
        if (apart > limits.largest_extent_mm) return "too_wide";
      }
  }

  function commit() {
    const all = cluster(), count = all.length;
    if (phase !== LANDING || tips.some(away) || !counts.includes(count)) return null;
    const latest = (name) => Math.max(...all.map((tip) => tip[name])), last = latest("landed");
    if (count < most && now - last < limits.more_tips_s - EPSILON) return null;
    const since = latest("since");
    if (now - since < (count < 5 ? limits.few_tips_still_s : limits.still_s) - EPSILON) return null;
    const rests = all.map((tip) => tip.samples.filter((sample) => sample[0] > since - EPSILON));
    const frames_used = Math.min(...rests.map((samples) => samples.length));
    if (frames_used < limits.least_frames) return null;
    const touches = rests.map((samples) => [1, 2].map((axis) => middleMean(samples.map((sample) => sample[axis]))));
    const stagger_s = last - first(), reason = refusal(touches, stagger_s);
    if (reason) return end(reason);
    phase = COMMITTED;
    stolen = 0;
    const spread_px = rests.map((samples, k) =>
      Math.sqrt(samples.reduce((sum, [, x, y]) => sum + (x - touches[k][0]) ** 2 + (y - touches[k][1]) ** 2, 0) / samples.length));
    return { touches, frames, quality: { frames_used, spread_px, stagger_s, hold_s: now - last } };
  }

  // A contact left for good: the end of an attempt, or of a tap.
  function lose() {
    const gone = tips.filter(away).map((tip) => tip.lost), latest = Math.max(...gone);
    if (peak < limits.attempt_contacts) {
      tips = tips.filter(here);
      if (!tips.length) phase = IDLE;
      if (!cluster().length) peak = 0;
      return null;
    }
    if (cluster().length) return end("tip_lost");
    const ended = end(
      Math.min(...gone) === latest ? "vanished_together" : counts.includes(peak) ? "lifted_early" : "too_few_contacts");
    empty = latest;
    return ended;
  }

  // Ready for the next attempt once the contacts of the last one have been gone for a moment.
  function release() {
    if (phase > LANDING && allRest() && over(empty, limits.dropout_s)) {
      phase = tips.length ? LANDING : IDLE;
      peak = 0;
    }
  }

  // What the clock alone decides.
  function pass() {
    const before = tips.length;
    tips = tips.filter((tip) => away(tip) || !over(tip.heard, limits.ghost_s));
    if (tips.length < before) noteGone();
    let ended = null;
    if (phase === LANDING) {
      const count = cluster().length;
      if (tips.some((tip) => away(tip) && over(tip.lost, limits.dropout_s))) ended = lose();
      else if (count > most) ended = end("too_many_contacts");
      else if (sliding()) ended = end("slid");
      else if (count >= limits.attempt_contacts && over(first(), limits.give_up_s))
        ended = end(counts.includes(count) ? "not_still" : "too_few_contacts");
    }
    release();
    return ended;
  }

  function advance(time, mayCommit) {
    if (!Number.isFinite(time)) return refuse("invalid_time");
    if (time < now - limits.clock_slack_s) {
      const outcome = tips.length ? refuse("invalid_time") : null;
      for (const tip of tips) tip.landed = tip.heard = time;
      now = time;
      empty = allRest() ? -Infinity : time;
      release();
      return outcome;
    }
    if (time <= now + EPSILON) return null;
    let committed = null;
    if (open) {
      record();
      if (mayCommit) committed = commit();
    }
    if (time - now > limits.gap_s + EPSILON) for (const tip of tips) rest(tip, Math.max(tip.since, time));
    now = time;
    const passed = pass();
    return committed || passed;
  }

  function down(event) {
    const known = find(event.uid);
    if (known) {
      if (!over(known.landed, limits.dropout_s)) return move(event); // the same landing told twice
      // Its up was lost, so the ups of the others as old may be lost too.
      tips = tips.filter((tip) => tip !== known && !over(tip.landed, limits.resting_s));
      if (!tips.length) phase = IDLE;
    }
    if (phase > LANDING) return tips.push(landed(event)), null;
    phase = LANDING;
    const lost = nearest(event, away);
    if (lost) return appear(lost, event), null;
    const near = nearest(event, here), old = cluster().filter((tip) => over(tip.landed, limits.resting_s));
    if (old.length + tips.filter((tip) => tip.resting).length <= limits.most_resting) for (const tip of old) tip.resting = true;
    if (!cluster().length) tips.forEach(base);
    if (!cluster().length && !tips.some(away)) {
      frames = [];
      peak = 0;
    }
    tips.push(landed(event));
    const count = cluster().length;
    peak = Math.max(peak, count);
    // On top of a live tip it may be that tip's new uid, told before the old one's up: wait.
    return count > most && !near ? end("too_many_contacts") : null;
  }

  function move(event) {
    const tip = find(event.uid);
    if (!tip) return null;
    put(tip, event);
    if (now < tip.fresh + limits.skip_s - EPSILON) {
      rest(tip, tip.fresh + limits.skip_s);
      if (tip.fresh === tip.landed) base(tip);
    } else if (gap(tip, tip.at) > limits.still_mm * px) rest(tip, now);
    tip.slid ||= gap(tip, tip.from) > limits.slide_mm * px;
    return phase === LANDING && sliding() ? end(tip.resting ? "too_many_contacts" : "slid") : null;
  }

  function up(event) {
    const tip = find(event.uid), others = tips.filter((one) => one !== tip);
    if (!tip) return null;
    if (phase !== LANDING || tip.resting) {
      tips = others;
      noteGone();
      return null;
    }
    tip.lost = now;
    const heir = nearest(tip, here);
    if (heir && !over(heir.landed, limits.dropout_s)) {
      Object.assign(heir, { landed: Math.min(heir.landed, tip.landed), from: tip.from });
      tips = others;
    }
    return null;
  }

  function cancel() {
    const ended = phase === LANDING ? end("cancelled") : null;
    tips = [];
    noteGone();
    return ended;
  }

  return {
    feed(event) {
      const { kind, time_s, x, y } = event, reach = limits.largest_coordinate_px, placed = kind === "down" || kind === "move";
      if (placed && !Number.isFinite(time_s)) return refuse("invalid_time");
      const outcome = advance(time_s, kind === "move");
      const applied = kind === "cancel" ? cancel() : !placed ? up(event)
        : !(Math.abs(x) <= reach && Math.abs(y) <= reach) ? refuse("invalid_position")
        : kind === "down" ? down(event) : move(event);
      open = true;
      return outcome || applied;
    },
    // Call once a display frame, events or none.
    tick(time) {
      const outcome = advance(time, false);
      if (outcome) return outcome;
      record();
      return commit();
    },
    // The page lost the screen.
    interrupt(time) {
      let outcome = advance(time, false);
      if (phase === LANDING && cluster().length) outcome = end("interrupted");
      tips = [];
      phase = IDLE;
      return outcome;
    },
    get contacts() { return contacts(); },
    // What the person should do now.
    get hint() {
      const count = cluster().length;
      if (phase > LANDING) return phase === VOIDED ? advice : "lift_stamp";
      if (count < limits.attempt_contacts) return "press_stamp";
      return count < Math.min(...counts) && now - first() > limits.hold_phone_s ? "hold_phone" : "hold_still";
    },
  };
}
