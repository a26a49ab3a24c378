/** Elements built by hand: text goes in as text, never as markup. */

/** Make an element; `on…` properties are listeners, empty values and children are left out, strings are text. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

/** A drawing of index.html by its name. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** A button that shows `children`. */
export function button(look, onclick, ...children) {
  return el("button", { type: "button", class: look, onclick }, ...children);
}

/** A round button that shows a drawing and says `label` aloud. */
export function iconButton(name, label, onclick, extra = {}) {
  const looks = { type: "button", class: "round", "aria-label": label, title: label, onclick, ...extra };
  return el("button", looks, icon(name));
}

/** A coloured disc with initials; the colour follows the id, so that a person keeps it. */
export function avatar(id, name) {
  const initials = name.split(/[\s/]+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
  const disc = el("span", { class: "avatar", "aria-hidden": "true" }, initials);
  disc.style.backgroundColor = `hsl(${(Math.abs(id) * 67 + 150) % 360} 45% 34%)`;
  return disc;
}

/** Make a parent's children these, but leave alone what is the same already: a button must not vanish under a press. */
export function settle(parent, nodes) {
  nodes.forEach((node, place) => {
    const old = parent.children[place];
    if (!old) parent.append(node);
    else if (!old.isEqualNode(node)) old.replaceWith(node);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

export const byId = (id) => document.getElementById(id);

/** Modules that do not know each other talk by named events on the document. */
export const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
export const hear = (name, listener) => document.addEventListener(name, (event) => listener(event.detail));
