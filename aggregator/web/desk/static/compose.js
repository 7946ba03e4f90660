// The editor: what is typed is kept at the desk within two seconds, and in the browser at once.

import {Refusal, ask, isTaken, say} from "./desk.js";
import {goTo} from "./goto.js";
import {asUnit, replaceText, selectLine, unitsOf} from "./compose-text.js";
import {begin as beginBlocks} from "./compose-blocks.js";
import {beginTime, beginVerbs} from "./compose-choices.js";
import {begin as beginFields} from "./compose-fields.js";
import {Shelf} from "./compose-shelf.js";
import {begin as beginPreview} from "./compose-preview.js";
import {begin as beginSource} from "./compose-source.js";

const form = document.getElementById("compose");
const area = document.getElementById("text");
const state = document.getElementById("state");
const source = document.getElementById("source");
const field = name => form.elements.namedItem(name);

const PAUSE = 700; // milliseconds without a key; and no longer than LATEST after the first
const LATEST = 1700;
const AGAIN = 3000; // between attempts while the desk is away

const shelf = new Shelf(form.dataset.user);
let sent = area.value; // the text as the desk has it
let under = null; // the request under way
let timer = 0;
let since = 0; // when the first key came that was not kept
let isAway = false;

const isDirty = () => area.value !== sent;

function sheet() {
  const told = {};
  for (const name of ["post", "opened", "entry", "number", "version"]) told[name] = field(name).value;
  told.kind = field("kind") ? form.querySelector("[name=kind]:checked")?.value || "update" : "";
  return told;
}

function filled(told, text) {
  const data = new FormData();
  for (const [name, value] of Object.entries(told)) data.set(name, value);
  data.set("text", text);
  return data;
}

area.addEventListener("input", () => {
  shelf.put(sheet(), area.value);
  schedule(PAUSE);
});

function schedule(wait) {
  const now = Date.now();
  since ||= now;
  clearTimeout(timer);
  timer = setTimeout(keep, Math.max(0, Math.min(wait, since + LATEST - now)));
}

// Have the desk keep the text; whether it has it now.
async function keep() {
  clearTimeout(timer);
  while (under) await under;
  if (!isDirty()) return true;
  const text = area.value;
  since = 0;
  under = attempt(text);
  const done = await under;
  under = null;
  if (done && isDirty()) schedule(PAUSE);
  if (!done) timer = setTimeout(keep, AGAIN);
  return done && !isDirty();
}

async function attempt(text) {
  try {
    const answer = await ask(form.dataset.keep, filled(sheet(), text));
    took(await answer.json(), text);
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const why = {0: "The desk is away.", 401: "You are signed out.", 403: "This page is too old."}[error.status] || error.message;
    const then = error.status === 401 || error.status === 403 ? " Sign in, then load this page again." : "";
    const told = `${why} What you type is kept in this browser.${then}`;
    if (!isAway) say(told, {bad: true}); // read out once; the line stays
    isAway = true;
    tell(told, {bad: true});
    return false;
  }
}

function took(told, text) {
  const isNew = field("number").value === "";
  sent = text;
  field("number").value = told.number;
  field("version").value = told.version;
  if (told.orphan) field("post").value = "";
  if (!isDirty()) shelf.drop();
  if (isNew && !field("post").value) history.replaceState(null, "", `/desk/texts/${told.number}`);
  if (isAway) say("The desk is back, and has all you typed.");
  isAway = false;
  if (told.rival) clash(told.rival);
  const company = document.getElementById("company");
  const said = [];
  if (told.others.length) said.push(`${told.others.join(" and ")} has an unsaved text of this post too.`);
  if (told.changed) said.push("Somebody else saved this post while you wrote; when you save, you will see both.");
  company.hidden = !said.length;
  if (company.textContent !== said.join(" ")) company.textContent = said.join(" ");
  const at = new Date(told.kept).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
  if (told.problem) tell(told.problem, {line: told.line, kept: at});
  else tell(told.address, {kept: at});
  const main = form.querySelector("[data-loud]");
  if (main && !told.problem) main.textContent = told.updates ? main.dataset.loud : main.dataset.quiet;
  preview.refresh();
}

function tell(text, {line = null, kept = "", bad = false} = {}) {
  state.classList.toggle("away", bad);
  state.replaceChildren();
  if (line) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "plain";
    button.textContent = `Line ${line}`;
    button.addEventListener("click", () => selectLine(area, line));
    state.append(button, ": ");
  }
  state.append(text);
  if (kept) state.append(` · kept ${kept}`);
}

function clash(rival) {
  const section = document.getElementById("clash");
  if (!field("rival").value) {
    document.getElementById("theirs").value = rival.text;
    field("rival").value = rival.number;
    document.getElementById("clash-head").textContent = "Another window has this text open";
    section.hidden = false;
    say("Another window has this text open. Nothing was overwritten.", {bad: true});
  }
}

