// The inbox by keyboard. Every deed is the form that the page has for it, sent in the background.

import {Refusal, ask, isTaken, say} from "./desk.js";
import {goTo} from "./goto.js";
import {Pane} from "./pane.js";
import {countAnew} from "./views.js";

const list = document.getElementById("entries");
const marking = document.getElementById("entries-form");
const keys = document.getElementById("keys");
const search = document.querySelector("form.search input[type=search]");
const pane = new Pane(document.getElementById("pane"), entry => { if (!isRead(entry)) mark("read", entry); });

const rows = () => list ? [...list.querySelectorAll("li.entry:not([hidden])")] : [];
const isRead = entry => entry.classList.contains("read");
const numberOf = entry => entry.dataset.number;

let selected = null;

function select(entry, {quietly = false} = {}) {
  if (selected) selected.classList.remove("selected");
  selected = entry;
  if (!entry) return;
  entry.classList.add("selected");
  if (!quietly) {
    entry.querySelector("a.line").focus({preventScroll: true});
    entry.scrollIntoView({block: "nearest"});
  }
  if (pane.isOpen) pane.show(entry);
}

// The entry so many places on; null: there is none. Waits for the next page where it must.
async function neighbour(entry, by) {
  let all = rows();
  const at = all.indexOf(entry);
  if (at + by >= all.length - 10) loadMore();
  if (at + by >= all.length) { await loadMore(); all = rows(); }
  return all[at + by] || null;
}

async function step(by) {
  const next = rows().includes(selected) ? await neighbour(selected, by) : rows()[0];
  if (next) select(next);
}

let loading = null;

function loadMore() {
  const more = list?.querySelector("li.next");
  if (!more || loading) return loading;
  loading = (async () => {
    try {
      const html = await (await ask(more.querySelector("a").href)).text();
      more.insertAdjacentHTML("beforebegin", html);
      more.remove();
      tellLocalTimes();
    } catch (refusal) {
      say(refusal.message, {bad: true});
    } finally {
      loading = null;
    }
  })();
  return loading;
}

// Deeds go out one after the other, in the order they were done.
let last = Promise.resolve();
let underWay = 0;
tellUnderWay(0);

function send(form, path) {
  tellUnderWay(1);
  const sent = last.then(async () => (await ask(path, form)).json());
  last = sent.catch(() => {}).finally(() => tellUnderWay(-1));
  return sent;
}

function tellUnderWay(more) {
  underWay += more;
  document.documentElement.dataset.underWay = underWay;
}

addEventListener("beforeunload", event => { if (underWay) event.preventDefault(); });

// The entry as the list has it now: an answer may have put another in its place.
const asItIs = entry => document.getElementById(entry.id) || entry;

function orderOf(deed, entries) {
  const form = new FormData(marking);
  form.set("do", deed);
  for (const entry of entries) form.append("entry", numberOf(entry));
  return form;
}

async function mark(deed, entry) {
  const leaves = deed === "dismiss" && leavesWhenDismissed();
  if (leaves) {
    if (entry === selected) select(await neighbour(entry, 1) || await neighbour(entry, -1));
    entry.hidden = true;
    if (!rows().length) { document.querySelector(".empty").hidden = false; pane.close(); }
  } else if (deed === "read") {
    entry.classList.add("read");
  }
  finish(deed, entry, leaves);
}

// Send a deed whose looks are there already; the next key need not wait for the answer.
async function finish(deed, entry, leaves) {
  try {
    const answer = await send(orderOf(deed, [entry]), marking.action);
    if (leaves) asItIs(entry).remove();
    else replace(asItIs(entry), answer.rows[numberOf(entry)]);
    done(answer.done, deed !== "read");
  } catch (refusal) {
    asItIs(entry).hidden = false;
    if (deed === "read") asItIs(entry).classList.remove("read");
    complain(refusal);
  }
}

function leavesWhenDismissed() {
  const among = new URLSearchParams(location.search).get("among");
  const searching = new URLSearchParams(location.search).has("q");
  return !searching && (!among || among === "held");
}

function replace(entry, html) {
  if (entry.hidden) return; // it is leaving
  const hadFocus = entry.contains(document.activeElement);
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const fresh = holder.content.firstElementChild;
  entry.replaceWith(fresh);
  if (selected === entry) {
    selected = fresh;
    fresh.classList.add("selected");
    if (hadFocus) fresh.querySelector("a.line").focus({preventScroll: true});
    if (pane.isOpen) pane.show(fresh, {anew: true});
  }
  tellLocalTimes();
}

function done(deed, aloud = true) {
  if (!deed) return;
  const undo = document.getElementById("undo");
  undo.hidden = false;
  undo.querySelector("button").title = `Take it back (u): ${deed.told}`;
  if (aloud) say(deed.told, {action: {label: "Undo", run: takeBack}});
  countAnew();
}

async function takeBack() {
  const form = document.getElementById("undo");
  try {
    const answer = await send(new FormData(form), form.action);
    if (!answer.told) return say("There is nothing to take back.");
    sessionStorage.setItem("told", answer.told);
    sessionStorage.setItem("selected", selected ? numberOf(selected) : "");
    await last;
    location.reload(); // what was taken back may stand anywhere in the list
  } catch (refusal) {
    complain(refusal);
  }
}

