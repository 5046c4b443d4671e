// Where the phone is. Kept fresh while the page is open, so that a press need not wait for a fix.
class Place {
  constructor(askFirst) { this.askFirst = askFirst; }
  renew() { this.known = new Promise((done) => (this.settle = done)); }
  get age() { return Math.max(0, (Date.now() - this.fix.timestamp) / 1000); }

  // Watch the position; before the browser's own question, `askFirst` may give the reason or say no.
  async start() {
    this.renew();
    if (!navigator.geolocation) return this.fail("unavailable");
    const asked = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    if (asked) asked.onchange = () => asked.state === "granted" && this.watch();
    this.asking = !/granted|denied/.test(asked?.state);
    return this.asking && !(await this.askFirst()) ? this.fail("denied") : this.watch();
  }

  watch() {
    this.stop();
    this.watching = navigator.geolocation.watchPosition(
      (fix) => this.settle(Object.assign(this, { fix, asking: false }).fix),
      ({ code }) => this.fail(["denied", "unavailable", "timeout"][code - 1]),
      { enableHighAccuracy: true, maximumAge: 5000, timeout: 20000 });
  }

  fail(error) {
    Object.assign(this, { error, asking: false });
    if (error === "denied") this.fix = null;
    this.settle();
  }

  // A phone that lies still may hear of no new fix; the server takes none that is older than half a minute.
  freshen() { if (this.fix && this.age > 10) this.watch(); }

  // What the envelope says: a fix with its age and its accuracy, the radius of 95 % by the browsers' standard, or why
  // there is none. A press waits for the person's answer to the question, but not for a slow satellite.
  async now() {
    if (this.fix && this.age > 20) {
      this.renew();
      this.watch();
    }
    await Promise.race([this.known, wait(this.asking ? 45000 : this.fix ? 2000 : 6000)]);
    if (!this.fix) return { location: null, location_error: this.error || "timeout" };
    const { latitude: lat, longitude: lon, accuracy: accuracy_m } = this.fix.coords;
    return { location: { lat, lon, accuracy_m, confidence: 0.95, age_s: this.age, mock: null }, location_error: null };
  }

  stop() { navigator.geolocation?.clearWatch(this.watching); }
}
