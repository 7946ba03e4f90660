// Small choices: when a post shall appear, in the author's own time, and what its source does.

import {replaceText} from "./compose-text.js";

export function beginTime(form) {
  const at = form.querySelector("#at");
  if (!at) return;
  const zone = form.querySelector("#zone");
  form.querySelector("#zone-name").textContent = Intl.DateTimeFormat().resolvedOptions().timeZone || "your time";
  if (at.value) { // the page has it in UTC
    const when = new Date(`${at.value}Z`);
    at.value = local(when);
  }
  const note = () => { zone.value = at.value ? -new Date(at.value).getTimezoneOffset() : 0; };
  note();
  at.addEventListener("input", note);
  at.closest("details").addEventListener("toggle", () => {
    at.min = local(new Date());
    if (!at.value) at.value = local(new Date(Math.ceil(Date.now() / 3600e3 + 1) * 3600e3));
    note();
  });
}

function local(when) {
  const shifted = new Date(when.getTime() - when.getTimezoneOffset() * 60e3);
  return shifted.toISOString().slice(0, 16);
}

// Another verb, for the lead-in that is nearest to the cursor as well as for the next.
export function beginVerbs(form, area) {
  const radios = [...form.querySelectorAll("[name=verb]")];
  if (!radios.length) return;
  const verbs = radios.map(radio => radio.value).join("|");
  const lead = new RegExp(`^(.*\\S )(${verbs}):(?=[ \\t]*\\n[ \\t]*\\n>)`, "gm");
  for (const radio of radios) {
    radio.addEventListener("change", () => {
      const at = area.selectionEnd;
      const found = [...area.value.matchAll(lead)];
      if (!found.length) return;
      const nearest = found.reduce((best, one) => Math.abs(one.index - at) < Math.abs(best.index - at) ? one : best);
      const start = nearest.index + nearest[1].length;
      const text = area.value.slice(0, start) + radio.value + area.value.slice(start + nearest[2].length);
      replaceText(area, text, start < at ? at + radio.value.length - nearest[2].length : at);
      radio.focus();
    });
  }
}
