// A table whose changing cells light up and fade, with the lines of its stream and its changelog.

function render({ model, el }) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const make = (tag, words, className) => Object.assign(document.createElement(tag), { textContent: words ?? "", className: className ?? "" });
  el.dataset.eventlab = "sheet";
  el.classList.add("eventlab-picture", "eventlab-sheet");
  el.setAttribute("role", "figure");
  el.setAttribute("aria-label", model.get("alt"));
  el.style.setProperty("--eventlab-sheet-colour", model.get("colour"));

  const list = (name, title) => {
    const box = make("div", "", `eventlab-sheet-${name}`);
    if (title === null) box.hidden = true;
    box.append(make("div", title, "eventlab-sheet-title"), make("ol"));
    return box;
  };
  const stream = list("stream", model.get("stream_title")), changelog = list("changelog", model.get("changelog_title"));
  const middle = make("div", "", "eventlab-sheet-table"), table = make("table"), count = make("div", "", "eventlab-sheet-count");
  const title = make("div", model.get("title"), "eventlab-sheet-title");
  middle.append(title, table, count);
  const top = make("div", "", "eventlab-sheet-top");
  top.append(stream, middle);
  el.append(top, changelog);

  let columns = null, rows = [], held = { places: {} }, stopAsking = () => {};
  const build = (names) => {
    columns = names;
    const head = make("tr");
    head.append(...[model.get("key_title"), ...names].map((name) => make("th", name)));
    rows = Array.from({ length: model.get("most") }, () => {
      const row = make("tr");
      row.className = "eventlab-sheet-gone";
      row.append(...[null, ...names].map(() => make("td", "\u00a0")));
      return row;
    });
    table.replaceChildren(head, ...rows);
  };
  // Half transparent, so that the words on it stay readable in a light page and in a dark one.
  const light = (cell) => still || cell.animate([{ backgroundColor: `${model.get("colour")}99` }, { backgroundColor: "transparent" }], 900);
  const fill = ({ place, key, cells, lit }) => {
    const row = rows[place], [name, ...values] = row.children;
    row.getAnimations({ subtree: true }).forEach((one) => one.cancel());
    if (key === null) {
      const blank = () => {
        [...row.children].forEach((cell) => { cell.textContent = "\u00a0"; });
        row.classList.remove("eventlab-sheet-going");
      };
      row.classList.add("eventlab-sheet-gone", "eventlab-sheet-going");
      if (still || !name.textContent.trim()) blank();
      else row.animate([{ opacity: 1 }, { opacity: 0 }], 500).finished.then(blank, () => {});
      return;
    }
    const isOther = name.textContent !== key;
    row.classList.remove("eventlab-sheet-gone", "eventlab-sheet-going");
    name.textContent = key;
    values.forEach((cell, i) => {
      cell.textContent = cells[i];
      if (lit[i]) light(cell);
    });
    if (isOther && lit.length) light(name);
  };
  const lines = (box, words) => box.querySelector("ol").replaceChildren(...words.map((line) => make("li", line)));
  const draw = (message) => {
    if (columns === null || columns.join() !== message.columns.join()) build(message.columns);
    if (message.all) for (let place = 0; place < rows.length; place += 1) fill({ place, key: null });
    message.places.forEach(fill);
    const shown = rows.filter((row) => !row.classList.contains("eventlab-sheet-gone")).length;
    const total = `${message.total_is_least ? "at least " : ""}${message.total} rows`;
    count.textContent = message.total > shown ? `${total}; here are the ${shown} that changed last` : total;
    lines(stream, message.lists.stream);
    lines(changelog, message.lists.changelog);
    el.dataset.total = message.total;
    el.dataset.updates = Number(el.dataset.updates ?? 0) + 1;
  };
  const keep = (message) => {
    const places = message.all ? {} : { ...held.places };
    for (const place of message.places) places[place.place] = { ...place, lit: [] };
    held = { ...message, all: true, places };
    model.set("held", held);  // never sent to Python: kept with the notebook, for the day after
  };
  const arrived = (message) => {
    if (message.type !== "sheet") return;
    if (message.all) stopAsking();
    draw(message);
    keep(message);
  };
  const retitled = () => { title.textContent = model.get("title"); };
  model.on("msg:custom", arrived);
  model.on("change:title", retitled);
  const say = lineIn(el);
  const stopShowing = showTrouble(model, el);
  const lived = (dead) => {
    stopAsking();
    say(dead ? ENDED : "");
    if (!dead) stopAsking = askUntil(model, "all?");
  };
  const stopWatching = watchLife(model, el, lived);
  build([]);
  const kept = model.get("held");
  if (isDead(el) && kept.columns) draw({ ...kept, places: Object.values(kept.places) });
  lived(isDead(el));
  return () => { stopAsking(); stopWatching(); stopShowing(); model.off("msg:custom", arrived); model.off("change:title", retitled); };
}

export default { render };
