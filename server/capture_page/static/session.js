// One device at one server: its key, its challenges, its presses on their way.
const FRESH_MS = 60000; // the server gives a challenge 90 s; the rest is for the way there
const SENTENCES = {
  no_connection: { ko: "인터넷에 연결되지 않았어요. 연결한 뒤 다시 찍어 주세요.", en: "There is no internet connection. Connect, then press again." },
  failed: { ko: "지금은 처리할 수 없어요. 잠시 뒤 다시 찍어 주세요.", en: "This cannot be done right now. Please press again in a moment." },
};
const utf8 = new TextEncoder(), ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
const encoded = (value) => base64url(utf8.encode(JSON.stringify(value)));

class Session {
  constructor(server, key) {
    Object.assign(this, { server, key, spare: {}, filling: {}, system: {}, sending: Promise.resolve() });
    this.describe();
    this.device = this.known().then((device) => device || this.enrol());
    this.device.catch(() => {});
  }

  name(kind) { return [kind, this.server, this.key].join("|"); }
  known() { return store.get(this.name("device")); }

  // Ask again while nothing answers, soon at first; at once when the phone is back online.
  async insist(act, patience = Infinity, onWait) {
    const end = Date.now() + patience;
    for (let pause = 400; ; pause = Math.min(pause * 2, 15000)) {
      try {
        return await act();
      } catch (error) {
        if (!error.retryable || this.closed || Date.now() + pause > end) throw error;
        onWait?.(error);
        await Promise.race([wait(pause), new Promise((done) => addEventListener("online", done, { once: true }))]);
      }
    }
  }

  // A new key pair that cannot be exported, made known to the server. With a recovery code: for the customer it stands for.
  enrol(recovery_code) {
    const make = async () => {
      const known = !recovery_code && (await this.known()); // another tab may have been quicker
      if (known) return known;
      const { publicKey, privateKey } = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
      const public_key = await crypto.subtle.exportKey("jwk", publicKey);
      const body = { algorithm: "ES256", public_key, model: this.system.model, recovery_code };
      const send = () => request(this.server + "v1/devices", { "Stamp-Key": this.key }, body);
      const device = { ...(await this.insist(send, recovery_code ? 0 : Infinity)), key: privateKey };
      await store.put(this.name("device"), device);
      return device;
    };
    return navigator.locks?.request(this.name("enrol"), make) || make();
  }

  async recover(code) {
    const device = await this.enrol(code);
    this.device = Promise.resolve(device);
    this.spare = {};
  }
  async forgetCode() {
    const device = await this.device;
    device.recovery_code = null;
    await store.put(this.name("device"), device);
  }

  // A request as this device. A device that the server no longer knows enrols anew, once.
  async ask(path, body) {
    const { token } = await (this.device = this.device.catch(() => this.enrol()));
    try {
      return await request(this.server + path, { Authorization: "Bearer " + token }, body);
    } catch (error) {
      if (error.status !== 401 || this.renewed) throw error;
      this.renewed = true;
      await store.drop(this.name("device"));
      this.device = this.enrol();
      return this.ask(path, body);
    }
  }

  // A challenge is held ahead of need, so that a press costs one round trip.
  fill(purpose) {
    const held = this.spare[purpose], since = Date.now();
    if (held && since - held.since < FRESH_MS) return null;
    return (this.filling[purpose] ||= this.ask("v1/challenges", { purpose, count: 1 })
      .then(({ challenges }) => (this.spare[purpose] = { ...challenges[0], since }))
      .finally(() => (this.filling[purpose] = null)));
  }
  async challenge(purpose) {
    // The device itself may still be on its way to being known.
    const late = wait(8000).then(() => { throw new StampError("no_connection"); });
    await Promise.race([this.insist(() => this.fill(purpose), 8000), late]);
    const one = this.spare[purpose];
    this.spare[purpose] = null;
    this.fill(purpose).catch(() => {});
    return one || this.challenge(purpose);
  }

  // What the browser tells about the phone, for the server's later checks.
  async describe() {
    const { userAgent, userAgentData } = navigator;
    const more = await userAgentData?.getHighEntropyValues(["model", "platformVersion"]).catch(() => null);
    const os = more ? more.platform + " " + more.platformVersion : /\(([^)]*)/.exec(userAgent)?.[1];
    this.system = { model: more?.model || null, os: os?.trim().slice(0, 60) || null };
  }

  // Sign a press and keep the envelope until it is answered: neither a reload nor a dead line loses it.
  async seal({ touches, frames, quality, source }, { purpose, coupon }, place) {
    const { id, nonce } = await this.challenge(purpose), device = await this.device;
    const brief = (value) => (value == null ? null : Math.round(value * 1e4) / 1e4);
    const payload = {
      v: 1, challenge: id, nonce, purpose, coupon,
      press: {
        touches, quality, source,
        frames: frames.map(({ time_s, contacts }) => ({
          t: brief(time_s - frames[0].time_s),
          contacts: contacts.map((one) => [one.uid, brief(one.x), brief(one.y), brief(one.pressure), brief(one.size)]),
        })),
      },
      screen: {
        width: innerWidth, height: innerHeight, px_per_mm: null, device_pixel_ratio: devicePixelRatio,
        fractional: touches.some(([x, y]) => x % 1 || y % 1),
      },
      device: { model: null, os: null, ...this.system, app: "stamp.js/1" },
      ...place, factors: [], sent_at: new Date().toISOString(),
    };
    const signed = encoded({ alg: "ES256", kid: device.id, typ: "stamp-press+jws" }) + "." + encoded(payload);
    const envelope = signed + "." + base64url(await crypto.subtle.sign(ALGORITHM, device.key, utf8.encode(signed)));
    const record = { name: this.name("press") + "|" + id, envelope, touches, purpose };
    await store.put(record.name, record);
    return record;
  }

  // Presses that an earlier visit to this page left without an answer.
  left() { return store.all(this.name("press")); }

  // One at a time, in order, the same bytes until there is an answer; the server answers the same envelope alike.
  send({ name, envelope, purpose }, onWait) {
    const act = async () => {
      const ask = () => request(this.server + "v1/presses", {}, { envelope });
      const answer = await this.insist(ask, Infinity, onWait).catch((error) => error);
      if (answer.retryable) return null; // closed meanwhile: the next visit sends it
      await store.drop(name);
      return result(answer, purpose);
    };
    return (this.sending = this.sending.then(act, act));
  }
}

// Every end of a press has one shape, whether it was accepted, held, refused, or could not be sent.
function result(answer, purpose) {
  const { problem, code } = answer;
  const said = answer instanceof Error ? { verdict: "refused", ...problem, code } : answer;
  return { shop: null, card: null, coupons: [], receipt: null, text: SENTENCES[code] || SENTENCES.failed, ...said, purpose };
}
