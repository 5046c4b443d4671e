// The page around the pad: its words, and the sheet with card, coupon and code.
const { key, sheets } = document.currentScript.dataset;
const shop = /[?&]shop=(\w+)/.exec(location.search)?.[1]; // from the QR code on the counter
const $ = (id) => document.getElementById(id);
const TEXTS = JSON.parse($("texts").textContent), language = document.documentElement.lang;
const { body } = document, sheet = $("sheet"), hint = $("hint"), mine = $("mine"), foot = $("code");
const COUNTED = 700; // ms in which the ink is seen turning solid before the sheet comes
let pad, using, show, asking, turn = 0;

const say = (name, values) => TEXTS[name].replace(/\{(\w+)\}/g, (_, word) => values[word]);
const tr = (text) => text?.[language] || "";
function make(name, more, ...children) {
  const made = Object.assign(document.createElement(name), more);
  made.append(...children.filter(Boolean));
  return made;
}
const line = (textContent, className = "") => make("p", { textContent, className });
const title = (textContent) => make("h2", { textContent });
const told = (name) => [title(say(name + "_title")), line(say(name + "_why"), "soft")];
const button = (name, onclick, className = "") => make("button", { textContent: say(name), onclick, className });
const row = (...buttons) => make("div", { className: "row" }, ...buttons);
const closeRow = () => row(button("close", done));

// ---- what is seen: the pad with its words, or a sheet over it

function state(name, large = "", small = "") {
  body.dataset.state = name;
  if (name !== "idle") hint.textContent = "";
  const [first, second] = $("say").children;
  first.textContent = small;
  second.textContent = large;
}
function go(view) {
  sheet.className = "";
  sheet.inert = true;
  show = view;
  view();
}
function open(children, className = "") {
  sheet.replaceChildren(...children.flat().filter(Boolean));
  sheet.className = "open " + className;
  sheet.inert = false;
  // What must scroll or take typing cannot take stamps.
  sheet.toggleAttribute("data-stamp-off", sheet.scrollHeight > sheet.clientHeight + 1 || !!sheet.querySelector("input"));
}
function idle() {
  if (using) state("idle", say("use_press"), tr(using.reward));
  else state("idle", say("press"), say("hold"));
  foot.textContent = say(using ? "cancel" : "have_code");
  foot.onclick = () => (using ? use(null) : go(enterCode));
  asking?.();
}
const checking = () => (state("pending", say("checking")), asking?.());
function done() {
  pad.clear();
  go(idle);
  offerCode();
}
function use(coupon) {
  using = coupon;
  pad.clear();
  pad.redeem(coupon?.id);
  go(idle);
}

// ---- cards and coupons

function card({ program, shop, stamps }, fresh) {
  // A full card starts anew at once; the last stamp is still to be seen.
  const total = program.stamps_required, filled = (fresh && !stamps ? total : stamps), left = total - filled;
  const marks = make("ol");
  for (let k = 1; k <= total; k++) {
    const mark = make("li", { textContent: k > filled ? k : "" });
    if (k <= filled) {
      mark.className = fresh && k === filled ? "on new" : "on";
      mark.innerHTML = '<svg><use href="#mark"/></svg>';
      mark.style.rotate = ((k * 67) % 72) - 36 + "deg";
    }
    marks.append(mark);
  }
  const count = make("b", { textContent: filled + " / " + total });
  return make("article", {},
    make("header", {}, make("span", { textContent: shop?.name || tr(program.name) }), count), marks,
    left > 0 && line(say("left", { n: left, reward: tr(program.reward) }), "soft"));
}
function ticket({ shop, reward, status, expires_at }) {
  // It expires at the end of its last day.
  const date = expires_at && new Date(Date.parse(expires_at) - 1).toLocaleDateString(language, { month: "long", day: "numeric" });
  const facts = [shop?.name || say("coupon"), date && say("until", { date })].filter(Boolean).join(" · ");
  return make("article", { className: status === "issued" ? "ticket" : "ticket used" },
    make("small", { textContent: facts }), make("b", { textContent: tr(reward) }));
}
const live = (coupons) => coupons.filter((coupon) => coupon.status === "issued");
const useButton = (coupon) => button("use", () => use(coupon), "main");

