// The preview beside the text: what was pressed last, as new as the text that was kept.

const WIDE = matchMedia("(min-width: 60rem)");

export function begin(form) {
  const frame = document.getElementById("preview");
  const buttons = [...form.querySelectorAll("[name=view]")];
  let shown = null;
  frame.hidden = true; // until there is something to show
  let scrolled = 0;
  buttons.forEach(button => button.addEventListener("click", () => {
    if (shown !== button) scrolled = 0;
    shown = button;
    frame.hidden = false;
    for (const one of buttons) one.setAttribute("aria-pressed", one === button);
  }));
  frame.addEventListener("load", () => {
    try {
      frame.contentWindow.scrollTo(0, scrolled);
    } catch { /* the browser shows a page of its own: the desk is away */ }
  });

  function refresh() {
    if (!shown) return;
    try {
      scrolled = frame.contentWindow.scrollY;
    } catch {
      scrolled = 0;
    }
    form.requestSubmit(shown);
  }

  if (WIDE.matches && "ready" in document.getElementById("look").dataset) buttons[0].click();
  return {refresh};
}
