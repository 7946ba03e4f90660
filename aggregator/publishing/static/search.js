// Looks for words in the posts of all years, newest first. Without it the archive does the job.
(() => {
  "use strict";
  const MOST = 100; // results on the page
  const AROUND = 90; // characters before the first word found
  const box = document.getElementById("search");
  if (!box) return;
  const form = box.querySelector("form");
  const input = box.querySelector("input");
  const status = box.querySelector("[role=status]");
  const list = box.querySelector("ol");
  const years = box.dataset.years.split(" ").filter(Boolean);
  const loaded = new Map();
  let latest = 0; // the number of the last search; earlier ones stop

  // "É" is found by "e"; nothing but letters and figures counts.
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const load = (year) => {
    if (!loaded.has(year)) {
      const reading = fetch(`${year}.json`).then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      });
      reading.catch(() => loaded.delete(year));
      loaded.set(year, reading.then((rows) => rows.map((row) => [...row, plain(`${row[2]} ${row[5]}`)])));
      loaded.get(year).catch(() => {});
    }
    return loaded.get(year);
  };

  const excerpt = (text, word) => {
    const at = Math.max(0, plain(text).indexOf(word) - AROUND);
    const part = text.slice(at, at + 260);
    return (at ? "… " : "") + part + (at + 260 < text.length ? " …" : "");
  };

  const element = (name, text, attributes) => {
    const made = document.createElement(name);
    made.textContent = text; // never markup: these are words of strangers
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };

  const show = ([path, language, title, day, shown, text], word) => {
    const item = document.createElement("li");
    item.lang = language;
    const address = path.split("/").map(encodeURIComponent).join("/");
    const words = document.createElement("div");
    words.append(
      element("a", title, { href: `../${address}`, dir: "auto" }),
      element("p", excerpt(text, word), { class: "p-summary", dir: "auto" }),
    );
    item.append(element("time", shown, { datetime: day }), words);
    list.append(item);
  };

  const search = async (query) => {
    const mine = ++latest;
    const words = plain(query).split(/\s+/).filter(Boolean);
    list.replaceChildren();
    list.hidden = true;
    status.textContent = words.length ? box.dataset.searching : "";
    if (!words.length) return;
    let count = 0;
    try {
      for (const year of years) {
        const rows = await load(year);
        if (mine !== latest) return;
        for (const row of rows) {
          if (!words.every((word) => row[6].includes(word))) continue;
          if (++count <= MOST) show(row, words[0]);
        }
        list.hidden = !count;
      }
    } catch {
      if (mine === latest) status.textContent = box.dataset.failed;
      return;
    }
    const said = { 0: box.dataset.foundNone, 1: box.dataset.foundOne };
    status.textContent = said[count] ?? box.dataset.found.replace("{count}", count > MOST ? `${MOST} / ${count}` : count);
  };

  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search(input.value), 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`);
    search(input.value);
  });
  form.hidden = false;
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) {
    input.value = asked.slice(0, 200);
    search(input.value);
  }
})();