function answered({ id, verdict, text, shop, card: got, coupons }) {
  state(verdict);
  if (verdict !== "accepted") {
    // Who did not tell the place is asked once more before the next press.
    const retry = () => (done(), pad.place.error === "denied" && pad.place.start());
    const held = verdict === "held";
    if (held) fetched("held", id);
    return open([title(say(verdict)), line(tr(text)),
      row(!held && button("have_code", () => go(enterCode)), button(held ? "close" : "again", retry))]);
  }
  const [coupon] = live(coupons);
  const end = coupon ? [line(say("use_how"), "soft"), row(button("later", done), useButton(coupon))] : closeRow();
  open([title(tr(text)), !got && shop && line(shop.name, "soft"), got && card(got, true), coupons.map(ticket), end]);
}
async function wallet() {
  try {
    const [cards, all] = await Promise.all([pad.cards(), pad.coupons()]);
    const coupons = live(all).flatMap((coupon) => [ticket(coupon), row(useButton(coupon))]);
    mine.hidden = !cards.length && !coupons.length;
    open([title(say("mine")), coupons, cards.map((one) => card(one)), !cards.length && line(say("none"), "soft"), closeRow()]);
  } catch {
    open([line(say("offline")), closeRow()]);
  }
}

// ---- codes: the one that brings the cards to another phone, and those that are typed here

async function offerCode() {
  const code = await pad.recoveryCode();
  if (!code || mine.hidden || show !== idle) return;
  go(() => {
    const copy = button("copy", () => navigator.clipboard.writeText(code).then(() => (copy.textContent = say("copied"))));
    open([told("save"), make("output", { textContent: code }),
      row(copy, button("saved", () => (pad.recoveryCodeSaved(), go(idle))))]);
  });
}
// The sheets that few people see are a script of their own.
const enterCode = () => fetched("staff");
const fetched = (name, id, view = show) => import(new URL(sheets, location)).then((all) => {
  Object.assign(TEXTS, all.texts[language]);
  const send = (digits) => (turn++, go(checking), pad.staffCode(digits, shop)), seen = () => show === view;
  if (seen()) all[name]({ id, seen, pad, make, say, line, row, button, told, open, go, idle, wallet, send });
}, () => id || open([line(say("offline")), closeRow()]));

// ---- the reason first, the browser's own question after it

const askLocation = () => new Promise((answer) => {
  const choose = (yes) => () => {
    const pressed = body.dataset.state === "pending";
    asking = null;
    go(pressed ? checking : idle);
    answer(yes);
  };
  asking = () => open([told("place"), row(button("later", choose(false)), button("place_ok", choose(true), "main"))]);
  go(show);
});

// ---- start

if (StampPad.obstacle) {
  state("obstacle");
  fetched("insecure");
} else {
  show = idle;
  pad = new StampPad($("pad"), {
    key, language, askLocation,
    // Advice stays until the next press, not only until the stamp is lifted.
    onHint: (_, words) => words && (hint.textContent = words),
    onVoid: () => go(show),
    onInk: ({ state: ink }) => {
      body.dataset.state = ink;
      if (ink === "pending") turn++, go(checking);
    },
    onWait: () => go(() => (state("pending", say("waiting"), say("waiting_more")), asking?.())),
    onResult: (result) => {
      const { verdict, code, card: got, coupons } = result, at = turn;
      if (got || coupons.length) mine.hidden = false;
      if (code === "redeemed") using = null;
      setTimeout(() => at === turn && go(() => answered(result)), verdict === "accepted" ? COUNTED : 250);
    },
  });
  mine.onclick = () => go(wallet);
  if (shop) $("lang").search += "&shop=" + shop;
  idle();
  pad.cards().then((cards) => (mine.hidden = !cards.length), () => {});
}
