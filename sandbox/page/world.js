/** What the page knows of the world: people, chats, messages, drafts, and what is read. */
import { word } from "./words.js";
import { worldToken } from "./server.js";

const ACTION_SECONDS = 5; // a chat action lasts so long: https://core.telegram.org/bots/api#sendchataction

export const world = {
  bot: {}, users: new Map(), chats: new Map(), messages: new Map(), drafts: [], actions: [], commands: [],
};

/** Take over a fresh state from the sandbox. */
export function load(state) {
  world.bot = state.bot;
  world.users = new Map(state.users.map((user) => [user.id, user]));
  world.chats = new Map(state.chats.map((chat) => [chat.id, chat]));
  world.drafts = state.drafts ?? [];
  world.commands = state.commands ?? [];
  world.messages = new Map();
  for (const list of Object.values(state.messages)) for (const message of list) put(message);
}

/** Add a message, or put its new text in the old one's place. */
export function put(message) {
  if (!world.messages.has(message.chat.id)) world.messages.set(message.chat.id, new Map());
  world.messages.get(message.chat.id).set(message.message_id, message);
}

export function remove(chatId, messageIds) {
  for (const id of messageIds) world.messages.get(chatId)?.delete(id);
}

export const nameOf = (user) => [user?.first_name, user?.last_name].filter(Boolean).join(" ");
export const sender = (message) => message.sender_chat?.title ?? nameOf(message.from);
const people = () => [...world.users.values()].filter((user) => !user.is_bot);

/** One line of the list of chats: a private chat, a group, or one topic of it (thread 0: what is in no topic). */
function conversation(chat, thread, name) {
  return { key: thread ? `${chat.id}/${thread}` : `${chat.id}`, chat, thread, name, private: chat.type === "private" };
}

/** The conversations of a chat: itself, or its topics. */
function within(chat) {
  const title = chat.title ?? nameOf(chat);
  if (!chat.topics?.length) return [conversation(chat, 0, title)];
  const rest = conversation(chat, 0, chat.type === "private" ? title : word("general"));
  return [rest, ...chat.topics.map((topic) => conversation(chat, topic.message_thread_id, topic.name))];
}

/** All conversations: people first, then admins, then groups. */
export function conversations() {
  const rank = (chat) => (chat.type !== "private" ? 2 : world.users.get(chat.id)?.is_owner ? 1 : 0);
  return [...world.chats.values()].sort((one, other) => rank(one) - rank(other)).flatMap(within);
}

const isHere = (place, { chat, thread }) => place.chat_id === chat.id && (place.message_thread_id ?? 0) === thread;

/** Whether a message belongs to a conversation; a reply in a plain group has a thread id but no topic. */
export function belongs(message, { chat, thread }) {
  const inTopic = chat.topics?.length ? message.message_thread_id ?? 0 : 0;
  return message.chat.id === chat.id && inTopic === thread;
}

export function messagesOf(place) {
  const all = [...(world.messages.get(place.chat.id)?.values() ?? [])];
  return all.filter((message) => belongs(message, place)).sort((one, other) => one.message_id - other.message_id);
}

export const draftsOf = (place) => world.drafts.filter((draft) => isHere(draft, place));

/** Keep a draft's newest text; a draft is known by its chat and its own id. */
export function putDraft(draft) {
  const old = world.drafts.find((other) => other.draft_id === draft.draft_id && other.chat_id === draft.chat_id);
  if (old) Object.assign(old, { text: "", entities: [], rich_message: undefined }, draft);
  else world.drafts.push(draft);
  return old ?? draft;
}

export function dropDrafts(gone) {
  world.drafts = world.drafts.filter((draft) => !gone(draft));
}

/** Remember that the bot is busy here; returns after how many milliseconds it is no longer true. */
export function putAction(action) {
  world.actions.push({ ...action, until: Date.now() + ACTION_SECONDS * 1000 });
  return ACTION_SECONDS * 1000 + 50;
}

/** A message of the bot ends its "typing". */
export function endActions(message) {
  world.actions = world.actions.filter((action) => action.chat_id !== message.chat.id);
}

/** What the bot is doing in this conversation now, or undefined. */
export function actionOf(place) {
  world.actions = world.actions.filter((action) => action.until > Date.now());
  return world.actions.find((action) => isHere(action, place))?.action;
}

const slot = (kind, key) => `${kind}:${worldToken()}:${key}`;

/** As whom one writes in a conversation: its owner in private, else the person last chosen. */
export function writer({ chat, private: own }) {
  if (own) return world.users.get(chat.id);
  const members = writers(chat);
  const chosen = Number(localStorage.getItem(slot("writer", chat.id)));
  return members.find((user) => user.id === chosen) ?? members.find((user) => !user.is_owner) ?? members[0];
}

export const writers = (chat) => people().filter((user) => chat.members?.includes(user.id));
export const chooseWriter = (chat, userId) => localStorage.setItem(slot("writer", chat.id), userId);

export function markRead(place) {
  localStorage.setItem(slot("read", place.key), messagesOf(place).at(-1)?.message_id ?? 0);
}

/** How many messages of others came since one last looked. */
export function unread(place) {
  const read = Number(localStorage.getItem(slot("read", place.key)));
  const me = writer(place)?.id;
  const founding = (message) => message.forum_topic_created || message.supergroup_chat_created;
  return messagesOf(place).filter((one) => one.message_id > read && one.from?.id !== me && !founding(one)).length;
}

/** The commands for this person here, narrowest scope first: https://core.telegram.org/bots/api#botcommandscope */
export function commandsFor(place) {
  const user = writer(place);
  const admin = ["creator", "administrator"].includes(place.chat.statuses?.[user?.id]);
  const here = (scope) => scope.chat_id === place.chat.id;
  const order = place.private
    ? [["chat", here], ["all_private_chats"], ["default"]]
    : [["chat_member", (scope) => here(scope) && scope.user_id === user?.id], admin && ["chat_administrators", here],
       ["chat", here], admin && ["all_chat_administrators"], ["all_group_chats"], ["default"]].filter(Boolean);
  for (const [type, fits = () => true] of order) {
    const set = world.commands.filter(({ scope }) => (scope?.type ?? "default") === type && fits(scope));
    const found = set.find((one) => one.language_code === user?.language_code) ?? set.find((one) => !one.language_code);
    if (found) return found.commands;
  }
  return [];
}

/** The reply keyboard that is up here: the newest one sent and not taken away since. */
export function replyKeyboard(place) {
  const marks = messagesOf(place).map((message) => message.reply_markup ?? {});
  const last = marks.findLast((mark) => mark.keyboard || mark.remove_keyboard);
  return last?.keyboard ? last : null;
}
