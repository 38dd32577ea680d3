/** A setting kept on this device, or null; private windows may refuse storage, which is no error. */
export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // the setting then lasts as long as the page
  }
}
