/** Rich messages: the blocks of https://core.telegram.org/bots/api#richmessage become elements. */
import { el } from "./dom.js";
import { codeBlock, link, quotation, styled } from "./entities.js";
import { document_, photo, player } from "./media.js";
import { richButton } from "./keyboard.js";

/** The plain letters of a rich text. */
function letters(text) {
  if (typeof text === "string") return text;
  if (Array.isArray(text)) return text.map(letters).join("");
  return letters(text?.text ?? text?.expression ?? text?.alternative_text ?? "");
}

/** The nodes of a rich text: a string, a list, or one styled piece. */
function inline(text) {
  if (text === undefined || text === null) return [];
  if (typeof text === "string") return [text];
  if (Array.isArray(text)) return text.flatMap(inline);
  switch (text.type) {
    case "mathematical_expression": return [el("code", { class: "math" }, text.expression)];
    case "custom_emoji": return [text.alternative_text];
    case "anchor": return [];
    case "url": return [link(text.url, inline(text.text))];
    case "button": return [richButton(text.button, inline(text.button.text))];
    default: return [styled(text.type, inline(text.text), text, letters(text.text))];
  }
}

function item({ label, blocks: content, has_checkbox: box, is_checked: checked }) {
  const tick = { type: "checkbox", disabled: true, checked, "aria-label": checked ? "✓" : "–" };
  const mark = box ? el("input", tick) : label;
  return el("li", {}, el("span", { class: "label" }, mark), el("div", {}, ...content.map(block)));
}

function cell({ text, align, valign, is_header: head, colspan, rowspan }) {
  const node = el(head ? "th" : "td", { colspan, rowspan }, ...inline(text));
  node.style.textAlign = align ?? "";
  node.style.verticalAlign = valign ?? "";
  return node;
}

function table({ cells, caption, is_striped: striped }) {
  const rows = cells.map((row) => el("tr", {}, ...row.map(cell)));
  const head = caption && el("caption", {}, ...inline(caption));
  const body = el("table", { class: striped && "striped" }, head, el("tbody", {}, ...rows));
  return el("div", { class: "wide", tabindex: 0 }, body);
}

function credited(node, credit) {
  if (credit) node.append(el("cite", {}, ...inline(credit)));
  return node;
}

/** Media of a block with the caption under it. */
function media(node, caption) {
  return el("figure", {}, node, caption && el("figcaption", {}, ...inline(caption.text)));
}

const BLOCKS = {
  paragraph: (b) => el("p", {}, ...inline(b.text)),
  heading: (b) => el(`h${Math.min(b.size + 1, 6)}`, {}, ...inline(b.text)),
  pre: (b) => codeBlock(inline(b.text), b.language),
  footer: (b) => el("p", { class: "footer" }, ...inline(b.text)),
  divider: () => el("hr"),
  mathematical_expression: (b) => el("div", { class: "math wide", tabindex: 0 }, b.expression),
  list: (b) => el("ul", {}, ...b.items.map(item)),
  blockquote: (b) => credited(quotation(b.blocks.map(block)), b.credit),
  expandable_blockquote: (b) => credited(quotation(inline(b.text), true), b.credit),
  pullquote: (b) => credited(quotation(inline(b.text)), b.credit),
  details: (b) => el("details", { open: b.is_open }, el("summary", {}, ...inline(b.summary)), ...b.blocks.map(block)),
  table,
  thinking: (b) => el("p", { class: "shimmer" }, ...inline(b.text)),
  buttons: (b) => el("div", { class: "row" }, ...b.buttons.map((button) => richButton(button, inline(button.text)))),
  photo: (b) => media(photo(b.photo), b.caption),
  voice_note: (b) => media(player(b.voice_note), b.caption),
  audio: (b) => media(player(b.audio), b.caption),
  document: (b) => media(document_(b.document), b.caption),
  collage: (b) => el("div", { class: "album" }, ...b.blocks.map(block)),
  slideshow: (b) => el("div", { class: "album" }, ...b.blocks.map(block)),
};

/** One block; of a kind unknown here, its words. */
function block(about) {
  return BLOCKS[about.type]?.(about) ?? el("p", {}, letters(about));
}

/** A whole rich message. */
export function rich({ blocks, is_rtl: rtl }) {
  return el("div", { class: "rich", dir: rtl ? "rtl" : "auto" }, ...blocks.map(block));
}
