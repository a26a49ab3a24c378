/** Pictures, voices and files inside a message. */
import { button, el, icon, iconButton } from "./dom.js";
import { fileUrl } from "./server.js";
import { minutes, size, word } from "./words.js";

/** A picture over the whole page; a click anywhere or Esc closes it. */
function enlarge(source) {
  const dialog = el("dialog", { class: "lightbox", "aria-label": word("photo"), onclick: () => dialog.close() },
    el("img", { src: source, alt: word("photo") }), iconButton("close", word("close"), () => dialog.close()));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A photo by its sizes, the largest shown; its place is kept while it loads, so that nothing jumps. */
export function photo(sizes) {
  const largest = sizes.reduce((one, other) => (one.width * one.height > other.width * other.height ? one : other));
  const source = fileUrl(largest.file_id);
  const image = el("img", { src: source, alt: word("photo"), width: largest.width, height: largest.height });
  const node = button("photo", () => enlarge(source), image);
  node.style.setProperty("--ratio", largest.width / largest.height || 1);
  return node;
}

/** A player for a voice or a piece of music; only one plays at a time. */
export function player(file) {
  const audio = el("audio", { src: fileUrl(file.file_id), preload: "none" });
  const turn = () => (audio.paused ? audio.play() : audio.pause());
  const key = iconButton("play", word("play"), turn, { class: "round strong" });
  const length = file.duration || 1;
  const range = { type: "range", min: 0, max: length, step: 0.1, value: 0 };
  const place = el("input", { ...range, "aria-label": word("position") });
  const time = el("span", { class: "time" }, minutes(length));
  const show = (name) => {
    key.replaceChildren(icon(name));
    key.setAttribute("aria-label", word(name));
  };
  place.addEventListener("input", () => { audio.currentTime = Number(place.value); });
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    show("pause");
  });
  audio.addEventListener("pause", () => show("play"));
  audio.addEventListener("ended", () => { audio.currentTime = 0; });
  audio.addEventListener("timeupdate", () => {
    place.value = audio.currentTime;
    time.textContent = minutes(audio.currentTime || length);
  });
  const title = file.title ?? file.file_name;
  return el("div", { class: "player" }, key, el("div", {}, title && el("b", {}, title), place), time, audio);
}

/** What stands before a file's name: itself where it is a picture, else the ending of its name. */
function face(file) {
  if (/^image\/(png|jpeg|webp)$/.test(file.mime_type)) return el("img", { src: fileUrl(file.file_id), alt: "" });
  const ending = /\.([a-z0-9]{1,5})$/i.exec(file.file_name ?? "")?.[1];
  return el("i", { "aria-hidden": "true" }, ending ? ending.toUpperCase() : icon("file"));
}

/** A file to take away, with its name and size. */
export function document_(file) {
  const name = file.file_name ?? word("document");
  const details = el("span", {}, el("b", { dir: "auto" }, name), el("small", {}, size(file.file_size ?? 0)));
  return el("a", { class: "file", href: fileUrl(file.file_id), download: name }, face(file), details);
}

/** How many pictures stand in each row of an album: two up to four of them, else three, the fullest rows last. */
function rowsOf(count) {
  const rows = Math.ceil(count / (count > 4 ? 3 : 2));
  return Array.from({ length: rows }, (_, row) => Math.floor((count + row) / rows));
}

/** Pictures and films of an album side by side. */
export function album(media) {
  const places = rowsOf(media.length).flatMap((inRow) => Array(inRow).fill(inRow));
  media.forEach((node, at) => node.classList.add(`by${places[at]}`));
  return el("div", { class: "album" }, ...media);
}

function moving(file, round) {
  const looks = { controls: true, playsinline: true, preload: "metadata", class: round && "disc" };
  return el("video", { src: fileUrl(file.file_id), ...looks });
}

function invoice({ title, description, total_amount: amount }) {
  const price = el("span", { class: "price" }, `${amount} ⭐`);
  return el("div", { class: "invoice" }, el("b", {}, title), el("p", {}, description), price);
}

function sticker(file) {
  return el("img", { class: "sticker", src: fileUrl(file.file_id), alt: file.emoji ?? word("sticker") });
}

/** What a message shows besides its words, or null. */
export function attachment(message) {
  if (message.photo) return photo(message.photo);
  if (message.voice) return player(message.voice);
  if (message.audio) return player(message.audio);
  if (message.video_note) return moving(message.video_note, true);
  if (message.video ?? message.animation) return moving(message.video ?? message.animation);
  if (message.sticker) return sticker(message.sticker);
  if (message.document) return document_(message.document);
  if (message.invoice) return invoice(message.invoice);
  return null;
}

const KINDS = ["photo", "voice", "audio", "video_note", "video", "animation", "sticker", "document", "invoice"];

/** The kind of a message's media by its field's name, or undefined. */
export const kindOf = (message) => KINDS.find((kind) => message[kind]);

/** The kind of a message's media in words, or "". */
export function kindWord(message) {
  const kind = kindOf(message);
  if (!kind) return "";
  return word({ video_note: "video", animation: "video" }[kind] ?? kind);
}
