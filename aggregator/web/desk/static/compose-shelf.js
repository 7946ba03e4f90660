// Texts in the browser, for as long as the desk has not got them.

const OF_ALL = "desk:text:";

export class Shelf {
  constructor(user) {
    this.prefix = `${OF_ALL}${user}:`;
    this.key = this.prefix + crypto.getRandomValues(new Uint32Array(2)).join("-");
  }

  put(sheet, text) {
    try {
      localStorage.setItem(this.key, JSON.stringify({sheet, text, at: Date.now()}));
    } catch {
      // Full, or forbidden: the desk keeps it within two seconds, if it is there.
    }
  }

  drop() { this.forget(this.key); }

  forget(key) {
    try {
      localStorage.removeItem(key);
    } catch { /* forbidden: then there was nothing either */ }
  }

  // What other pages have left, oldest first.
  left() {
    const found = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (!key.startsWith(this.prefix) || key === this.key) continue;
        try {
          const left = JSON.parse(localStorage.getItem(key));
          if (typeof left.text === "string" && left.sheet) found.push([key, left]);
        } catch { /* not ours */ }
      }
    } catch { /* forbidden */ }
    return found.sort((one, other) => one[1].at - other[1].at);
  }
}
