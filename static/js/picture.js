/** Pictures to read: chosen, photographed, dropped or pasted. */
import { find } from "./dom.js";

/** The first picture among files, or null. */
export const firstPicture = (files) => [...(files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;

/**
 * Calls `take(file)` for every picture that is chosen, photographed, dropped or pasted. A dropped file of
 * another kind is passed on too, so that the server's refusal is shown rather than nothing.
 */
export function watchPictures(take) {
  for (const [button, input] of [["choose", "file"], ["photograph", "snap"], ["form-choose", "form-file"]].map((ids) => ids.map(find))) {
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (input.files.length) take(input.files[0]);
      input.value = "";
    });
  }
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (change) => (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = Math.max(0, depth + change);
    find("sheet").classList.toggle("dropping", depth > 0);
  };
  document.addEventListener("dragenter", over(1));
  document.addEventListener("dragleave", over(-1));
  document.addEventListener("dragover", over(0));
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    find("sheet").classList.remove("dropping");
    const dropped = firstPicture(event.dataTransfer.files) ?? event.dataTransfer.files[0];
    if (dropped) take(dropped);
  });
  document.addEventListener("paste", (event) => {
    const pasted = firstPicture(event.clipboardData?.files);
    if (!pasted) return;
    event.preventDefault();
    take(pasted);
  });
}

/** Shows a picture in an `<img>`; returns a function that removes it. */
export function showPicture(image, file) {
  const url = URL.createObjectURL(file);
  image.onerror = () => { image.hidden = true; };
  image.hidden = false;
  image.src = url;
  return () => {
    image.hidden = true;
    image.removeAttribute("src");
    URL.revokeObjectURL(url);
  };
}
