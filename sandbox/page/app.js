/** The chat page: load the world, show the open conversation, and follow what happens. */
import { beginAttach } from "./attach.js";
import { drawChats, drawHead } from "./chats.js";
import { beginComposer, drawKeys, forceReply, openComposer } from "./composer.js";
import { byId, hear } from "./dom.js";
import * as history from "./history.js";
import { beginRecord } from "./record.js";
import { ask, chooseWorld, listen, notice } from "./server.js";
import { dialogue, drawNotice, toast } from "./toast.js";
import { currentLanguage, sayAll, switchLanguage, word } from "./words.js";
import * as world from "./world.js";

const PRESS_MS = 10000; // a button stops waiting for its answer after so long
const RETRY_MS = 1500;
const LATE_MS = 400; // a draft that ended waits so long for its message, so that the page does not jump

let place = null;
let told = null; // the notice
let waiting = false; // whether the sides are about to be drawn
const pressed = new Map(); // callback query id → the button that waits for its answer
const answered = new Set(); // ids whose answer came before the press itself was confirmed

const isPhone = () => matchMedia("(max-width: 600px)").matches;

/** Draw the list of chats and the head, once for all that happens within a frame. */
function drawSides() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    drawChats(place?.key);
    if (place) drawHead(place);
  });
}

/** Open the conversation of the address, or the first; on a phone no address means the list. */
function openPlace() {
  const key = decodeURIComponent(location.hash.slice(1));
  const all = world.conversations();
  place = all.find((one) => one.key === key) ?? (isPhone() ? null : all[0]);
  document.body.classList.toggle("in-chat", Boolean(place));
  if (place) {
    openComposer(place);
    history.open(place);
  }
  drawSides();
}

/** Go to a conversation by its key; "" is the list on a phone. */
function go(key) {
  if (location.hash.slice(1) === key) openPlace();
  else location.hash = key;
}

/** The bot's word makes its drafts here needless. */
function onMessage({ message }) {
  world.put(message);
  const here = place && world.belongs(message, place);
  const drafts = here ? world.draftsOf(place).length : 0;
  if (message.from?.id === world.world.bot.id) {
    const thread = message.message_thread_id ?? 0;
    world.dropDrafts((draft) => draft.chat_id === message.chat.id && (draft.message_thread_id ?? 0) === thread);
    world.endActions(message);
  }
  if (here) {
    history.added(message, !drafts);
    forceReply(message);
    drawKeys();
  }
  drawSides();
}

function onDraftEnd({ chat_id: chatId, draft_id: draftId }) {
  const ended = world.world.drafts.find((draft) => draft.chat_id === chatId && draft.draft_id === draftId);
  if (!ended) return;
  ended.ended = true;
  setTimeout(() => {
    world.dropDrafts((draft) => draft === ended && draft.ended);
    history.drawDrafts();
    drawSides();
  }, LATE_MS);
}

function onAnswer({ callback_query_id: id, text, show_alert: alert, url }) {
  pressed.get(id)?.removeAttribute("aria-busy");
  if (!pressed.delete(id)) answered.add(id);
  if (text && alert) dialogue([text]);
  else if (text) toast(text);
  if (url) toast(url);
}

const EVENTS = {
  message: onMessage,
  edit({ message }) {
    world.put(message);
    if (place && world.belongs(message, place)) history.edited(message);
    drawSides();
  },
  delete({ chat_id: chatId, message_ids: ids }) {
    world.remove(chatId, ids);
    history.draw();
    drawSides();
  },
  draft(draft) {
    world.putDraft({ ...draft, ended: false });
    history.drawDrafts();
    drawSides();
  },
  draft_end: onDraftEnd,
  reaction({ chat_id: chatId, message_id: id, reaction }) {
    const message = world.world.messages.get(chatId)?.get(id);
    if (message) EVENTS.edit({ message: { ...message, reaction } });
  },
  action(action) {
    setTimeout(drawSides, world.putAction(action));
    drawSides();
  },
  callback_answer: onAnswer,
  commands: reload,
  world: reload,
};

