// Changes to a text field that its own undo takes back.

// Put `text` in the place of the whole, touching only what differs, and go on at `at`.
export function replaceText(area, text, at) {
  const old = area.value;
  let start = 0;
  const shorter = Math.min(old.length, text.length);
  while (start < shorter && old[start] === text[start]) start++;
  let tail = 0;
  while (tail < shorter - start && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
  if (old !== text) replaceRange(area, start, old.length - tail, text.slice(start, text.length - tail));
  area.setSelectionRange(at, at);
  reveal(area, at);
}

export function replaceRange(area, start, end, text) {
  const focused = document.activeElement;
  area.focus({preventScroll: true});
  area.setSelectionRange(start, end);
  const command = text ? "insertText" : "delete";
  const before = area.value;
  if (start !== end || text) {
    const done = document.execCommand(command, false, text);
    if (!done || area.value !== before.slice(0, start) + text + before.slice(end)) {
      area.value = before.slice(0, start) + text + before.slice(end);
      area.dispatchEvent(new Event("input", {bubbles: true}));
    }
  }
  if (focused instanceof HTMLElement && focused !== area && focused !== document.body) focused.focus({preventScroll: true});
}

// The desk counts whole characters, browsers count halves of some.
export const unitsOf = (text, at) => [...text.slice(0, at)].length;
export const asUnit = (text, place) => [...text].slice(0, place).join("").length;

export function selectLine(area, line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] || "").length);
  reveal(area, start);
}

function reveal(area, at) {
  const height = parseFloat(getComputedStyle(area).lineHeight) || 24;
  const above = area.value.slice(0, at).split("\n").length * height;
  if (above < area.scrollTop + height || above > area.scrollTop + area.clientHeight - 2 * height) area.scrollTop = above - area.clientHeight / 2;
}
