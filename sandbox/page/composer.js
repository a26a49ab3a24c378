/** Where one writes: words, what they answer or replace, the bot's keyboard, and who is writing. */
import { showCommands, menuKey, hideCommands } from "./commands.js";
import { summary } from "./bubble.js";
import { avatar, button, byId, el, hear, icon, iconButton, tell } from "./dom.js";
import { canRecord } from "./record.js";
import { ask } from "./server.js";
import { dialogue } from "./toast.js";
import { word } from "./words.js";
import { chooseWriter, conversations, messagesOf, nameOf, replyKeyboard, sender, writer, writers } from "./world.js";

const field = byId("words");
const unsent = new Map(); // what was being written in each conversation
const hasPointer = () => matchMedia("(pointer: fine)").matches; // on a phone focus calls up the keyboard
let place = null;
let about = null; // {kind: "reply" | "edit", message}
let keysHidden = false;

/** The fields every message sent from here has. */
export function envelope() {
  const reply = about?.kind === "reply" ? about.message.message_id : undefined;
  const where = { chat_id: place.chat.id, message_thread_id: place.thread || undefined };
  return { user_id: writer(place).id, ...where, reply_to_message_id: reply };
}

/** Send one message from here; what it answered is then done with. Refusals are said. */
export async function post(fields) {
  const body = { ...envelope(), ...fields };
  setAbout(null);
  return ask("send", body).catch((error) => tell("toast", error.message));
}

/** Ask where to pass messages on to, and do; whoever writes here does it. */
export async function passOn(messages) {
  const me = writer(place);
  const theirs = conversations().filter((one) => (one.private ? one.chat.id === me.id : writers(one.chat).includes(me)));
  const option = (one, at) => el("option", { value: at }, one.thread ? `${one.chat.title}: ${one.name}` : one.name);
  const choice = el("select", { "aria-label": word("forwardTo") }, ...theirs.map(option));
  const body = [el("h2", {}, word("forwardTo")), choice];
  if (!(await dialogue(body, { cancel: true, ok: word("forward") }))) return;
  const { chat, thread } = theirs[Number(choice.value)];
  const numbers = messages.map((message) => message.message_id);
  const from = { user_id: me.id, from_chat_id: messages[0].chat.id, message_ids: numbers };
  await ask("forward", { ...from, chat_id: chat.id, message_thread_id: thread || undefined })
    .catch((error) => tell("toast", error.message));
}

async function submit() {
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  changed();
  if (about?.kind !== "edit") {
    await post({ text });
    return;
  }
  const { message } = about;
  setAbout(null);
  const body = { user_id: message.from.id, chat_id: message.chat.id, message_id: message.message_id, text };
  await ask("edit", body).catch((error) => tell("toast", error.message));
}

/** Begin or end answering or changing a message. */
function setAbout(next) {
  if (about?.kind === "edit" && next?.kind !== "edit") field.value = "";
  about = next;
  const bar = byId("context");
  bar.hidden = !about;
  if (about) {
    const title = about.kind === "edit" ? word("editing") : word("replyTo", { name: sender(about.message) });
    const words = el("div", {}, el("b", {}, title), el("span", {}, summary(about.message)));
    bar.replaceChildren(icon(about.kind), words, iconButton("close", word("cancel"), () => setAbout(null)));
    if (about.kind === "edit") field.value = about.message.text;
    field.focus();
  }
  changed();
}

/** Keep the buttons, the command menu and the field's height in step with what is written. */
function changed() {
  const empty = !field.value.trim();
  byId("send").hidden = empty && canRecord();
  byId("record").hidden = !empty || !canRecord();
  if (!CSS.supports("field-sizing", "content")) {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }
  if (place && /^\/\S*$/.test(field.value)) showCommands(place, field.value.slice(1));
  else hideCommands();
}

/** The bot's keyboard under the field, with the button that folds it away. */
export function drawKeys() {
  const mark = place && replyKeyboard(place);
  byId("keys-toggle").hidden = !mark;
  byId("reply-keys").hidden = !mark || keysHidden;
  byId("keys-toggle").setAttribute("aria-expanded", String(!keysHidden));
  field.placeholder = mark?.input_field_placeholder ?? word("message");
  const press = (text) => {
    keysHidden = Boolean(mark.one_time_keyboard);
    post({ text }).then(drawKeys);
  };
  const key = (about) => button("key", () => press(about.text ?? about), about.text ?? about);
  const rows = (mark?.keyboard ?? []).map((row) => el("div", { class: "row" }, ...row.map(key)));
  byId("reply-keys").replaceChildren(...rows);
}

/** Who is writing: only a group leaves a choice. */
function drawWriter() {
  const label = byId("writer");
  label.hidden = place.private;
  if (place.private) return;
  const me = writer(place);
  const choice = (user) => el("option", { value: user.id, selected: user.id === me?.id }, nameOf(user));
  label.querySelector("select").replaceChildren(...writers(place.chat).map(choice));
  label.firstElementChild.replaceWith(avatar(me?.id ?? 0, nameOf(me)));
}

/** Draw all of it for a conversation; words begun elsewhere are kept there. */
export function openComposer(next) {
  if (place && about?.kind !== "edit") unsent.set(place.key, field.value);
  const moved = place?.key !== next.key;
  place = next;
  if (moved) {
    setAbout(null);
    field.value = unsent.get(place.key) ?? "";
    keysHidden = false;
  }
  drawWriter();
  drawKeys();
  changed();
  if (moved && hasPointer()) field.focus();
}

/** Change one's last message, as the arrow up does in a messenger. */
function editLast() {
  const last = messagesOf(place).findLast((message) => message.from?.id === writer(place).id && message.text);
  if (last) setAbout({ kind: "edit", message: last });
}

function key(event) {
  if (event.isComposing || menuKey(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit();
  } else if (event.key === "ArrowUp" && !field.value && !event.altKey) {
    event.preventDefault();
    editLast();
  } else if (event.key === "Escape" && about) {
    event.stopPropagation();
    setAbout(null);
  }
}

/** A message that asks for an answer is answered next. */
export function forceReply(message) {
  if (message.reply_markup?.force_reply) setAbout({ kind: "reply", message });
}

/** Listen to keys, buttons and the rest of the page; called once. */
export function beginComposer() {
  field.addEventListener("input", changed);
  field.addEventListener("keydown", key);
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    field.focus();
  });
  byId("slash").addEventListener("click", () => {
    field.value = field.value === "/" ? "" : "/";
    field.focus();
    changed();
  });
  byId("keys-toggle").addEventListener("click", () => {
    keysHidden = !keysHidden;
    drawKeys();
  });
  byId("writer").querySelector("select").addEventListener("change", (event) => {
    chooseWriter(place.chat, event.target.value);
    tell("redraw");
  });
  hear("forward", passOn);
  hear("reply", (message) => setAbout({ kind: "reply", message }));
  hear("edit", (message) => setAbout({ kind: "edit", message }));
  hear("say", (text) => {
    post({ text });
    if (hasPointer()) field.focus();
  });
  hear("complete", (text) => {
    field.value = text;
    changed();
  });
}
