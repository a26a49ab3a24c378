/** Files from the disk, the clipboard, or dropped: shown once more, then sent. */
import { post } from "./composer.js";
import { byId, el } from "./dom.js";
import { dialogue } from "./toast.js";
import { size, word } from "./words.js";

const ALBUM = 10; // as many may be in one album: https://core.telegram.org/bots/api#sendmediagroup

/** A file's bytes in base64. */
export function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

const STICKER_SIDE = 512; // pixels: Telegram makes a sticker of a WebP file of this size
const MOVING = { photo: "visual", video: "visual" }; // these two stand in one album together
const isPicture = (file) => /^image\/(png|jpeg|webp)$/.test(file.type);
const isSound = (file) => file.type.startsWith("audio/");
const isSpoken = (file) => /^audio\/(ogg|opus)/.test(file.type) || /\.(ogg|oga|opus)$/i.test(file.name);

/** Length and size of a sound or a film as far as the browser can tell: {duration, width, height}. */
function measured(file, tag) {
  return new Promise((resolve) => {
    const media = el(tag, { src: URL.createObjectURL(file), preload: "metadata" });
    const length = () => (Number.isFinite(media.duration) ? Math.max(1, Math.round(media.duration)) : 1);
    media.onloadedmetadata = () => resolve(
      { duration: length(), ...(media.videoWidth && { width: media.videoWidth, height: media.videoHeight }) });
    media.onerror = () => resolve({ duration: 1 });
  });
}

/** A file as the sandbox takes it. */
async function described(file, { photos, voices }) {
  const about = { kind: "document", mime_type: file.type || "application/octet-stream", name: file.name };
  about.data = await base64(file);
  const picture = isPicture(file) && (await createImageBitmap(file).catch(() => null));
  const { width, height } = picture || {};
  const square = file.type === "image/webp" && Math.max(width, height) === STICKER_SIDE;
  if (picture && square) return { ...about, kind: "sticker", width, height };
  if (picture && photos) return { ...about, kind: "photo", width, height };
  if (isSound(file)) return { ...about, kind: voices ? "voice" : "audio", ...(await measured(file, "audio")) };
  if (file.type === "video/mp4") return { ...about, kind: "video", ...(await measured(file, "video")) };
  return about;
}

/** What goes together, at most ten to an album; voices and stickers go alone. */
function albums(files) {
  const alone = (file) => file.kind === "voice" || file.kind === "sticker";
  const kinds = Object.values(Object.groupBy(files.filter((file) => !alone(file)), ({ kind }) => MOVING[kind] ?? kind));
  const count = (kind) => ({ length: Math.ceil(kind.length / ALBUM) });
  const together = kinds.flatMap((kind) =>
    Array.from(count(kind), (_, at) => kind.slice(at * ALBUM, (at + 1) * ALBUM)));
  return [...together, ...files.filter(alone).map((file) => [file])];
}

function preview(file) {
  const face = isPicture(file) ? el("img", { src: URL.createObjectURL(file), alt: "" }) : null;
  return el("li", {}, face, el("b", {}, file.name), el("small", {}, size(file.size)));
}

/** A question with a box to tick, where any of the files is meant. */
function choice(files, fits, checked, name) {
  const box = el("input", { type: "checkbox", checked });
  return { box, row: files.some(fits) ? el("label", {}, box, word(name)) : null };
}

/** Show the files, ask how to send them, and send them. */
export async function offer(files) {
  if (!files.length) return;
  const photos = choice(files, isPicture, true, "asPhotos");
  const voices = choice(files, isSound, files.filter(isSound).every(isSpoken), "asVoices");
  const says = { placeholder: word("caption"), "aria-label": word("caption") };
  const caption = el("input", { type: "text", maxlength: 1024, ...says });
  const list = el("ul", { class: "chosen" }, ...files.map(preview));
  const body = [el("h2", {}, word("sendFiles")), list, photos.row, voices.row, caption];
  if (!(await dialogue(body.filter(Boolean), { cancel: true, ok: word("send") }))) return;
  const how = { photos: photos.box.checked, voices: voices.box.checked };
  const ready = await Promise.all(files.map((file) => described(file, how)));
  let words = caption.value.trim() || undefined;
  for (const album of albums(ready)) {
    const captioned = album[0].kind !== "sticker";
    await post({ caption: captioned ? words : undefined, ...(album.length > 1 ? { files: album } : { file: album[0] }) });
    if (captioned) words = undefined;
  }
}

/** Listen to the clip, to drops over the chat and to pasted pictures; called once. */
export function beginAttach() {
  const [input, chat, drop] = [byId("files"), byId("chat"), byId("drop")];
  byId("attach").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    offer([...input.files]);
    input.value = "";
  });
  document.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    offer([...event.clipboardData.files]);
  });
  chat.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.hidden = !event.dataTransfer.types.includes("Files");
  });
  chat.addEventListener("dragleave", (event) => { drop.hidden ||= !chat.contains(event.relatedTarget); });
  chat.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.hidden = true;
    offer([...event.dataTransfer.files]);
  });
}
