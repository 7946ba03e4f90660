// What the scripts of all rooms share. Pages work without any of it.

const csrf = document.documentElement.dataset.csrf;

// The answer of the desk to a form, or to a plain question when there is none. What it refuses is
// thrown, in its own words.
export async function ask(path, form) {
  const headers = {"X-Desk-Script": "1", "X-CSRF-Token": csrf};
  let answer;
  try {
    answer = await fetch(path, form === undefined ? {headers} : {method: "POST", headers, body: form});
  } catch {
    throw new Refusal("The desk cannot be reached. Nothing was changed; try again.", 0);
  }
  if (!answer.ok) {
    const told = (answer.headers.get("Content-Type") || "").startsWith("text/plain") ? (await answer.text()).trim() : "";
    throw new Refusal(told || `That did not work (${answer.status}).`, answer.status);
  }
  return answer;
}

export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status; // 0: no answer; 401: signed out
  }
}

// A line at the edge of the page, read out by screen readers, gone by itself.
export function say(text, {bad = false, action = null} = {}) {
  const toasts = document.getElementById("toasts");
  const toast = document.createElement("div");
  toast.className = bad ? "toast bad" : "toast";
  toast.append(text);
  if (action) {
    const button = document.createElement("button");
    button.className = "plain";
    button.textContent = action.label;
    button.addEventListener("click", () => { toast.remove(); action.run(); });
    toast.append(" ", button);
  }
  toasts.replaceChildren(toast);
  setTimeout(() => toast.remove(), bad ? 12000 : 6000);
}

// Whether a key belongs to what is being typed, or to the browser.
export function isTaken(event) {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return true;
  const at = event.target;
  return at instanceof Element && at.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]:not([contenteditable=false]), dialog") !== null;
}
