// The newest rows of what never ends, the youngest on top; a row that has just come lights up.

function render({ model, el }) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const make = (tag, words) => Object.assign(document.createElement(tag), { textContent: words ?? "" });
  el.dataset.eventlab = "roll";
  el.classList.add("eventlab-picture", "eventlab-sheet");
  el.setAttribute("role", "figure");
  el.setAttribute("aria-label", model.get("alt"));
  el.style.setProperty("--eventlab-sheet-colour", model.get("colour"));
  const title = make("div", model.get("title")), table = make("table"), body = make("tbody"), head = make("thead");
  title.className = "eventlab-sheet-title";
  table.append(head, body);
  el.append(title, table);

  let newest = 0, stopAsking = () => {};
  const light = (row) => still || row.animate([{ backgroundColor: `${model.get("colour")}99` }, { backgroundColor: "transparent" }], 900);
  const line = (tag, cells) => {
    const row = make("tr");
    row.append(...cells.map((cell) => make(tag, cell)));
    return row;
  };
  const draw = ({ columns, rows }) => {
    head.replaceChildren(line("th", ["", ...columns]));
    const lines = rows.map(({ number, cells }) => line("td", [number.toLocaleString("en"), ...cells]));
    // Empty ones keep the place: what stands below does not move while rows come.
    const empty = Array.from({ length: Math.max(0, model.get("most") - rows.length) }, () => line("td", ["\u00a0", ...columns.map(() => "")]));
    body.replaceChildren(...lines, ...empty);
    rows.forEach(({ number }, i) => { if (newest && number > newest) light(lines[i]); });
    newest = Math.max(newest, ...rows.map(({ number }) => number));
    el.dataset.total = newest;
    el.dataset.updates = Number(el.dataset.updates ?? 0) + 1;
  };
  const arrived = (message) => {
    if (message.type !== "roll") return;
    stopAsking();
    draw(message);
    model.set("held", message);  // never sent to Python: kept with the notebook, for the day after
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
  const stopResting = tellRest(model, el);
  const stopWatching = watchLife(model, el, lived);
  const kept = model.get("held");
  if (isDead(el) && kept.columns) draw(kept);
  lived(isDead(el));
  return endOnce(model, el, () => {
    stopAsking();
    stopWatching();
    stopResting();
    stopShowing();
    model.off("msg:custom", arrived);
    model.off("change:title", retitled);
  });
}

export default { render };
