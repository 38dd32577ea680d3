export const find = (id) => document.getElementById(id);

/** Elements in one call: `el("li", {class: "x", "aria-label": "y"}, child, "text")`. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat());
  return element;
}

/** Writes `words` into an element unless they are there: each write costs a layout, at every point of a stroke. */
export function write(element, words) {
  if (element.textContent !== String(words)) element.textContent = words;
}

/** Saves a blob as a file of that name. */
export function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** An empty canvas, hidden from screen readers, as words elsewhere say what it shows. */
export const pixels = (width = 1, height = 1) => el("canvas", { width, height, "aria-hidden": "true" });

/** Places an element by `sides`, which are `{left, top, width, height}` or some of them, in percent of its container. */
export function lay(element, sides) {
  for (const [side, value] of Object.entries(sides)) element.style[side] = `${value}%`;
}

/** Ten buttons, one a digit, each of which calls `act(digit)`. */
export const digitButtons = (act) =>
  Array.from({ length: 10 }, (_, digit) => {
    const button = el("button", { type: "button", class: "tool" }, String(digit));
    button.addEventListener("click", () => act(digit));
    return button;
  });

/** Which way an arrow key leads, across and down. */
export const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** One tab stop for a group of buttons; arrow keys, Home and End move within it. */
export function rove(group, selector = "button") {
  const all = () => [...group.querySelectorAll(selector)];
  const rest = (chosen) => all().forEach((each) => (each.tabIndex = each === chosen ? 0 : -1));
  rest(all()[0]);
  group.addEventListener("focusin", (event) => rest(event.target.closest(selector) ?? all()[0]));
  group.addEventListener("keydown", (event) => {
    const buttons = all();
    const at = buttons.indexOf(document.activeElement);
    if (at < 0) return;
    const row = buttons.filter((each) => each.offsetTop === buttons[0].offsetTop).length;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row, Home: -at, End: buttons.length - 1 - at };
    if (!(event.key in steps)) return;
    event.preventDefault();
    buttons[at + steps[event.key]]?.focus();
  });
}
