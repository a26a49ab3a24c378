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

/** How long a piece of audio is, in seconds; 0 when the browser can't tell. */
function duration(file) {
  return new Promise((resolve) => {
    const audio = el("audio", { src: URL.createObjectURL(file), preload: "metadata" });
    audio.onloadedmetadata = () => resolve(Number.isFinite(audio.duration) ? Math.round(audio.duration) : 0);
    audio.onerror = () => resolve(0);
  });
}

const isPicture = (file) => /^image\/(png|jpeg|webp)$/.test(file.type);

/** A file as the sandbox takes it. */
async function described(file, asPhotos) {
  const kind = { kind: "document", mime_type: file.type || "application/octet-stream" };
  const about = { ...kind, name: file.name, data: await base64(file) };
  const picture = asPhotos && isPicture(file) && (await createImageBitmap(file).catch(() => null));
  if (picture) return { ...about, kind: "photo", width: picture.width, height: picture.height };
  if (file.type.startsWith("audio/")) return { ...about, kind: "audio", duration: await duration(file) };
  return about;
}

/** Files of one kind go together, at most ten to an album. */
function albums(files) {
  const kinds = Object.values(Object.groupBy(files, (file) => file.kind));
  const count = (kind) => ({ length: Math.ceil(kind.length / ALBUM) });
  return kinds.flatMap((kind) => Array.from(count(kind), (_, at) => kind.slice(at * ALBUM, (at + 1) * ALBUM)));
}

function preview(file) {
  const face = isPicture(file) ? el("img", { src: URL.createObjectURL(file), alt: "" }) : null;
  return el("li", {}, face, el("b", {}, file.name), el("small", {}, size(file.size)));
}

/** Show the files, ask how to send them, and send them. */
export async function offer(files) {
  if (!files.length) return;
  const photos = el("input", { type: "checkbox", checked: true });
  const says = { placeholder: word("caption"), "aria-label": word("caption") };
  const caption = el("input", { type: "text", maxlength: 1024, ...says });
  const choice = files.some(isPicture) ? el("label", {}, photos, word("asPhotos")) : null;
  const body = [el("h2", {}, word("sendFiles")), el("ul", { class: "chosen" }, ...files.map(preview)), choice, caption];
  if (!(await dialogue(body.filter(Boolean), { cancel: true, ok: word("send") }))) return;
  const ready = await Promise.all(files.map((file) => described(file, photos.checked)));
  let words = caption.value.trim() || undefined;
  for (const album of albums(ready)) {
    await post({ caption: words, ...(album.length > 1 ? { files: album } : { file: album[0] }) });
    words = undefined;
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
