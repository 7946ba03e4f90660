// Blocks of a document: takeaways that number themselves, and blocks that move.

import {replaceRange, replaceText} from "./compose-text.js";

const OPENING = /^:{3,} *takeaways\b/;
const CLOSING = /^:{3,}[ \t]*$/;
const ITEM = /^( {0,3})(\d{1,9})([.)])([ \t]|$)/;

export function begin(area, tools) {
  tools.hidden = false;
  tools.querySelector("[data-takeaways]").addEventListener("click", event => {
    insertTakeaways(area, event.currentTarget.dataset.takeaways);
  });
  tools.querySelector("#swap").addEventListener("click", () => swapStyle(area));
  tools.querySelector("#up").addEventListener("click", () => move(area, -1));
  tools.querySelector("#down").addEventListener("click", () => move(area, 1));
  area.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(area, event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey && (nextItem(area) || leaveQuote(area))) {
      event.preventDefault();
    }
  });
  area.addEventListener("input", event => {
    if (/^(delete|insertFrom|insertLineBreak)/.test(event.inputType || "")) renumber(area);
  });
}

// The takeaways that the place is in: the numbers of their first and last line. Null: none.
function around(lines, row) {
  let first = row;
  while (first >= 0 && !OPENING.test(lines[first])) {
    if (first < row && CLOSING.test(lines[first])) return null;
    first--;
  }
  if (first < 0) return null;
  let last = Math.max(row, first + 1);
  while (last < lines.length && !CLOSING.test(lines[last])) last++;
  return last < lines.length ? [first, last] : null;
}

const rowOf = (text, at) => text.slice(0, at).split("\n").length - 1;
const startOf = (lines, row) => lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0);

function insertTakeaways(area, style) {
  const at = area.selectionEnd;
  const text = area.value;
  const lines = text.split("\n");
  let row = rowOf(text, at);
  const inside = around(lines, row);
  if (inside) row = inside[1];
  while (row < lines.length && lines[row].trim()) row++; // behind the block there
  const start = Math.min(startOf(lines, row), text.length);
  const lead = start && !text.slice(0, start).endsWith("\n\n") ? (text.slice(0, start).endsWith("\n") ? "\n" : "\n\n") : "";
  const opening = `${lead}::: takeaways ${style}\n1. `;
  const rest = text.slice(start).replace(/^\n+/, "");
  const made = text.slice(0, start) + opening + "\n:::\n" + (rest ? `\n${rest}` : "");
  replaceText(area, made, start + opening.length);
  area.focus();
}

// Enter in a takeaway begins the next; in an empty last one it leads out. Whether it did either.
function nextItem(area) {
  if (area.selectionStart !== area.selectionEnd) return false;
  const at = area.selectionEnd;
  const lines = area.value.split("\n");
  const row = rowOf(area.value, at);
  const inside = around(lines, row);
  const item = ITEM.exec(lines[row]);
  if (!inside || !item) return false;
  const start = startOf(lines, row);
  if (lines[row].trim() === item[0].trim()) {
    if (row + 1 !== inside[1] || row - 1 === inside[0]) return false;
    const end = startOf(lines, inside[1]) + lines[inside[1]].length;
    const rest = area.value.slice(end).replace(/^\n+/, "");
    const head = `${area.value.slice(0, start)}${lines[inside[1]]}\n\n`;
    replaceText(area, head + (rest ? `\n${rest}` : ""), head.length);
    return true;
  }
  if (at < start + item[0].length) return false;
  replaceRange(area, at, at, `\n${item[1]}${Number(item[2]) + 1}${item[3]} `);
  renumber(area);
  return true;
}

// Enter at the end of a quotation leads out of it: what stands right below would be the source's
// words as well. Whether it did.
function leaveQuote(area) {
  const at = area.selectionEnd;
  const rest = area.value.slice(at);
  const line = area.value.slice(0, at).split("\n").at(-1);
  if (area.selectionStart !== at || !/^ {0,3}>/.test(line) || !/^(\n[ \t]*)?(\n|$)/.test(rest) || /^\n *>/.test(rest)) return false;
  replaceRange(area, at, at, "\n\n");
  return true;
}

