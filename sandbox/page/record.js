/** Voice messages from the microphone, in Opus, as messengers send them. */
import { base64 } from "./attach.js";
import { post } from "./composer.js";
import { byId, el, iconButton, tell } from "./dom.js";
import { minutes, word } from "./words.js";

const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus"];

/** The first kind of Opus this browser can record, or undefined. */
const recordable = () => TYPES.find((type) => globalThis.MediaRecorder?.isTypeSupported(type));

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && recordable());

async function microphone() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    tell("toast", word(error.name === "NotFoundError" ? "micNone" : "micRefused"));
    return null;
  }
}

/** Show the running time with Cancel and Send; resolves to whether to send. */
function decision(begun) {
  const bar = byId("recording");
  const line = byId("composer").querySelector(".line");
  const time = el("span", { class: "time" }, minutes(0));
  const clock = setInterval(() => { time.textContent = minutes((Date.now() - begun) / 1000); }, 250);
  line.hidden = true;
  bar.hidden = false;
  return new Promise((resolve) => {
    const end = (keep) => () => {
      clearInterval(clock);
      line.hidden = false;
      bar.hidden = true;
      resolve(keep);
    };
    const cancel = el("button", { type: "button", class: "plain", onclick: end(false) }, word("cancel"));
    const send = iconButton("send", word("send"), end(true), { class: "round strong" });
    bar.replaceChildren(el("i", { class: "red" }), time, cancel, send);
    send.focus();
  });
}

async function record() {
  const stream = await microphone();
  if (!stream) return;
  const recorder = new MediaRecorder(stream, { mimeType: recordable() });
  const pieces = [];
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  const stopped = new Promise((resolve) => { recorder.addEventListener("stop", resolve); });
  const begun = Date.now();
  recorder.start();
  const keep = await decision(begun);
  const seconds = Math.max(1, Math.round((Date.now() - begun) / 1000));
  recorder.stop();
  await stopped;
  for (const track of stream.getTracks()) track.stop();
  if (!keep) return;
  const type = recordable().split(";")[0];
  const data = await base64(new Blob(pieces, { type }));
  await post({ file: { kind: "voice", name: `voice.${type.slice(6)}`, mime_type: type, data, duration: seconds } });
}

/** Listen to the record button; called once. */
export function beginRecord() {
  byId("record").addEventListener("click", record);
}
