/** Formatted text: Telegram's entities, whose offsets are UTF-16 units just as in JavaScript, become elements. */
import { button, el, icon, tell } from "./dom.js";
import { word } from "./words.js";
import { world } from "./world.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code",
  marked: "mark", subscript: "sub", superscript: "sup",
};
const BLOCKS = ["PRE-BLOCK", "BLOCKQUOTE"];

/** Put text on the clipboard and say so. */
export async function copy(text) {
  await navigator.clipboard.writeText(text);
  tell("toast", word("copied"));
}

/** A link that can only lead to the web, to mail, or back into this very page for the bot's own t.me links. */
export function link(address, children, attributes = {}) {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`);
  const safe = ["http:", "https:", "mailto:", "tel:"].includes(url?.protocol);
  if (!safe) return el("span", { class: "link" }, ...children);
  const node = el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", ...attributes }, ...children);
  if (["t.me", "telegram.me"].includes(url.hostname)) node.addEventListener("click", (event) => follow(event, url));
  return node;
}

/** Telegram's own links work here without Telegram: the bot's open its chat with /start, a share link is copied. */
function follow(event, url) {
  if (url.pathname.slice(1).toLowerCase() === world.bot.username?.toLowerCase()) {
    event.preventDefault();
    tell("deep-link", url.searchParams.get("start"));
  } else if (url.pathname === "/share/url") {
    event.preventDefault();
    copy([url.searchParams.get("text"), url.searchParams.get("url")].filter(Boolean).join("\n"));
  }
}

function spoiler(inner) {
  const show = () => {
    node.classList.add("shown");
    node.removeAttribute("role");
    node.removeAttribute("aria-label");
  };
  const looks = { class: "spoiler", role: "button", tabindex: 0, "aria-label": word("spoiler") };
  const node = el("span", { ...looks, onclick: show }, ...inner);
  node.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return node;
}

/** Code with its language and a button to copy it; wide lines scroll inside. */
export function codeBlock(inner, language) {
  const code = el("pre", { tabindex: 0 }, el("code", {}, ...inner));
  const take = button("plain", () => copy(code.textContent), icon("copy"), word("copy"));
  return el("pre-block", {}, el("div", { class: "bar" }, el("span", {}, language ?? ""), take), code);
}

/** A quotation; an expandable one shows three lines until it is opened. */
export function quotation(inner, expandable = false) {
  const quote = el("blockquote", {}, el("div", {}, ...inner));
  if (!expandable) return quote;
  quote.classList.add("folded");
  const unfold = () => {
    const folded = quote.classList.toggle("folded");
    more.textContent = word(folded ? "more" : "less");
    more.setAttribute("aria-expanded", String(!folded));
  };
  const more = button("plain", unfold, word("more"));
  more.setAttribute("aria-expanded", "false");
  quote.append(more);
  return quote;
}

/** One piece of formatted text, for entities and for rich text alike; `about` has the fields of its kind. */
export function styled(type, inner, about, text) {
  if (TAGS[type]) return el(TAGS[type], {}, ...inner);
  switch (type) {
    case "spoiler": return spoiler(inner);
    case "pre": return codeBlock(inner, about.language);
    case "blockquote": return quotation(inner);
    case "expandable_blockquote": return quotation(inner, true);
    case "url": case "text_link": return link(about.url ?? text, inner);
    case "email": case "email_address": return link(`mailto:${about.email_address ?? text}`, inner);
    case "phone_number": return link(`tel:${text}`, inner);
    case "bot_command":
      return button("link", () => tell("say", text), ...inner);
    case "mention": case "text_mention": case "hashtag": case "cashtag": return el("span", { class: "link" }, ...inner);
    default: return el("span", {}, ...inner);
  }
}

/** The nodes of text[from, to): entities nest, and one that crosses another's end is cut there and goes on after it. */
function nodes(text, from, to, entities) {
  const made = [];
  let left = entities.toSorted((one, other) => one.offset - other.offset || other.length - one.length);
  let at = from;
  const plain = (end) => {
    if (end > at) made.push(text.slice(at, end));
    at = end;
  };
  while (left.length) {
    const [entity, ...others] = left;
    const end = Math.min(entity.offset + entity.length, to);
    plain(Math.min(Math.max(entity.offset, at), to));
    left = others.filter((other) => other.offset + other.length > end || end <= at);
    if (end <= at) continue;
    const within = others.filter((other) => other.offset < end && other.offset + other.length > at);
    const inner = nodes(text, at, end, within);
    made.push(styled(entity.type, inner, entity, text.slice(at, end)));
    at = end;
  }
  plain(to);
  return made;
}

/** The nodes of a text; the line break beside a block is dropped, because the block brings its own. */
export function formatted(text, entities = []) {
  const made = nodes(text, 0, text.length, entities);
  const isBlock = (node) => BLOCKS.includes(node?.tagName);
  return made.map((node, place) => {
    if (typeof node !== "string") return node;
    const after = isBlock(made[place - 1]) ? node.replace(/^\n/, "") : node;
    return isBlock(made[place + 1]) ? after.replace(/\n$/, "") : after;
  });
}
