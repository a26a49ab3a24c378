/** The list of chats on the left, and the head of the open one. */
import { isService, summary } from "./bubble.js";
import { avatar, byId, el, iconButton, settle, tell } from "./dom.js";
import { clock, day, knows, sameDay, word } from "./words.js";
import { actionOf, conversations, draftsOf, messagesOf, nameOf, sender, unread, world, writer } from "./world.js";

/** What the bot does here in words, or "". */
function busy(place) {
  const action = actionOf(place);
  if (action) return word(knows(action) ? action : "typing");
  return draftsOf(place).length ? word("typing") : "";
}

/** The last message in a line, with who wrote it. */
function lastLine(place, last) {
  const doing = busy(place);
  if (doing) return el("span", { class: "line doing" }, doing);
  if (!last) return el("span", { class: "line" }, word("empty"));
  if (isService(last)) return el("span", { class: "line" }, summary(last));
  const who = last.from?.id === writer(place)?.id ? word("you") : place.private ? "" : sender(last);
  return el("span", { class: "line" }, who && el("b", {}, `${who}: `), summary(last));
}

function when(last) {
  if (!last) return "";
  return sameDay(last.date, Date.now() / 1000) ? clock(last.date) : day(last.date);
}

/** "admin" or "private chat" under a person, "#" before a topic. */
function role(place) {
  if (!place.private) return "";
  return word(world.users.get(place.chat.id)?.is_owner ? "admin" : "private");
}

function row(place, openKey) {
  const last = messagesOf(place).at(-1);
  const count = unread(place);
  const topic = Boolean(place.chat.topics?.length) && !place.private;
  const hash = el("span", { class: "avatar hash", "aria-hidden": "true" }, "#");
  const face = topic ? hash : avatar(place.chat.id, place.name);
  const aloud = el("span", { class: "aside" }, `${word("unread")}: `);
  const badge = count && place.key !== openKey && el("span", { class: "count" }, aloud, `${count}`);
  const title = [el("b", {}, place.name), el("small", { class: "role" }, role(place)), el("time", {}, when(last))];
  return el("button", { type: "button", class: `row-chat ${topic ? "topic" : ""}`, "data-key": place.key,
    "aria-current": place.key === openKey ? "true" : null, onclick: () => tell("open", place.key) },
    face, el("span", { class: "top" }, ...title), el("span", { class: "bottom" }, lastLine(place, last), badge));
}

/** Draw the list; a group with topics gets a heading of its own. */
export function drawChats(openKey) {
  const focused = document.activeElement?.dataset?.key;
  const nodes = [];
  for (const place of conversations()) {
    const heads = place.chat.topics?.length && !place.private && !place.thread;
    if (heads) nodes.push(el("h2", {}, avatar(place.chat.id, place.chat.title), place.chat.title));
    nodes.push(row(place, openKey));
  }
  settle(byId("chats"), nodes);
  if (focused) byId("chats").querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
}

/** Who and where, under the name. */
function status(place) {
  const doing = busy(place);
  if (doing) return el("span", { class: "doing" }, doing);
  const members = place.chat.members?.length ?? 0;
  const where = place.private ? `@${world.bot.username}` : `${place.chat.title} · ${word("members", { n: members })}`;
  const role = place.private && world.users.get(place.chat.id)?.is_owner ? ` (${word("admin")})` : "";
  return el("span", {}, `${word("as", { name: nameOf(writer(place)) })}${role} · ${where}`);
}

/** Draw the head: with whom one talks, as whom, and what the other side is doing. */
export function drawHead(place) {
  const title = place.private ? nameOf(world.bot) : place.name;
  const face = place.private ? avatar(world.bot.id, title) : avatar(place.chat.id, place.name);
  settle(byId("head"), [iconButton("back", word("back"), () => tell("open", ""), { class: "round back" }),
    face, el("div", {}, el("h2", {}, title), el("p", { "aria-live": "polite" }, status(place)))]);
}
