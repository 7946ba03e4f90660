// The reading pane, where there is room for one: beside the list, on the page of a list alone.

import {ask} from "./desk.js";

const ROOM = matchMedia("(min-width: 80rem)");

export class Pane {
  #element;
  #shown;
  #opened; // told of each entry that is shown
  #wanted = null;

  constructor(element, opened) {
    this.#element = element;
    this.#opened = opened;
    element?.addEventListener("click", event => {
      const link = event.target.closest("a[data-pane]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.#load(link.href);
    });
  }

  // Whether there is room beside the list.
  get isThere() { return this.#element !== null && ROOM.matches; }

  get isOpen() { return this.isThere && !this.#element.hidden; }

  show(entry, {anew = false} = {}) {
    if (!anew && this.isOpen && this.#shown === entry.dataset.number) return;
    this.#shown = entry.dataset.number;
    this.#element.hidden = false;
    document.body.classList.add("with-pane");
    this.#load(entry.querySelector("a.line").href, {keep: anew});
    if (!anew) this.#opened(entry);
    entry.scrollIntoView({block: "nearest"});
  }

  close() {
    this.#shown = null;
    if (this.#element) this.#element.hidden = true;
    document.body.classList.remove("with-pane");
  }

  async #load(address, {keep = false} = {}) {
    const asked = this.#wanted = Symbol(address);
    const place = keep ? this.#element.scrollTop : 0;
    let html;
    try {
      html = await (await ask(address)).text();
    } catch (refusal) {
      const told = document.createElement("p");
      told.className = "problem";
      told.textContent = refusal.message;
      html = told.outerHTML;
    }
    if (this.#wanted !== asked) return; // another one was asked for meanwhile
    this.#element.innerHTML = html;
    this.#element.scrollTop = place;
  }
}
