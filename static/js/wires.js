/** Curves between a map and those that feed it or that it feeds, where the layers stand side by side. */
const SVG = "http://www.w3.org/2000/svg";

/** A curve from (x0, y0) to (x1, y1) that leaves and arrives level. */
export const level = (x0, y0, x1, y1) => {
  const middle = (x0 + x1) / 2;
  return `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`;
};

export class Wires {
  #svg = document.createElementNS(SVG, "svg");

  constructor(host) {
    this.host = host;
    this.#svg.classList.add("wires");
    this.#svg.setAttribute("aria-hidden", "true");
  }

  /** Draws from each of `sources` to `chosen` and from it to each of `sinks`; all are elements. */
  draw(chosen, sources, sinks) {
    if (this.#svg.parentNode !== this.host) this.host.prepend(this.#svg);
    this.#svg.replaceChildren();
    const origin = this.host.getBoundingClientRect();
    const join = (from, to, name) => {
      const [a, b] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
      if (a.right > b.left) return;
      const path = document.createElementNS(SVG, "path");
      const ends = [a.right - origin.left, a.top + a.height / 2 - origin.top, b.left - origin.left, b.top + b.height / 2 - origin.top];
      path.setAttribute("d", level(...ends.map(Math.round)));
      path.classList.add(name);
      this.#svg.append(path);
    };
    for (const source of sources) join(source, chosen, "in");
    for (const sink of sinks) join(chosen, sink, "out");
  }
}
