/** The people's side of the sandbox over HTTP: the only file that knows its addresses. */

const asked = new URLSearchParams(location.search).get("world");
let token = asked;

export const worldToken = () => token;
export const fileUrl = (fileId) => `/world/${token}/file/${encodeURIComponent(fileId)}`;

/** Take the world of the address, else the demo's, else the first; false when there is none. */
export async function chooseWorld() {
  if (asked) return true;
  const { worlds } = await (await fetch("/world")).json();
  token = (worlds.find((world) => world.demo) ?? worlds[0])?.token;
  return Boolean(token);
}

/** Ask the world; throws an Error with the sandbox's own sentence when it refuses. */
export async function ask(path, body) {
  const headers = { "Content-Type": "application/json" };
  const options = body && { method: "POST", headers, body: JSON.stringify(body) };
  const answer = await fetch(`/world/${token}/${path}`, options);
  const result = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(result.error ?? `HTTP ${answer.status}`);
  return result;
}

/** The text the owner of this world wants shown, or null. */
export async function notice() {
  const answer = await fetch(`/world/${token}/notice`);
  return answer.ok ? answer.json() : null;
}

/** Call `onEvent` for each event after number `after`, once and in order; `onLost` when the line breaks. */
export function listen(after, onEvent, onLost) {
  const source = new EventSource(`/world/${token}/events?after=${after}`);
  let seen = after;
  source.onmessage = ({ data, lastEventId }) => {
    if (Number(lastEventId) <= seen) return;
    seen = Number(lastEventId);
    onEvent(JSON.parse(data));
  };
  source.onerror = () => {
    source.close();
    onLost();
  };
}
