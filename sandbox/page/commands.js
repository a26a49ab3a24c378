/** The menu of the bot's commands over the field: opened by "/" and walked by the arrows. */
import { byId, el, tell } from "./dom.js";
import { word } from "./words.js";
import { commandsFor } from "./world.js";

const menu = byId("menu");
let marked = 0;

const rows = () => [...menu.querySelectorAll("button")];

function mark(at) {
  const all = rows();
  marked = (at + all.length) % all.length;
  all.forEach((row, index) => row.setAttribute("aria-selected", String(index === marked)));
  all[marked]?.scrollIntoView({ block: "nearest" });
}

/** Show the commands that begin with these letters; nothing when none do. */
export function showCommands(place, letters) {
  const all = commandsFor(place);
  const fitting = all.filter(({ command }) => command.startsWith(letters.toLowerCase()));
  menu.hidden = all.length > 0 && !fitting.length;
  const row = ({ command, description }) => {
    const choose = () => {
      tell("complete", "");
      tell("say", `/${command}`);
    };
    const looks = { type: "button", role: "option", tabindex: -1, "data-command": command };
    return el("button", { ...looks, onclick: choose }, el("b", {}, `/${command}`), el("span", {}, description));
  };
  menu.replaceChildren(...(all.length ? fitting.map(row) : [el("p", {}, word("noCommands"))]));
  if (fitting.length) mark(0);
}

export function hideCommands() {
  menu.hidden = true;
}

/** Let the open menu have a key of the field: true when it took it. Tab completes, Enter sends. */
export function menuKey(event) {
  if (menu.hidden || !rows().length) return false;
  const row = rows()[marked];
  const deeds = {
    ArrowDown: () => mark(marked + 1),
    ArrowUp: () => mark(marked - 1),
    Enter: () => row.click(),
    Tab: () => tell("complete", `/${row.dataset.command} `),
    Escape: () => hideCommands(),
  };
  if (!deeds[event.key] || event.shiftKey || event.altKey) return false;
  event.preventDefault();
  event.stopPropagation();
  deeds[event.key]();
  return true;
}
