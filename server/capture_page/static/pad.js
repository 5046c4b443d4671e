// StampPad: an element that takes stamps. It feeds the detector, draws the ink, and tells the page what became of it.
const SOURCE = document.currentScript?.src || location.href;
const IDLE_MS = 600000; // a page left open stops asking for challenges
const HINTS = {
  hold_still: ["그대로 잠깐만요", "Hold still"],
  hold_longer: ["조금 더 오래 눌러 주세요", "Hold it down a little longer"],
  hold_phone: ["휴대폰을 손에 쥐어 주세요", "Hold the phone in your hand"],
  keep_fingers_off: ["손가락은 화면에서 떼 주세요", "Keep fingers off the screen"],
  press_straight_down: ["똑바로 눌러 주세요", "Press straight down"],
  lift_stamp: ["이제 떼셔도 돼요", "You can lift the stamp"],
  lift_and_retry: ["떼었다가 다시 눌러 주세요", "Lift and press again"],
  switch_off_gestures: ["세 손가락 캡처 제스처를 꺼 주세요", "Switch off the three-finger screenshot gesture"],
};

class StampPad {
  // Why this page cannot take stamps, or null: over plain http browsers give neither keys nor location.
  static obstacle = isSecureContext ? null : "insecure_context";

  constructor(element, options) {
    const { key, server = new URL("../..", SOURCE).href, language = navigator.language, tips = [5], ink = true, onPress, askLocation = () => true } = options;
    if (!key && !onPress) throw new TypeError("StampPad needs { key: 'pk_…' }");
    Object.assign(this, { element, options, tips, live: new Map(), used: Date.now() });
    this.language = /^ko/i.test(language) ? "ko" : "en";
    this.detector = new PressDetector({ tip_counts: tips });
    this.closing = new AbortController();
    this.ink = ink ? new Ink(element) : null;
    if (onPress) return this.listen();
    if (StampPad.obstacle) throw new StampError(StampPad.obstacle);
    this.session = new Session(server.replace(/\/*$/, "/"), key);
    this.place = new Place(askLocation);
    this.listen();
    this.redeem(null);
    this.place.start();
    this.session.left().then((all) => all.map((record) => this.deliver(record, true)));
  }

  // ---- what a page calls

  // The next press uses this coupon; without one, back to collecting stamps.
  redeem(coupon) {
    this.task = { purpose: coupon ? "redeem" : "stamp", coupon };
    this.prepare();
  }
  cards() { return this.session.ask("v1/cards").then(({ data }) => data); }
  coupons() { return this.session.ask("v1/coupons").then(({ data }) => data); }
  // The code that brings the cards to another phone; kept until the page says that the person has saved it.
  async recoveryCode() { return (await this.session.device).recovery_code; }
  recoveryCodeSaved() { return this.session.forgetCode(); }
  recover(code) { return this.session.recover(code.trim().toUpperCase()).then(() => this.prepare()); }
  // Six digits from the staff's screen in place of a press; the shop's id, or the phone's place, says whose they are.
  async staffCode(code, shop) {
    this.clear();
    const { location } = this.place.asking ? {} : await this.place.now();
    const { lat, lon, accuracy_m } = location || {}, body = { code, shop, location: location && { lat, lon, accuracy_m } };
    const ask = () => this.session.ask("v1/staff-codes", body);
    this.finish(result(await this.session.insist(ask, 20000).catch((error) => error), "stamp"));
  }
  clear() { this.ink?.clear(); }
  close() {
    this.closing.abort();
    clearInterval(this.timer);
    if (this.session) this.session.closed = true;
    this.place?.stop();
    this.ink?.svg.remove();
  }

  // ---- touches

  listen() {
    const { element, closing: { signal } } = this;
    const on = (target, names, act) => {
      for (const name of names.split(" ")) target.addEventListener(name, act, { signal, passive: false });
    };
    const off = (target) => !element.contains(target) || target.closest("[data-stamp-off]");
    element.style.touchAction = "none";
    if ("ontouchstart" in window)
      on(element, "touchstart touchmove touchend touchcancel", (event) => {
        // One finger on a button is a tap. Everything else is ours: the page must neither scroll nor zoom.
        const tap = event.touches.length < 2 && event.target.closest("a,button,input,label");
        if (event.cancelable && !off(event.target) && !tap) event.preventDefault();
        this.see(event, "touch", [...event.touches].filter((touch) => !off(touch.target)).map((touch) => ({
          uid: touch.identifier, x: touch.clientX, y: touch.clientY,
          pressure: touch.force || null, size: touch.radiusX + touch.radiusY || null,
        })));
      });
    else {
      const down = new Map();
      on(element, "pointerdown pointermove pointerup pointercancel", (event) => {
        const { type, pointerId: uid, clientX: x, clientY: y, pressure, width: size } = event;
        if (event.pointerType !== "touch" || off(event.target) || (type !== "pointerdown" && !down.has(uid))) return;
        down.set(uid, { uid, x, y, pressure, size });
        if (/up$/.test(type)) down.delete(uid);
        if (/cancel$/.test(type)) down.clear();
        this.see(event, "pointer", [...down.values()]);
      });
    }
    on(element, "contextmenu selectstart gesturestart", (event) => off(event.target) || event.preventDefault());
    const stop = () => this.settle(this.detector.interrupt(this.moment()));
    on(document, "visibilitychange", () => (document.hidden ? stop() : this.prepare()));
    on(window, "blur resize orientationchange", stop);
    on(window, "online", () => this.prepare());
    this.timer = setInterval(() => document.hidden || Date.now() - this.used > IDLE_MS || this.prepare(), 15000);
  }

  // Seconds, never backwards: an event may be older than the display frame that came before it.
  moment(stamp = performance.now()) { return (this.clock = Math.max(this.clock || 0, stamp / 1000)); }

  // The browser reports the complete state at every event; what is missing from it has lifted, seen or not.
  see(event, source, contacts) {
    const time_s = this.moment(event.timeStamp);
    const feed = (kind, contact) => this.settle(this.detector.feed({ ...contact, kind, time_s }));
    Object.assign(this, { used: Date.now(), source });
    const next = new Map(contacts.map((contact) => [contact.uid, contact]));
    if (/cancel$/.test(event.type)) {
      next.clear();
      feed("cancel");
    } else {
      for (const [uid, contact] of this.live) if (!next.has(uid)) feed("up", contact);
      for (const [uid, contact] of next) {
        const before = this.live.get(uid);
        if (!before || before.x !== contact.x || before.y !== contact.y) feed(before ? "move" : "down", contact);
      }
    }
    this.live = next;
    this.follow();
    this.ticking ||= requestAnimationFrame((stamp) => this.tick(stamp));
  }

  tick(stamp) {
    this.settle(this.detector.tick(this.moment(stamp)));
    this.follow();
    // A lift is judged a moment after it.
    this.ticking = (this.live.size || Date.now() - this.used < 600) && requestAnimationFrame((next) => this.tick(next));
  }

  // Ink under the stamp from the moment all tips are down, before anything is decided.
  follow() {
    const { contacts, hint } = this.detector, before = this.touching;
    this.touching = hint === "hold_still" && this.tips.includes(contacts.length);
    if (this.touching) this.paint(contacts.map(({ x, y }) => [x, y]), "touching");
    else if (before) this.clear();
    if (hint !== this.hint) this.tell("onHint", (this.hint = hint), this.words(hint));
  }

  settle(outcome) {
    if (!outcome) return;
    this.touching = false;
    if (outcome.touches) return this.take(outcome);
    this.clear();
    this.tell("onVoid", outcome.reason, this.words(outcome.hint));
  }

  // ---- a press

  async take(press) {
    const { task, options: { onPress } } = this;
    this.paint(press.touches, "pending");
    if (onPress) return onPress(press);
    try {
      await this.deliver(await this.session.seal({ ...press, source: this.source }, task, await this.place.now()));
    } catch (error) {
      this.finish(result(error, task.purpose));
    }
  }

  async deliver(record, again) {
    if (again) this.paint(record.touches, "pending");
    const answer = await this.session.send(record, () => this.tell("onWait"));
    if (!answer) return;
    if (answer.purpose === "redeem" && answer.verdict === "accepted") this.redeem(null);
    this.finish(answer);
  }

  finish(answer) {
    const today = new Date().toLocaleDateString("sv").replace(/-/g, ".");
    this.ink?.state(answer.verdict, answer.shop && [answer.shop.name, today]);
    this.tell("onResult", { ...answer, message: answer.text[this.language] });
    if (answer.card) this.tell("onCard", answer.card, answer.coupons);
  }

  words(hint) { return HINTS[hint]?.[this.language === "ko" ? 0 : 1] || ""; }
  prepare() {
    this.session?.fill(this.task.purpose)?.catch(() => {});
    this.place?.freshen();
  }
  paint(touches, state) { this.tell("onInk", { ...pose(touches), touches, state, ...this.ink?.draw(touches, state) }); }
  tell(name, ...what) { this.options[name]?.(...what); }
}

window.StampPad = Object.assign(StampPad, { PressDetector });