/** Take the whole state anew, without losing one's place. */
async function reload() {
  world.load(await ask("state"));
  redraw();
}

function redraw() {
  const key = place?.key;
  place = world.conversations().find((one) => one.key === key) ?? null;
  if (!place) return openPlace();
  openComposer(place);
  history.draw(place);
  drawSides();
  return undefined;
}

async function press({ message, id, data, node }) {
  const about = message ?? world.world.messages.get(place.chat.id).get(id);
  const body = { user_id: world.writer(place).id, chat_id: about.chat.id, message_id: about.message_id, data };
  node.setAttribute("aria-busy", "true");
  setTimeout(() => node.removeAttribute("aria-busy"), PRESS_MS);
  try {
    const { callback_query_id: query } = await ask("press", body);
    if (answered.delete(query)) node.removeAttribute("aria-busy");
    else pressed.set(query, node);
  } catch (error) {
    node.removeAttribute("aria-busy");
    toast(error.message);
  }
}

async function pay(message) {
  const { title, total_amount: amount } = message.invoice;
  if (!(await dialogue([word("payAsk", { amount, title })], { cancel: true, ok: word("pay", { amount }) }))) return;
  const body = { user_id: world.writer(place).id, chat_id: message.chat.id, message_id: message.message_id };
  const { status, error } = await ask("pay", body).catch(({ message: why }) => ({ status: "refused", error: why }));
  if (status !== "paid") dialogue([status === "timeout" ? word("payLate") : error]);
}

/** A t.me link to the bot: its private chat with whoever is writing, begun with the link's payload. */
function deepLink(payload) {
  const me = world.writer(place);
  go(`${me.id}`);
  const text = payload ? `/start ${payload}` : "/start";
  ask("send", { user_id: me.id, chat_id: me.id, text }).catch((error) => toast(error.message));
}

/** Alt with the arrows changes the chat; Esc on a phone goes back to the list. */
function keys(event) {
  const step = event.altKey && { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step) {
    event.preventDefault();
    const all = world.conversations();
    const at = all.findIndex((one) => one.key === place?.key);
    go(all[(at + step + all.length) % all.length].key);
  } else if (event.key === "Escape" && isPhone() && !document.querySelector("dialog[open]")) {
    go("");
  }
}

function theme(chosen) {
  if (chosen) localStorage.setItem("theme", chosen);
  document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
}

function begin() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  byId("theme").addEventListener("click", () => {
    theme((document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark" ? "light" : "dark");
  });
  byId("language").addEventListener("click", () => {
    switchLanguage();
    speak();
    redraw();
  });
  history.begin();
  beginComposer();
  beginAttach();
  beginRecord();
  addEventListener("hashchange", openPlace);
  document.addEventListener("keydown", keys);
  hear("open", go);
  hear("read", drawSides);
  hear("redraw", redraw);
  hear("press", press);
  hear("pay", pay);
  hear("deep-link", deepLink);
}

/** Every fixed word in the language of now; its button offers the other one. */
function speak() {
  sayAll();
  byId("language").textContent = currentLanguage() === "ru" ? "English" : "Русский";
  drawNotice(told);
}

/** Load and follow the world; when the sandbox goes away, try until it is back. */
async function follow() {
  try {
    if (!(await chooseWorld())) return lost(word("nobody"));
    const state = await ask("state");
    world.load(state);
    told = await notice();
    speak();
    openPlace();
    document.body.classList.remove("offline");
    return listen(state.event_id, (event) => EVENTS[event.type]?.(event), () => lost());
  } catch {
    return lost();
  }
}

function lost(why = word("offline")) {
  if (!document.body.classList.contains("offline")) toast(why);
  document.body.classList.add("offline");
  setTimeout(follow, RETRY_MS);
}

theme();
sayAll();
begin();
follow();