async function markView(above) {
  const form = document.getElementById("read-all");
  if (!form) return;
  const order = new FormData(form);
  if (above) order.set("above", above.dataset.place);
  try {
    const answer = await send(order, form.action);
    if (!answer.done) return say(above ? "All above was read." : "All of it was read.");
    const all = rows();
    for (const entry of above ? all.slice(0, all.indexOf(above)) : all) entry.classList.add("read");
    done(answer.done);
  } catch (refusal) {
    complain(refusal);
  }
}

function complain(refusal) {
  if (!(refusal instanceof Refusal)) throw refusal;
  const action = refusal.status === 401 ? {label: "Sign in", run: () => location.reload()} : null;
  say(refusal.message, {bad: true, action});
}

function open() {
  if (!selected) return step(1);
  if (pane.isThere) pane.show(selected);
  else selected.querySelector("a.line").click();
}

const DEEDS = {
  s: entry => mark(entry.classList.contains("starred") ? "unstar" : "star", entry),
  m: entry => mark(isRead(entry) ? "unread" : "read", entry),
  x: entry => mark("dismiss", entry),
  v: entry => {
    const link = entry.querySelector("a.line").dataset.original;
    if (!link) return say("It has no page of its own.");
    window.open(link, "_blank", "noopener,noreferrer");
    if (!isRead(entry)) mark("read", entry);
  },
  M: entry => { markView(entry); },
  c: async entry => {
    if (!list.dataset.cite) return;
    await last; // what was done here is done before the page is left
    location.assign(list.dataset.cite + numberOf(entry));
  },
};

// One key after the other: where a step waits for the next page, the key behind it is meant for
// what that brings.
let turn = Promise.resolve();

function inTurn(act) {
  turn = turn.then(act).catch(error => { if (!(error instanceof Refusal)) reportError(error); });
}

document.addEventListener("keydown", event => {
  if (isTaken(event) || goTo(event)) return;
  const {key} = event;
  if (key === "j" || key === "ArrowDown" && selected?.contains(event.target)) inTurn(() => step(1));
  else if (key === "k" || key === "ArrowUp" && selected?.contains(event.target)) inTurn(() => step(-1));
  else if (event.repeat) return;
  else if (Object.hasOwn(DEEDS, key)) inTurn(() => selected && DEEDS[key](selected));
  else if (key === "o") inTurn(open);
  else if (key === "A") inTurn(() => { markView(null); });
  else if (key === "u") inTurn(() => { takeBack(); });
  else if (key === "/") search.focus();
  else if (key === "?") keys.showModal();
  else if (key === "Escape" && pane.isOpen) { pane.close(); if (selected) select(selected); }
  else return;
  event.preventDefault();
});

search.addEventListener("keydown", event => {
  if (event.key === "Escape") { search.blur(); if (selected) select(selected); }
});

list?.addEventListener("focusin", event => {
  const entry = event.target.closest("li.entry");
  if (entry && entry !== selected) select(entry, {quietly: true});
});

list?.addEventListener("click", event => {
  const entry = event.target.closest("li.entry");
  if (!entry || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  if (event.target.closest("a.line") && pane.isThere) {
    event.preventDefault();
    select(entry);
    pane.show(entry);
  }
});

marking?.addEventListener("submit", event => {
  const [deed] = (event.submitter?.value || "").split(" ");
  const entry = event.submitter?.closest("li.entry");
  if (!entry) return;
  event.preventDefault();
  mark(deed, entry);
});

for (const [id, run] of [["read-all", () => markView(null)], ["undo", takeBack]]) {
  document.getElementById(id)?.addEventListener("submit", event => { event.preventDefault(); run(); });
}

document.getElementById("pane")?.addEventListener("submit", event => {
  const order = event.submitter?.value || "";
  const entry = list?.querySelector(`li.entry[data-number="${order.split(" ")[1]}"]`);
  if (!entry || event.submitter.name !== "do") return;
  event.preventDefault();
  mark(order.split(" ")[0], entry);
});

// Times of the day and days as the author's clock has them.
function tellLocalTimes() {
  for (const time of document.querySelectorAll(".entry time:not([data-local])")) {
    const at = new Date(time.dateTime), now = new Date();
    time.dataset.local = "";
    time.title = at.toLocaleString();
    if (at.toDateString() === now.toDateString()) time.textContent = at.toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", hour12: false});
    else if (at.getFullYear() === now.getFullYear()) time.textContent = at.toLocaleDateString([], {day: "numeric", month: "short"});
  }
}

const help = document.getElementById("help-button");
help.hidden = false;
help.addEventListener("click", () => keys.showModal());
tellLocalTimes();

const toldBefore = sessionStorage.getItem("told");
if (toldBefore) {
  const number = sessionStorage.getItem("selected");
  sessionStorage.removeItem("told");
  sessionStorage.removeItem("selected");
  say(toldBefore);
  const entry = list?.querySelector(`li.entry[data-number="${number}"]`);
  if (entry) select(entry);
}

document.documentElement.dataset.keys = "on"; // for tests: before, keys do nothing
