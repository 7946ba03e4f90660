// Headline and tags as fields of their own. The document is what counts: they only show and change
// its lines, and leave alone what is written there in a way they do not know.

import {replaceText} from "./compose-text.js";

const FRONT = /^---[ \t]*\n(?:([\s\S]*?)\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)/;
const TITLE = /^title:[ \t]*(.*)$/m;
const TAGS = /^tags:[ \t]*(.*)$/m;
const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N} _-]*$/u;
const WORDS = /^(?:true|false|null|yes|no|on|off|~)$|^[\d._-]+$/i; // that YAML takes for something else

export function begin(area, fields) {
  if (!fields) return;
  const headline = fields.querySelector("#headline");
  const tags = fields.querySelector("#tags");
  const known = [...fields.querySelectorAll("datalist option")].map(option => option.value);
  fields.hidden = false;
  show();
  area.addEventListener("input", show);
  headline.addEventListener("input", () => put(TITLE, `title: ${JSON.stringify(headline.value)}`));
  tags.addEventListener("input", () => {
    const list = tags.value.split(",").map(tag => tag.trim()).filter(Boolean);
    put(TAGS, `tags: [${list.map(written).join(", ")}]`);
    complete();
  });
  for (const field of [headline, tags]) {
    field.addEventListener("keydown", event => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
      event.preventDefault();
      (field === headline && !tags.disabled ? tags : area).focus();
    });
  }

  function show() {
    const front = FRONT.exec(area.value)?.[1];
    const title = front === undefined ? null : one(TITLE.exec(front)?.[1] ?? "");
    const list = front === undefined ? null : many(TAGS.exec(front)?.[1] ?? "");
    fill(headline, title);
    fill(tags, list && list.join(", "));
    complete();
  }

  function fill(field, value) {
    field.disabled = value === null;
    field.placeholder = value === null ? "see the text" : "";
    if (document.activeElement !== field) field.value = value ?? "";
  }

  // Each choice is what is there so far, with one more tag.
  function complete() {
    const parts = tags.value.split(",");
    const before = parts.slice(0, -1).map(part => part.trim());
    const list = fields.querySelector("datalist");
    const options = known.filter(tag => !before.includes(tag)).slice(0, 200).map(tag => {
      const option = document.createElement("option");
      option.value = [...before, tag].join(", ");
      option.label = tag;
      return option;
    });
    list.replaceChildren(...options);
  }

  function put(pattern, line) {
    const text = area.value;
    const found = FRONT.exec(text);
    if (!found) return;
    const front = found[1] ?? "";
    const made = pattern.test(front) ? front.replace(pattern, () => line) : front ? `${front}\n${line}` : line;
    const head = text.indexOf("\n") + 1;
    const rest = text.slice(head + front.length);
    const at = area.selectionEnd + made.length - front.length;
    const typing = document.activeElement;
    replaceText(area, text.slice(0, head) + made + (front ? "" : "\n") + rest, Math.max(at, 0));
    typing.focus();
  }
}

// What a value in YAML says; null: it is written in a way that is not known here.
function one(value) {
  value = value.trim();
  if (!value) return "";
  if (value.startsWith('"')) {
    try {
      return JSON.parse(value);
    } catch {
      return null;
    }
  }
  if (/^'(?:[^']|'')*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  if (/^[\s'"\[\]{}>|*&!%#`@,?:-]/.test(value) || /: |:$| #/.test(value) || WORDS.test(value)) return null;
  return value;
}

function many(value) {
  value = value.trim();
  if (!value) return [];
  if (!/^\[.*\]$/.test(value)) return null;
  const inside = value.slice(1, -1).trim();
  if (!inside) return [];
  const parts = inside.match(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,"'\[\]{}]+|,|./g) || [];
  const list = [];
  let isDue = true;
  for (const part of parts) {
    if (!part.trim()) continue;
    if (part === ",") { isDue = true; continue; }
    const said = isDue ? one(part) : null;
    if (said === null || said.includes(",")) return null;
    list.push(said);
    isDue = false;
  }
  return list;
}

const written = tag => PLAIN.test(tag) && !WORDS.test(tag) ? tag : JSON.stringify(tag);
