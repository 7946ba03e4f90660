// The list of posts: n begins one, and what this browser had kept goes to the desk.

import {isTaken} from "./desk.js";
import {goTo} from "./goto.js";

document.addEventListener("keydown", event => {
  if (isTaken(event) || event.repeat || goTo(event) || event.key !== "n") return;
  event.preventDefault();
  document.getElementById("new").click();
});
