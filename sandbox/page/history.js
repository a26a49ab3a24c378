/** The messages of the open conversation: they grow at the end, and stay in view unless one has scrolled up. */
import { ask } from "./server.js";
import { bubble, draftBubble, isService, renew } from "./bubble.js";
import { button, byId, el, tell } from "./dom.js";
import { day, sameDay, word } from "./words.js";
import { draftsOf, markRead, messagesOf, world, writer } from "./world.js";

const PAGE = 150; // as many messages are drawn at once; earlier ones when one scrolls up to them
const CLOSE = 60; // pixels from the end that still count as being there
const RUN_SECONDS = 300; // messages of one sender within this time stand together, with one name

const box = byId("history");
const list = byId("messages");
const growing = el("div", { id: "drafts" });
let place = null;
let drawn = PAGE;
let atEnd = true;
let missed = 0;
let lastTop = 0;

/** Messages of one album are one bubble. */
function bubbles(messages) {
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    const album = message.media_group_id && last?.[0].media_group_id === message.media_group_id;
    if (album) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

/** The nodes of one bubble: the day before it where a new one begins, and itself. */
function nodesOf(group, before) {
  const [first] = group;
  const own = first.from?.id === writer(place)?.id;
  const newDay = !before || !sameDay(before.date, first.date);
  const close = before && before.from?.id === first.from?.id && first.date - before.date < RUN_SECONDS;
  const follows = close && !newDay && !isService(before);
  const node = bubble(group, { own, named: !place.private && !follows });
  if (follows) node.classList.add("follows");
  if (!place.private && !isService(first)) node.classList.add("grouped");
  return newDay ? [el("div", { class: "service" }, day(first.date)), node] : [node];
}

function emptyWords() {
  const words = el("p", {}, word(place.private ? "emptyPrivate" : "empty"));
  const start = place.private && button("start", () => tell("say", "/start"), word("start"));
  return el("div", { class: "empty" }, words, start);
}

/** Draw the open conversation anew; what one was reading stays where it is. */
export function draw(next = place) {
  place = next;
  if (!place) return;
  const fromEnd = box.scrollHeight - box.scrollTop;
  const groups = bubbles(messagesOf(place));
  const from = Math.max(0, groups.length - drawn);
  const nodes = groups.slice(from).flatMap((group, index) => nodesOf(group, groups[from + index - 1]?.at(-1)));
  list.replaceChildren(...(nodes.length ? nodes : [emptyWords()]), growing);
  drawDrafts();
  if (atEnd) toEnd();
  else box.scrollTop = box.scrollHeight - fromEnd;
}

/** Show a conversation from its end. */
export function open(next) {
  place = next;
  growing.replaceChildren();
  [drawn, atEnd, missed] = [PAGE, true, 0];
  list.classList.add("still");
  draw();
  requestAnimationFrame(() => list.classList.remove("still"));
  look();
}

function stop(draft) {
  draft.stopped = true;
  drawDrafts();
  ask("stop_draft", { user_id: draft.user_id ?? draft.chat_id, chat_id: draft.chat_id, draft_id: draft.draft_id })
    .catch((error) => tell("toast", error.message));
}

/** Draw the growing answers; a finished message takes their place in the same frame. */
export function drawDrafts() {
  const drafts = place ? draftsOf(place) : [];
  const gone = (node) => !drafts.some((draft) => node.dataset.draft === String(draft.draft_id));
  for (const node of [...growing.children].filter(gone)) node.remove();
  for (const draft of drafts) {
    const fresh = draftBubble(draft, () => stop(draft));
    const old = growing.querySelector(`[data-draft="${draft.draft_id}"]`);
    if (old) renew(old, fresh);
    else growing.append(fresh);
  }
  if (atEnd) toEnd();
}

/** A message was added at the end; `fresh` false when it takes the place of its draft, so that nothing moves. */
export function added(message, fresh) {
  const groups = bubbles(messagesOf(place));
  const [before, last] = [groups.at(-2)?.at(-1), groups.at(-1)];
  if (last.length > 1 || last[0] !== message || !before) return draw();
  const nodes = nodesOf(last, before);
  if (fresh) nodes.at(-1).classList.add("fresh");
  growing.before(...nodes);
  const own = message.from?.id === writer(place)?.id;
  if (own) atEnd = true;
  if (!atEnd && !own) missed += 1;
  drawDrafts();
  return look();
}

/** A message has other words now. */
export function edited(message) {
  const old = list.querySelector(`[data-id="${message.message_id}"]`);
  if (!old || message.media_group_id) return draw();
  const follows = old.classList.contains("follows");
  const node = nodesOf([message], { ...message, from: follows ? message.from : null }).at(-1);
  if (old.matches("article") && node.matches("article")) renew(old, node);
  else old.replaceWith(node);
  if (atEnd) toEnd();
  return undefined;
}

function toEnd() {
  box.scrollTop = box.scrollHeight;
}

/** Keep the ↓ button and what counts as read in step with where one looks. */
function look() {
  if (atEnd) missed = 0;
  byId("down").hidden = atEnd;
  byId("down").querySelector("b").textContent = missed || "";
  if (place && atEnd && document.visibilityState === "visible") {
    markRead(place);
    tell("read");
  }
}

/** Scroll to a message and light it up for a moment. */
function show(messageId) {
  const node = list.querySelector(`[data-id="${messageId}"]`);
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.classList.remove("lit");
  void node.offsetWidth; // restarts the animation
  node.classList.add("lit");
}

/** The message object behind a node of the list. */
function messageAt(node) {
  const id = Number(node.closest("article[data-id]")?.dataset.id);
  return world.messages.get(place.chat.id)?.get(id);
}

/** Arrows walk over the messages; r, e and c do what a message's own buttons do. */
function keys(event) {
  if (event.target !== box && !event.target.matches("article")) return;
  const all = [...list.querySelectorAll("article[data-id]")];
  const at = all.indexOf(event.target);
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step) {
    event.preventDefault();
    (at < 0 ? all.at(-1) : all[at + step])?.focus();
  }
  const deed = { r: 0, e: 1, c: -1, Enter: 0 }[event.key];
  const buttons = [...(all[at]?.querySelectorAll(".deeds button") ?? [])];
  if (deed === undefined || event.ctrlKey || event.metaKey || (deed === 1 && buttons.length < 4)) return;
  event.preventDefault();
  buttons.at(deed)?.click();
}

/** Listen to scrolling, keys and pointers; called once. */
export function begin() {
  box.addEventListener("scroll", () => {
    const rose = box.scrollTop < lastTop; // whoever goes up, however little, wants to stay there
    lastTop = box.scrollTop;
    atEnd = box.scrollHeight - lastTop - box.clientHeight < (rose ? 2 : CLOSE);
    look();
    if (box.scrollTop === 0 && place && messagesOf(place).length > drawn) {
      drawn += PAGE;
      draw();
    }
  });
  new ResizeObserver(() => atEnd && toEnd()).observe(list);
  new ResizeObserver(() => atEnd && toEnd()).observe(box);
  box.addEventListener("keydown", keys);
  box.addEventListener("dblclick", (event) => {
    const message = !event.target.closest("button, a, pre, code, input") && messageAt(event.target);
    if (!message) return;
    getSelection().removeAllRanges();
    tell("reply", message);
  });
  byId("down").addEventListener("click", () => box.scrollTo({ top: box.scrollHeight, behavior: "smooth" }));
  document.addEventListener("show-message", ({ detail }) => show(detail));
  document.addEventListener("visibilitychange", look);
}