function renumber(area) {
  const at = area.selectionEnd;
  const lines = area.value.split("\n");
  const inside = around(lines, rowOf(area.value, at));
  if (!inside) return;
  let count = 0;
  let shift = 0;
  let place = startOf(lines, inside[0]);
  for (let row = inside[0]; row < inside[1]; row++) {
    const before = lines[row].length;
    const item = ITEM.exec(lines[row]);
    if (item) {
      count++;
      lines[row] = lines[row].replace(ITEM, `$1${count}$3$4`);
      if (place + item[1].length < at) shift += lines[row].length - before;
    }
    place += before + 1;
  }
  const text = lines.join("\n");
  if (text !== area.value) replaceText(area, text, at + shift);
}

function swapStyle(area) {
  const at = area.selectionEnd;
  const lines = area.value.split("\n");
  let row = rowOf(area.value, at);
  const inside = around(lines, row);
  row = inside ? inside[0] : lines.findLastIndex(line => OPENING.test(line));
  if (row < 0) return;
  const isProse = /\bprose\b/.test(lines[row]);
  const before = lines[row];
  lines[row] = `${before.match(/^:{3,}/)[0]} takeaways ${isProse ? "list" : "prose"}`;
  const shift = startOf(lines, row) < at ? lines[row].length - before.length : 0;
  replaceText(area, lines.join("\n"), Math.max(at + shift, 0));
  area.focus();
}

// Blocks of the body, each with its lines: what stands between blank lines, takeaways and code
// whole, and a quotation with the lead-in before it.
function blocksOf(lines, first) {
  const blocks = [];
  let row = first;
  while (row < lines.length) {
    if (!lines[row].trim()) { row++; continue; }
    const start = row;
    const fence = /^ {0,3}(`{3,}|~{3,}|:{3,})/.exec(lines[row]);
    if (fence) {
      row++;
      while (row < lines.length && !lines[row].trim().startsWith(fence[1])) row++;
      row++;
    } else {
      while (row < lines.length && lines[row].trim()) row++;
      while (lines[start].startsWith(">") && row + 1 < lines.length && !lines[row].trim() && lines[row + 1].startsWith(">")) {
        row++;
        while (row < lines.length && lines[row].trim()) row++;
      }
    }
    const last = blocks.at(-1);
    if (last && lines[start].startsWith(">") && /[:：]\s*$/.test(lines[last[1] - 1]) && !lines[last[0]].startsWith(">")) last[1] = row;
    else blocks.push([start, Math.min(row, lines.length)]);
  }
  return blocks;
}

function move(area, by) {
  const at = area.selectionEnd;
  const text = area.value;
  const lines = text.split("\n");
  let first = 0;
  if (/^---[ \t]*$/.test(lines[0])) first = lines.findIndex((line, row) => row && /^(---|\.\.\.)[ \t]*$/.test(line)) + 1;
  const blocks = blocksOf(lines, first);
  const row = rowOf(text, at);
  const mine = blocks.findLastIndex(([start]) => start <= row);
  const other = mine + by;
  if (mine < 0 || other < 0 || other >= blocks.length) return;
  const [upper, lower] = by < 0 ? [blocks[other], blocks[mine]] : [blocks[mine], blocks[other]];
  if (!blocks.includes(upper)) return;
  const into = at - startOf(lines, blocks[mine][0]);
  const made = [...lines.slice(0, upper[0]), ...lines.slice(...lower), ...lines.slice(upper[1], lower[0]), ...lines.slice(...upper), ...lines.slice(lower[1])];
  const begins = by < 0 ? upper[0] : upper[0] + (lower[1] - lower[0]) + (lower[0] - upper[1]);
  replaceText(area, made.join("\n"), startOf(made, begins) + into);
  area.focus();
}
