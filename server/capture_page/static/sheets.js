// Sheets that few people see, fetched when they are opened: six digits from the staff's screen in place of a press, the
// code that brings the cards to this phone, and why a page over plain http takes no stamps; and what a sheet does that
// waits for the shop. `texts` comes before it.
export const insecure = ({ open, told, row, button }) =>
  open([told("insecure"), row(button("insecure_open", () => (location.protocol = "https:")))]);

// The handler returns nothing: a handler that returns false takes the key away from the field.
const field = (page, name, send, more) => page.make("input", {
  autocomplete: "off", ariaLabel: page.say(name + "_title"), onkeydown: ({ key }) => { if (key === "Enter") send(); },
  ...more,
});

export function staff(page) {
  const { make, button, say, line, row, open, told, go, idle } = page;
  const problem = line("", "ink");
  const send = () => {
    const digits = input.value.replace(/\D/g, "");
    if (digits.length === 6) page.send(digits);
    else problem.textContent = say("staff_bad");
  };
  const input = field(page, "staff", send, { inputMode: "numeric", maxLength: 9, placeholder: "000000" });
  open([told("staff"), input, problem, row(button("cancel", () => go(idle)), button("take", send, "main")),
    make("p", {}, button("have_cards", () => go(() => cards(page)), "soft"))], "top");
  input.focus();
}

function cards(page) {
  const { pad, button, say, line, row, open, told, go, idle, wallet } = page;
  const problem = line("", "ink");
  const send = () =>
    pad.recover(input.value).then(() => go(wallet), (error) => (problem.textContent = say(error.retryable ? "offline" : "code_bad")));
  const input = field(page, "code", send, { placeholder: "XXXX-XXXX-XXXX-XXXX" });
  open([told("code"), input, problem, row(button("cancel", () => go(idle)), button("bring", send))], "top");
  input.focus();
}

// A press is held: ask what the shop has decided, as long as the sheet that says so is seen, for a quarter of an hour.
const EVERY_MS = 3000, AT_MOST_MS = 900000;
let waits = 0;
export async function held({ id, seen, pad }) {
  const end = Date.now() + AT_MOST_MS, wait = ++waits; // the sheet may be drawn anew: the last one asks
  const on = () => seen() && wait === waits;
  while (on() && Date.now() < end) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    const press = !document.hidden && on() && await pad.session.ask("v1/presses/" + id).catch(() => null);
    if (!press || press.verdict === "held" || !on()) continue;
    return pad.finish(press);
  }
}
