/** Buttons under a message: what a press does depends on the field the button carries. */
import { el, icon, tell } from "./dom.js";
import { copy, link } from "./entities.js";
import { word } from "./words.js";

/** A button of any kind; `press` gets called for those that ask the bot, `pay` for the one that pays. */
function button(about, children, { press, pay }) {
  const look = { class: `key ${about.style ?? ""}` };
  if (about.url) return link(about.url, [...children, icon("link")], look);
  const deed =
    about.callback_data !== undefined ? (event) => press(about.callback_data, event.currentTarget)
      : about.copy_text ? () => copy(about.copy_text.text)
        : about.pay ? pay
          : () => tell("toast", word("notHere"));
  const node = el("button", { type: "button", ...look, disabled: Boolean(about.disabled), onclick: deed }, ...children);
  if (about.copy_text) node.append(icon("copy"));
  return node;
}

/** Ask the bot; the button stays busy until the answer comes or Telegram's patience ends. */
function press(message) {
  return (data, node) => tell("press", { message, data, node });
}

/** The rows under a message, or null; an invoice without a keyboard of its own gets its Pay button. */
export function inlineKeyboard(message) {
  const amount = message.invoice?.total_amount;
  const own = amount ? [[{ text: word("pay", { amount }), pay: true }]] : [];
  const rows = message.reply_markup?.inline_keyboard ?? own;
  if (!rows.length) return null;
  const deeds = { press: press(message), pay: () => tell("pay", message) };
  const key = (about) => button(about, [el("span", {}, about.text)], deeds);
  const line = (row) => el("div", { class: "row" }, ...row.map(key));
  return el("div", { class: "keys" }, ...rows.map(line));
}

/** A button inside a rich message; it finds its message by the bubble it stands in. */
export function richButton(about, children) {
  const asked = (data, node) => tell("press", { id: Number(node.closest(".message").dataset.id), data, node });
  return button(about, children, { press: asked });
}
