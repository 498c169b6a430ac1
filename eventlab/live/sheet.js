// A table whose changing cells light up and fade, with the lines of its stream and its changelog.
//
// With a slider (`slides`) each event flies from the stream into its row, and from there becomes a
// record of the changelog: the rows wait for it. Where many come at once they only light up.

const FLIGHT_MS = 450;
const MOST_FLIGHTS = 2;  // in one message, which are fifteen a second

function render({ model, el }) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const make = (tag, words, className) => Object.assign(document.createElement(tag), { textContent: words ?? "", className: className ?? "" });
  el.dataset.eventlab = "sheet";
  el.classList.add("eventlab-picture", "eventlab-sheet");
  el.setAttribute("role", "figure");
  el.setAttribute("aria-label", model.get("alt"));
  el.style.setProperty("--eventlab-sheet-colour", model.get("colour"));
  el.style.setProperty("--eventlab-sheet-wrong", model.get("wrong_colour"));

  const list = (name, title) => {
    const box = make("div", "", `eventlab-sheet-${name}`);
    if (title === null) box.hidden = true;
    box.append(make("div", title, "eventlab-sheet-title"), make("ol"));
    return box;
  };
  const stream = list("stream", model.get("stream_title")), changelog = list("changelog", model.get("changelog_title"));
  const middle = make("div", "", "eventlab-sheet-table"), table = make("table"), count = make("div", "", "eventlab-sheet-count");
  const title = make("div", model.get("title"), "eventlab-sheet-title");
  const says = make("div", model.get("says"), "eventlab-sheet-says");
  says.setAttribute("role", "status");
  middle.append(title, table, count);
  const top = make("div", "", "eventlab-sheet-top");
  top.append(stream, middle);
  el.append(says, top, changelog);
  el.classList.toggle("eventlab-sheet-slides", model.get("slides"));

  // The slider stands at the changelog: the table as it was after so many of its records.
  const slide = make("label", "", "eventlab-sheet-slide"), slideWords = make("output", "");
  const slider = Object.assign(make("input"), { type: "range", min: 0, max: 0, step: 1 });
  slide.append("The table after ", slider, slideWords);
  slide.hidden = !model.get("slides");
  changelog.insertBefore(slide, changelog.lastChild);
  const sayWhere = (number, of) => {
    slideWords.textContent = `${number} of ${of} records`;
    slider.setAttribute("aria-valuetext", slideWords.textContent);
  };
  let sliding = 0;
  slider.addEventListener("input", () => {
    sliding = Date.now();
    sayWhere(Number(slider.value), Number(slider.max));
    model.send({ type: "at", number: Number(slider.value) });
  });
  const moveSlider = ({ at = 0, changes = 0 }) => {
    slider.max = changes;
    if (Date.now() - sliding < 500) return;  // the learner's hand is there
    slider.value = at;
    sayWhere(at, changes);
  };

  // A word that flies from one element to another.
  const fly = (words, from, to) => {
    const start = from?.getBoundingClientRect(), end = to?.getBoundingClientRect(), home = el.getBoundingClientRect();
    if (!start?.width || !end?.width) return;
    const chip = make("div", words, "eventlab-sheet-chip");
    chip.setAttribute("aria-hidden", "true");
    const at = (box) => `translate(${box.left - home.left}px, ${box.top - home.top}px)`;
    el.append(chip);
    chip.animate([{ transform: at(start) }, { transform: at(end) }], { duration: FLIGHT_MS, easing: "ease-in-out" }).finished.then(() => chip.remove(), () => chip.remove());
  };

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
  const fill = ({ place, key, cells, lit, right = [] }) => {
    const row = rows[place], [name, ...values] = row.children;
    row.getAnimations({ subtree: true }).forEach((one) => one.cancel());
    if (key === null) {
      const blank = () => {
        [...row.children].forEach((cell) => {
          cell.textContent = "\u00a0";
          cell.classList.remove("eventlab-sheet-wrong");
        });
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
      const isWrong = typeof right[i] === "string";
      cell.textContent = isWrong ? `${cells[i]}, not ${right[i]}` : cells[i];
      cell.classList.toggle("eventlab-sheet-wrong", isWrong);
      if (lit[i]) light(cell);
    });
    if (isOther && lit.length) light(name);
  };
  const lines = (box, words) => box.querySelector("ol").replaceChildren(...words.map((line) => make("li", line)));
  const draw = (message) => {
    if (columns === null || columns.join() !== message.columns.join()) build(message.columns);
    if (message.all) for (const chip of el.querySelectorAll(".eventlab-sheet-chip")) chip.remove();
    if (message.all) for (let place = 0; place < rows.length; place += 1) fill({ place, key: null });
    message.places.forEach(fill);
    const shown = rows.filter((row) => !row.classList.contains("eventlab-sheet-gone")).length;
    const total = `${message.total_is_least ? "at least " : ""}${message.total} rows`;
    count.textContent = message.total > shown ? `${total}; here are the ${shown} that changed last` : total;
    lines(changelog, message.lists.changelog);
    moveSlider(message);
    el.dataset.total = message.total;
    el.dataset.updates = Number(el.dataset.updates ?? 0) + 1;
  };
  const flying = ({ all, at, changes, places }) => {
    if (all || still || !model.get("slides") || at < changes) return [];
    const changed = places.filter(({ key, lit }) => key !== null && lit.some(Boolean));
    return changed.length <= MOST_FLIGHTS ? changed : [];
  };
  const record = () => changelog.querySelector("li:last-child");
  const lands = (flights) => flights.forEach(({ place, key }) => fly(key, rows[place], record()));
  // Rows wait for what flies to them, and none overtakes another.
  const queue = [];
  let due = 0, timer = 0;
  const drawDue = () => {
    timer = 0;
    while (queue.length && queue[0].due <= Date.now()) {
      const { message, flights } = queue.shift();
      draw(message);
      lands(flights);
    }
    if (queue.length) timer = setTimeout(drawDue, queue[0].due - Date.now());
  };
  const drawInTime = (message) => {
    lines(stream, message.lists.stream);
    const flights = flying(message);
    const events = [...stream.querySelectorAll("li")];
    flights.forEach(({ place, key }) => {
      const event = events.findLast((li) => li.textContent.startsWith(key));
      fly(event?.textContent, event, rows[place]);
    });
    due = Math.max(due, Date.now() + (flights.length ? FLIGHT_MS : 0));
    queue.push({ message, flights, due });
    if (!timer) drawDue();
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
    drawInTime(message);
    keep(message);
  };
  const retold = () => { says.textContent = model.get("says"); };
  const slid = () => {
    slide.hidden = !model.get("slides");
    el.classList.toggle("eventlab-sheet-slides", model.get("slides"));
  };
  model.on("change:says", retold);
  model.on("change:slides", slid);
  const retitled = () => { title.textContent = model.get("title"); };
  model.on("msg:custom", arrived);
  model.on("change:title", retitled);
  const say = lineIn(el);
  const stopShowing = showTrouble(model, el);
  const lived = (dead) => {
    stopAsking();
    say(dead ? ENDED : "");
    slider.disabled = dead;
    if (!dead) stopAsking = askUntil(model, "all?");
  };
  const stopResting = tellRest(model, el);
  const stopWatching = watchLife(model, el, lived);
  build([]);
  const kept = model.get("held");
  if (isDead(el) && kept.columns) drawInTime({ ...kept, places: Object.values(kept.places) });
  lived(isDead(el));
  return endOnce(model, el, () => {
    stopAsking();
    stopWatching();
    stopResting();
    stopShowing();
    clearTimeout(timer);
    model.off("msg:custom", arrived);
    model.off("change:title", retitled);
    model.off("change:says", retold);
    model.off("change:slides", slid);
  });
}

export default { render };
