/** Short words at the edge of the page, questions in the middle, and the notice at the top. */
import { byId, el, hear, iconButton } from "./dom.js";
import { currentLanguage, word } from "./words.js";

const TOAST_MS = 4000;

/** Say something for four seconds. */
export function toast(text) {
  const node = el("div", { class: "toast" }, text);
  byId("toasts").append(node);
  setTimeout(() => node.remove(), TOAST_MS);
}

/** Ask or tell in a dialog; resolves to whether OK was pressed. `body` are nodes or strings. */
export function dialogue(body, { cancel = false, ok = word("ok") } = {}) {
  const yes = el("button", { type: "submit", value: "ok", class: "strong", autofocus: true }, ok);
  const leave = () => dialog.close(""); // no submit button: Enter in a field would press the first one
  const no = cancel && el("button", { type: "button", class: "plain", onclick: leave }, word("cancel"));
  const form = el("form", { method: "dialog" }, ...body, el("div", { class: "answers" }, no, yes));
  const dialog = el("dialog", { class: "card" }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "ok");
    });
  });
}

/** Show the world's notice until it is put away; put away, it stays so until the tab is closed. */
export function drawNotice(notice) {
  const bar = byId("notice");
  bar.hidden = !notice || Boolean(sessionStorage.getItem("notice-read"));
  if (bar.hidden) return;
  const away = () => {
    sessionStorage.setItem("notice-read", "yes");
    bar.hidden = true;
  };
  const lines = notice.lines[currentLanguage()] ?? notice.lines.en;
  bar.replaceChildren(el("p", {}, lines.join(" ")), iconButton("close", word("close"), away));
}

hear("toast", toast);
