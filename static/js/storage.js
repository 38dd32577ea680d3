/** Settings that are kept on this device: the colour scheme among them. */

/** A setting kept on this device, or, in the `sessionStorage`, as long as the tab; null where storage is refused. */
export function recall(key, where = "localStorage") {
  try {
    return window[where].getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value, where = "localStorage") {
  try {
    window[where].setItem(key, value);
  } catch {
    // the setting then lasts as long as the page
  }
}

/** Light or dark: the system's preference, unless the page's switch was used. */
export function watchScheme(button, changed) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const update = () => {
    button.setAttribute("aria-pressed", String(dark()));
    changed();
  };
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    remember("theme", root.dataset.theme);
    update();
  });
  for (const each of [system, matchMedia("print")]) each.addEventListener("change", update);
  update();
}
