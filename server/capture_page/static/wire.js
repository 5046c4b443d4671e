// Requests in JSON. What failed says whether asking again makes sense.
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

class StampError extends Error {
  constructor(code, status, problem) {
    super(problem?.detail || code);
    Object.assign(this, { code, status, problem });
  }
  // Nothing was decided: the same request may be sent again.
  get retryable() { return !this.status || this.status >= 500 || this.status === 408; }
}

async function request(url, headers, body) {
  const answer = await fetch(url, {
    method: body ? "POST" : "GET", signal: AbortSignal.timeout?.(10000),
    headers: { "Content-Type": "application/json", ...headers }, body: body && JSON.stringify(body),
  }).catch(() => { throw new StampError("no_connection"); });
  const data = await answer.json().catch(() => ({}));
  if (answer.ok) return data;
  throw new StampError(data.code || "failed", answer.status, data);
}
