/** Drawing strokes on a 2D context. The canvas is only ever written, never read back. */
import { curves } from "./geometry.js";

/** The width that a pressure gives: half the pen's at no pressure, one and a half at full. */
export const widthAt = (width, pressure, pressed) => (pressed ? width * (0.5 + pressure) : width);

/** One stroke, in units; the context is scaled by the caller. */
export function paintStroke(context, { points, width, pressed }) {
  const path = curves(points);
  if (path.length === 0) return;
  context.lineCap = "round";
  context.lineJoin = "round";
  if (!pressed) {
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(path[0].from[0], path[0].from[1]);
    for (const { control, to } of path) context.quadraticCurveTo(control[0], control[1], to[0], to[1]);
    context.stroke();
    return;
  }
  for (const { from, control, to, pressure } of path) {
    context.lineWidth = widthAt(width, pressure, pressed);
    context.beginPath();
    context.moveTo(from[0], from[1]);
    context.quadraticCurveTo(control[0], control[1], to[0], to[1]);
    context.stroke();
  }
}

/** The whole pad: cleared, then every stroke in `colour`; `scale` is device pixels a unit. */
export function paint(context, strokes, colour, scale) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.strokeStyle = colour;
  for (const each of strokes) paintStroke(context, each);
}
