/** One message as a bubble: its sender, what it answers, media, words, time, and buttons under it. */
import { avatar, button, el, icon, iconButton, tell } from "./dom.js";
import { copy, formatted } from "./entities.js";
import { inlineKeyboard } from "./keyboard.js";
import { album, attachment, kindOf, kindWord } from "./media.js";
import { rich } from "./rich.js";
import { clock, word } from "./words.js";
import { nameOf, sender, world } from "./world.js";

const SERVICE = {
  new_chat_members: (m) => word("joined", { name: m.new_chat_members.map(nameOf).join(", ") }),
  left_chat_member: (m) => word("left", { name: nameOf(m.left_chat_member) }),
  forum_topic_created: (m) => word("topic", { name: m.forum_topic_created.name }),
  supergroup_chat_created: () => word("founded"),
  group_chat_created: () => word("founded"),
  new_chat_title: (m) => word("titled", { name: m.new_chat_title }),
  pinned_message: () => word("pinned"),
  successful_payment: (m) => word("paid", { amount: m.successful_payment.total_amount }),
  refunded_payment: (m) => word("refunded", { amount: m.refunded_payment.total_amount }),
  migrate_to_chat_id: () => word("migrated"),
  migrate_from_chat_id: () => word("migrated"),
};

/** The sentence of a service message, or null for an ordinary one. */
function serviceWords(message) {
  const kind = Object.keys(SERVICE).find((name) => name in message);
  if (kind) return SERVICE[kind](message);
  return message.text === undefined && !kindOf(message) && !message.rich_message ? word("service") : null;
}

/** All letters of a rich message's blocks, for the list of chats and for quotes. */
function richLetters(part) {
  if (typeof part === "string") return part;
  if (Array.isArray(part)) return part.map(richLetters).join(" ");
  if (!part || typeof part !== "object") return "";
  return richLetters([part.summary, part.text, part.expression, part.blocks, part.items, part.cells].filter(Boolean));
}

/** A message in one line of plain text. */
export function summary(message) {
  const service = serviceWords(message);
  if (service) return service;
  const words = message.text ?? message.caption ?? richLetters(message.rich_message?.blocks ?? "");
  return [kindWord(message), words].filter(Boolean).join(": ").replace(/\s+/g, " ").slice(0, 160);
}

/** Whether the message stands as a line in the middle instead of a bubble. */
export const isService = (message) => serviceWords(message) !== null;

function quote(message) {
  const old = message.reply_to_message;
  if (!old || old.forum_topic_created) return null; // in a topic every message "answers" the topic's header
  const known = world.messages.get(message.chat.id)?.get(old.message_id) ?? old;
  const words = message.quote?.text ?? summary(known);
  const show = () => tell("show-message", old.message_id);
  return button("quote", show, el("b", {}, sender(known)), el("span", {}, words));
}

/** Whose words these were before somebody passed them on. */
function forwarded(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const { sender_user: user, sender_user_name: hidden, sender_chat: group, chat } = origin;
  const name = user ? nameOf(user) : hidden ?? (group ?? chat)?.title ?? "";
  return el("div", { class: "forwarded" }, word("forwardedFrom", { name }));
}

function meta(message) {
  const time = el("time", {}, clock(message.date));
  const reactions = (message.reaction ?? []).map((one) => one.emoji ?? "").join("");
  const changed = message.edit_date && message.from?.id !== world.bot.id;
  return el("span", { class: "meta" }, reactions, changed && word("edited"), time);
}

/** The words of a message or caption; a draft's also serve here. */
export function wordsOf(message) {
  if (message.rich_message) return rich(message.rich_message);
  const text = message.text ?? message.caption;
  if (!text) return null;
  return el("div", { class: "text", dir: "auto" }, ...formatted(text, message.entities ?? message.caption_entities));
}

/** What can be done with a message; the history's keys r, e and c do the same. */
function deeds(message, own, messages) {
  const quiet = { tabindex: -1 };
  const text = message.text ?? message.caption ?? summary(message);
  return el("div", { class: "deeds" },
    iconButton("reply", word("reply"), () => tell("reply", message), quiet),
    own && message.text !== undefined ? iconButton("edit", word("edit"), () => tell("edit", message), quiet) : null,
    iconButton("forward", word("forward"), () => tell("forward", messages), quiet),
    iconButton("copy", word("copy"), () => copy(text), quiet));
}

/** Give a bubble its newer words; buttons that stayed the same stay where they are, so that a press on them holds. */
export function renew(old, fresh) {
  for (const part of [".bubble", ".deeds", ".keys"]) {
    const [before, after] = [old.querySelector(part), fresh.querySelector(part)];
    if (before && after && (part !== ".keys" || !before.isEqualNode(after))) before.replaceWith(after);
    else if (before && !after) before.remove();
    else if (after && !before) old.querySelector(".stack").append(after);
  }
}

/** The article of a message, or of an album when there are several; `own` puts it on the right. */
export function bubble(messages, { own, named }) {
  const first = messages[0];
  if (isService(first)) return el("div", { class: "service", "data-id": first.message_id }, serviceWords(first));
  const captioned = messages.find((message) => message.caption) ?? first;
  const media = messages.map(attachment).filter(Boolean);
  const shown = messages.length > 1 && (first.photo ?? first.video) ? [album(media)] : media;
  const name = named && !own && el("div", { class: "who" }, sender(first));
  const parts = [forwarded(first), quote(first), ...shown, wordsOf(captioned), meta(first)];
  const body = el("div", { class: `bubble of-${kindOf(first) ?? "words"}` }, name, ...parts);
  const face = named && !own && avatar(first.from?.id ?? 0, sender(first));
  return el("article", { class: `message ${own ? "own" : "theirs"}`, "data-id": first.message_id, tabindex: -1,
    "aria-label": `${sender(first)}, ${clock(first.date)}` },
    face, el("div", { class: "stack" }, body, inlineKeyboard(first)), deeds(captioned, own, messages));
}

/** A draft: the answer as far as it has grown, with a caret, and Stop where the bot can be stopped. */
export function draftBubble(draft, onstop) {
  const grown = wordsOf(draft);
  const words = grown ?? el("div", { class: "text shimmer" }, word("thinking"));
  const end = grown?.lastElementChild?.tagName === "P" ? grown.lastElementChild : grown;
  end?.append(el("span", { class: "caret" }));
  const stop = draft.can_stop && el("div", { class: "keys" }, el("div", { class: "row" },
    el("button", { type: "button", class: "key stop", disabled: draft.stopped, onclick: onstop }, icon("stop"),
      el("span", {}, word(draft.stopped ? "stopped" : "stop")))));
  return el("article", { class: "message theirs draft", "data-draft": draft.draft_id, "aria-live": "off" },
    el("div", { class: "stack" }, el("div", { class: "bubble" }, words), stop));
}
