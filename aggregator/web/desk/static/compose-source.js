// What is selected in the source, by hand or paragraph by paragraph with j and k.

const BLOCKS = "p, li, blockquote, pre, h1, h2, h3, h4, h5, h6, figcaption, td, th, dd, dt";

export function begin(source, area) {
  const body = source?.querySelector(".text");
  if (!body) return {words: () => "", clear() {}, step() {}};
  const selection = getSelection();
  let picked = null; // what was selected last: a tap on the button may end the selection
  let at = -1; // the paragraph that j or k came to

  document.addEventListener("selectionchange", look);
  area.addEventListener("focus", () => { picked = null; });

  function look() {
    if (!selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    if (!range.collapsed && range.intersectsNode(body)) picked = range.cloneRange();
    else if (body.contains(selection.anchorNode)) picked = null;
  }

  function select(range) {
    selection.removeAllRanges();
    selection.addRange(range);
  }

  // The words that are selected, line by line, and none from beside the text: three clicks select
  // a paragraph and the beginning of what follows it.
  function words() {
    look();
    if (!picked) return "";
    const range = document.createRange();
    range.selectNodeContents(body);
    if (picked.compareBoundaryPoints(Range.START_TO_START, range) > 0) range.setStart(picked.startContainer, picked.startOffset);
    if (picked.compareBoundaryPoints(Range.END_TO_END, range) < 0) range.setEnd(picked.endContainer, picked.endOffset);
    select(range);
    return selection.toString();
  }

  function clear() {
    selection.removeAllRanges();
    picked = null;
  }

  function step(by) {
    const found = [...body.querySelectorAll(BLOCKS)].filter(block => block.textContent.trim() && !block.querySelector(BLOCKS));
    const blocks = found.length ? found : [body];
    at = Math.max(0, Math.min(blocks.length - 1, at + by));
    const range = document.createRange();
    range.selectNodeContents(blocks[at]);
    source.focus({preventScroll: true});
    select(range);
    blocks[at].scrollIntoView({block: "nearest"});
  }

  return {words, clear, step};
}
