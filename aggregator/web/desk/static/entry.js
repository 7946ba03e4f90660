// Pages beside the inbox: keys that lead away, and on from entry to entry.

import {isTaken} from "./desk.js";
import {goTo} from "./goto.js";
import "./views.js";

document.addEventListener("keydown", event => {
  if (isTaken(event) || event.repeat || goTo(event)) return;
  const press = selector => document.querySelector(selector)?.click();
  switch (event.key) {
    case "j": press("#below"); break;
    case "k": press("#above"); break;
    case "v": press(".reading h2 a"); break;
    case "s": press(".reading button[value^=star], .reading button[value^=unstar]"); break;
    case "m": press(".reading button[value^=read], .reading button[value^=unread]"); break;
    case "x": press(".reading button[value^=dismiss]"); break;
    case "c": press(".reading [data-cite]"); break;
    case "Escape": press("#back"); break;
    default: return;
  }
  event.preventDefault();
});
