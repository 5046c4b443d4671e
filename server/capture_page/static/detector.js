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
function settled(values) {
  values.sort((a, b) => a - b);
  const cut = values.length >> 2, kept = values.slice(cut, values.length - cut);
  return kept.reduce((sum, value) => sum + value) / kept.length;
}

// new PressDetector(settings): .feed(event), .tick(time), .interrupt(time) give a press, a void or null.
// Event: {kind: "down" | "move" | "up" | "cancel", uid, x, y, time_s, pressure, size}.
function PressDetector(settings) {
  const limits = { ...LIMITS, ...settings };
  const counts = limits.tip_counts, most = Math.max(...counts), px = limits.px_per_mm, skip = limits.skip_s;
  let now = -Infinity, phase = IDLE, tips = [], frames = [];
  let open = false; // whether events of the instant `now` wait for their frame
  let peak = 0; // most contacts at once in this attempt, resting ones apart
  let empty = 0; // since when nothing is on the glass
  let stolen = 0; // attempts in a row that the system took away at two or three contacts
  let advice;

  const here = (tip) => tip.lost === null, away = (tip) => tip.lost !== null;
  const find = (uid) => tips.find((tip) => tip.uid === uid && here(tip));
  // The contacts that may be tips of the stamp: on the glass and no resting fingers.
  const cluster = () => tips.filter((tip) => here(tip) && !tip.resting);
  const first = () => Math.min(...cluster().map((tip) => tip.landed));
  const contacts = () =>
    tips.filter(here).map(({ uid, x, y, pressure, size }) => ({ uid, x, y, pressure, size }));
  function keep(test) {
    tips = tips.filter(test);
    if (!tips.length) empty = now;
  }
  const gap = (tip, [x, y]) => Math.hypot(tip.x - x, tip.y - y);
  // The last of the nearest, among those that `which` admits.
  function nearest({ x, y }, which) {
    let found, least = limits.dropout_mm * px;
    for (const tip of tips)
      if (!tip.resting && which(tip) && gap(tip, [x, y]) <= least) least = gap((found = tip), [x, y]);
    return found;
  }

  // One tip: where it landed (from), where it rests (at) and since when, and its samples at rest.
  const put = (tip, { x, y, pressure = null, size = null }) => Object.assign(tip, { x, y, pressure, size, heard: now });
  const rest = (tip, since) => Object.assign(tip, { at: [tip.x, tip.y], since, samples: [] });
  const appear = (tip, event) => rest(Object.assign(put(tip, event), { uid: event.uid, lost: null, fresh: now }), now + skip);

  // The instant `now` becomes a frame, and a sample of each tip.
  function record() {
    open = false;
    if (phase !== LANDING) return;
    if (frames.length && frames.at(-1).time_s === now) frames.pop();
    else if (frames.length === limits.frames_kept) frames.splice(frames.length >> 1, 1);
    frames.push({ time_s: now, contacts: contacts() });
    for (const { samples, since, x, y } of cluster()) {
      if (samples.length && samples.at(-1)[0] === now) samples.pop();
      if (now >= since) samples.push([now, x, y]);
    }
  }

  function end(reason) {
    if (phase > LANDING || (phase === IDLE && reason !== "invalid_position")) return null;
    record();
    advice = HINT_OF[reason] || "lift_and_retry";
    const taken = reason === "vanished_together";
    if (taken && !limits.cancel_is_reported) advice = "keep_fingers_off";
    if ((taken || reason === "cancelled") && (peak === 2 || peak === 3) && ++stolen > 1) advice = "switch_off_gestures";
    phase = VOIDED;
    keep(here);
    return { reason, hint: advice, frames };
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
    if (phase !== LANDING || !counts.includes(count) || tips.some(away)) return null;
    const last = Math.max(...all.map((tip) => tip.landed));
    if (count < most && now - last < limits.more_tips_s - EPSILON) return null;
    const since = Math.max(...all.map((tip) => tip.since));
    if (now - since < (count < 5 ? limits.few_tips_still_s : limits.still_s) - EPSILON) return null;
    const rests = all.map((tip) => tip.samples.filter((sample) => sample[0] >= since));
    const frames_used = Math.min(...rests.map((samples) => samples.length));
    if (frames_used < limits.least_frames) return null;
    const touches = rests.map((samples) => [1, 2].map((axis) => settled(samples.map((sample) => sample[axis]))));
    const stagger_s = last - first();
    const reason = refusal(touches, stagger_s);
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
      keep(here);
      if (!tips.length) phase = IDLE;
      return null;
    }
    const ended = end(
      cluster().length ? "tip_lost" : !counts.includes(peak) ? "too_few_contacts"
        : Math.min(...gone) === latest ? "vanished_together" : "lifted_early");
    empty = latest;
    return ended;
  }

  // What the clock alone decides.
  function pass() {
    if (tips.some((tip) => here(tip) && now - tip.heard > limits.ghost_s))
      keep((tip) => away(tip) || now - tip.heard <= limits.ghost_s);
    if (phase > LANDING && !tips.length && now - empty > limits.dropout_s + EPSILON) phase = IDLE;
    if (phase !== LANDING) return null;
    if (tips.some((tip) => away(tip) && now - tip.lost > limits.dropout_s + EPSILON)) return lose();
    const count = cluster().length;
    if (count > most) return end("too_many_contacts");
    return count >= limits.attempt_contacts && now - first() > limits.give_up_s
      ? end(counts.includes(count) ? "not_still" : "too_few_contacts") : null;
  }

  function advance(time, mayCommit) {
    if (!Number.isFinite(time)) return end("invalid_time");
    if (time < now - limits.clock_slack_s) {
      for (const tip of tips) tip.landed = tip.heard = time;
      empty = now = time;
      return end("invalid_time");
    }
    if (time <= now) return null;
    let outcome = null;
    if (open) {
      record();
      if (mayCommit) outcome = commit();
    }
    if (time - now > limits.gap_s) for (const tip of tips) rest(tip, Math.max(tip.since, time));
    now = time;
    const passed = pass();
    return outcome || passed;
  }

  function down(event) {
    const known = find(event.uid);
    if (known && now - known.landed <= limits.dropout_s) return move(event); // the same landing told twice
    if (known) {
      // Its up was lost, so the ups of the others as old may be lost too.
      tips = tips.filter((tip) => tip !== known && now - tip.landed <= limits.resting_s);
      if (!tips.length) phase = IDLE;
    }
    if (phase === IDLE) {
      phase = LANDING;
      frames = [];
      peak = 0;
    }
    const lost = phase === LANDING && nearest(event, away);
    if (lost) return appear(lost, event), null;
    const tip = appear({ landed: now, resting: false, from: [event.x, event.y] }, event);
    if (phase !== LANDING) return tips.push(tip), null;
    const near = nearest(event, here);
    const old = cluster().filter((one) => now - one.landed > limits.resting_s);
    if (old.length && old.length + tips.filter((one) => one.resting).length <= limits.most_resting) {
      for (const one of old) Object.assign(one, { resting: true, from: [one.x, one.y] });
      peak = 0;
    }
    tips.push(tip);
    const count = cluster().length;
    peak = Math.max(peak, Math.min(count, most));
    // A landing on top of a live tip may be its new uid, told before the old one's up: wait.
    return count > most && !near ? end("too_many_contacts") : null;
  }

  function move(event) {
    const tip = find(event.uid);
    if (!tip) return null;
    put(tip, event);
    if (now < tip.fresh + skip) {
      if (tip.fresh === tip.landed) tip.from = [tip.x, tip.y];
      rest(tip, tip.fresh + skip);
    } else if (gap(tip, tip.at) > limits.still_mm * px) rest(tip, now);
    return phase === LANDING && gap(tip, tip.from) > limits.slide_mm * px ? end(tip.resting ? "too_many_contacts" : "slid") : null;
  }

  function up(event) {
    const tip = find(event.uid);
    if (!tip) return null;
    if (phase !== LANDING || tip.resting) return keep((one) => one !== tip), null;
    tip.lost = now;
    const heir = nearest(tip, here);
    if (heir && now - heir.landed <= limits.dropout_s) {
      Object.assign(heir, { landed: Math.min(heir.landed, tip.landed), from: tip.from });
      tips = tips.filter((one) => one !== tip);
    }
    return null;
  }

  function cancel() {
    const ended = tips.length ? end("cancelled") : null;
    keep(() => false);
    return ended;
  }

  return {
    feed(event) {
      const { kind, time_s, x, y } = event, reach = limits.largest_coordinate_px;
      const outcome = advance(time_s, kind === "move");
      const applied = kind === "cancel" ? cancel() : kind === "up" ? up(event)
        : !(Math.abs(x) <= reach && Math.abs(y) <= reach) ? end("invalid_position")
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
      if (phase === LANDING && !outcome) outcome = end("interrupted");
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
