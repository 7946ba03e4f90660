// The views beside the list: folded away where there is little room, and counted anew.

import {ask} from "./desk.js";

const folder = document.querySelector(".beside details");
const wide = matchMedia("(min-width: 64rem)");

function fold() { if (folder) folder.open = wide.matches; }
fold();
wide.addEventListener("change", fold);

let waiting = 0;

// Ask for the counts once a moment has passed without another deed.
export function countAnew() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const beside = document.getElementById("beside");
    if (!beside || beside.contains(document.activeElement)) return;
    try {
      beside.innerHTML = await (await ask(beside.dataset.from)).text();
    } catch {
      // They are as old as the page; the next deed asks again.
    }
  }, 700);
}
