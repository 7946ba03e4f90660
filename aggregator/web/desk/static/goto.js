// Keys that lead to other rooms: g, then a letter.

const PLACES = {
  i: "/desk/inbox",
  a: "/desk/inbox?among=all",
  s: "/desk/inbox?among=starred",
  h: "/desk/inbox?among=held",
  t: "/desk/trouble",
  f: "/desk/feeds",
  r: "/desk/filters",
};
const PATIENCE = 1500; // milliseconds between the two keys

let since = -Infinity;

// Whether the key was taken: a "g", or the letter behind one.
export function goTo(event) {
  if (event.timeStamp - since < PATIENCE) {
    since = -Infinity;
    const place = PLACES[event.key] || document.querySelector(`.bar nav a[data-key="${CSS.escape(event.key)}"]`)?.href;
    if (place) {
      event.preventDefault();
      location.assign(place);
    }
    return true; // a letter that leads nowhere does nothing else either
  }
  if (event.key !== "g") return false;
  since = event.timeStamp;
  return true;
}