// Whatever is pressed waits until the desk has every word, and is not sent to a desk that is away.
let isReady = false;
form.addEventListener("submit", async event => {
  const button = event.submitter;
  if (button?.name === "view") return;
  if (isReady || !isDirty()) {
    isReady = false;
    return;
  }
  event.preventDefault();
  if (!await keep()) {
    say("The desk is away. Nothing was sent; your words are kept in this browser.", {bad: true});
    return;
  }
  isReady = true;
  form.requestSubmit(button);
});

addEventListener("pagehide", () => {
  if (!isDirty() || isReady) return;
  const headers = {"X-Desk-Script": "1", "X-CSRF-Token": document.documentElement.dataset.csrf};
  fetch(form.dataset.keep, {method: "POST", headers, body: filled(sheet(), area.value), keepalive: true}).catch(() => {});
});
document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
addEventListener("online", keep);

// Words of the source, at the cursor.
const picking = beginSource(source, area);

async function quote(quoted) {
  if (!quoted.trim()) {
    say("Select some words of the source first.");
    return;
  }
  const place = unitsOf(area.value, area.selectionEnd);
  const before = area.value;
  const data = filled(sheet(), before);
  data.set("place", place);
  data.set("quoted", quoted);
  data.set("verb", form.querySelector("[name=verb]:checked")?.value || "");
  try {
    const told = await (await ask(form.dataset.quote, data)).json();
    if (area.value !== before) return quote(quoted); // something was typed meanwhile
    replaceText(area, told.text, asUnit(told.text, told.place));
    picking.clear();
    document.getElementById("quoted").value = "";
    source.focus({preventScroll: true});
  } catch (error) {
    say(error.message, {bad: true});
  }
}

const quoteButton = document.getElementById("quote");
quoteButton?.addEventListener("pointerdown", event => event.preventDefault()); // the selection stays
quoteButton?.addEventListener("click", () => quote(picking.words()));
document.getElementById("paste")?.addEventListener("click", event => {
  event.preventDefault();
  quote(document.getElementById("quoted").value);
});

document.addEventListener("keydown", event => {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key === "Enter") press("[data-main]", event);
  else if (command && event.key === "s") press(".acts [value=save]", event);
  else if (event.key === "Escape" && event.target === area && source) {
    event.preventDefault();
    source.focus();
  } else if (!isTaken(event) && !event.repeat) {
    if (goTo(event)) return;
    if (event.key === "q" && source) event.preventDefault(), quote(picking.words());
    else if ((event.key === "j" || event.key === "k") && source) event.preventDefault(), picking.step(event.key === "j" ? 1 : -1);
    else if (event.key === "w") event.preventDefault(), area.focus();
    else if (event.key === "p") press("#look [value=page]", event);
  }
});

function press(selector, event) {
  event.preventDefault();
  form.querySelector(selector)?.click();
}

area.setSelectionRange(area.value.length, area.value.length);
const preview = beginPreview(form);
form.querySelector(".keys").hidden = false;
beginBlocks(area, form.querySelector(".tools"));
beginFields(area, form.querySelector(".fields"));
beginTime(form);
beginVerbs(form, area);
restore();
const problem = document.getElementById("problem");
if (problem?.dataset.line) selectLine(area, Number(problem.dataset.line));
else if (!source || !area.value.trim()) area.focus({preventScroll: true});
document.querySelector("#problem a")?.addEventListener("click", event => {
  event.preventDefault();
  selectLine(area, Number(problem.dataset.line));
});
document.getElementById("throw")?.addEventListener("submit", () => {
  sent = area.value; // it is meant
  shelf.drop();
});

// What an earlier page had typed, and no desk has: put here where it goes on from this very text,
// given to the desk as a text of its own otherwise.
async function restore() {
  const mine = sheet();
  for (const [key, left] of shelf.left()) {
    const told = left.sheet;
    const isHere = told.post === mine.post && !told.kind === !mine.kind && told.number === mine.number && told.version === mine.version && (told.post || told.entry === mine.entry);
    if (told.post === mine.post && !told.kind === !mine.kind && left.text === area.value) {
      shelf.forget(key);
    } else if (isHere && !isDirty()) {
      replaceText(area, left.text, left.text.length);
      shelf.forget(key);
      say("Here is what you had typed when the desk was away.");
    } else {
      try {
        const answer = await (await ask(form.dataset.keep, filled(told, left.text))).json();
        shelf.forget(key);
        say("A text that this browser had kept is at the desk now.", {action: {label: "Open it", run: () => location.assign(`/desk/texts/${answer.number}`)}});
      } catch (error) {
        if (!(error instanceof Refusal)) throw error; // it stays in the browser
      }
    }
  }
}
