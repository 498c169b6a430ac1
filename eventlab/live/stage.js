// The stage: one experiment with all that belongs to it, beside the notebook or in its cell.
//
// What moves stands in `root`, an element of our own: it can leave the cell's output for a panel at
// the notebook's side, and come back, while Lumino's own tree of widgets stays as it is.

const LOOK_MS = 100;
const DRAW_MS = 600;  // for so long what stood on the stage stays, while what comes is drawn
const TURN_MS = 20;
const ROOM_FOR_WORDS = 20;  // per cent of the story, below which they stand beside a band
const SHORT_WORDS = 16;
const REST_OF_COUNTS_MS = 2000;  // after which what was counted is spoken

// A control that can do nothing just now is not disabled but marked so: it keeps the keyboard's focus.
const able = (control, isAble) => control.setAttribute("aria-disabled", !isAble);

function refuseWhatIsOff(root) {
  const refuse = (event) => {
    const isTyped = event.type === "keydown";
    if (isTyped && (event.key === "Tab" || event.ctrlKey || event.metaKey || event.altKey)) return;
    if (!event.target.closest("[aria-disabled=true]")) return;
    event.preventDefault();
    event.stopPropagation();
  };
  for (const kind of ["click", "keydown", "input", "change"]) root.addEventListener(kind, refuse, { capture: true });
}

// What was chosen by hand stands until Python says the same, or is done while nobody is at it.
function standing(control, now, isBusy) {
  if (control.chosen === now || (document.activeElement !== control && !isBusy)) control.chosen = undefined;
  return control.chosen ?? now;
}

// A value stands in one line with its name, unless they are long.
const whole = (words) => (words.length > SHORT_WORDS ? words.replace(": ", ":\u00a0") : words.replaceAll(" ", "\u00a0"));

// The scoreboard: what was counted, a row for each run. One run alone needs no name.
function board(model, table) {
  const cell = (tag, words, more = {}) => Object.assign(element(tag, "", words), more);
  const draw = () => {
    const { heads, rows } = model.get("board");
    table.hidden = !rows?.length;
    if (table.hidden) return;
    const hasNames = heads.length > 1;
    const head = element("tr", "");
    if (hasNames) head.append(element("td", ""));
    head.append(...rows.map(([name]) => cell("th", name, { scope: "col" })));
    const lines = heads.map((run, i) => {
      const line = element("tr", "");
      if (hasNames) line.append(cell("th", run.split(", ").map(whole).join(", "), { scope: "row" }));
      line.append(...rows.map((row) => element("td", "", row[i + 1])));
      return line;
    });
    table.replaceChildren(head, ...lines);
  };
  model.on("change:board", draw);
  draw();
}

// The outages of the story, as bands under the pictures, with the moment at which it is.
function outages(model, box) {
  let cursors = [];
  let end = 1;
  const go = () => {
    const at = model.get("status").at_seconds ?? 0;
    if (at > end) { draw(); return; }  // of a story whose length nobody has known
    for (const cursor of cursors) cursor.style.left = `${100 * at / end}%`;
  };
  // Where bands are, in per cent of the story. Words have the width of their band; those of a narrow
  // one stand behind it, or where the next one is too near before it: two in one gap share it.
  const placesOf = (bands) => {
    const places = bands.map(({ begin, end: until }) => ({ left: 100 * begin / end, right: 100 * until / end }));
    places.forEach((one, i) => {
      one.before = one.left - (places[i - 1]?.right ?? 0);
      one.after = (places[i + 1]?.left ?? 100) - one.right;
      if (one.right - one.left > ROOM_FOR_WORDS) one.where = "inside";
      else one.where = one.after >= Math.min(ROOM_FOR_WORDS, one.before) ? "after" : "before";
    });
    places.forEach((one, i) => {
      const isShared = one.where === "after" ? places[i + 1]?.where === "before" : places[i - 1]?.where === "after";
      one.room = Math.max(ROOM_FOR_WORDS, one[one.where] / (isShared ? 2 : 1));
    });
    return places;
  };
  const outage = (words, title, { left, right, where, room }) => {
    const band = Object.assign(element("span", "eventlab-stage-outage"), { title });
    Object.assign(band.style, { marginLeft: `${left}%`, width: `${right - left}%` });
    const label = element("span", "eventlab-stage-happens", words);
    if (where === "inside") { band.append(label); return { band }; }
    const side = where === "after" ? { marginLeft: `${right}%`, justifySelf: "start" } : { marginRight: `${100 - left}%`, justifySelf: "end" };
    Object.assign(label.style, side, { maxWidth: `${room}%` });
    return { band, label };
  };
  const lane = (targets, bands) => {
    const row = element("div", "eventlab-stage-lane"), track = element("div", "eventlab-stage-track");
    const names = targets.join(", ");
    const cursor = element("span", "eventlab-stage-cursor");
    const places = placesOf(bands);
    const drawn = bands.map(({ words }, i) => outage(words, `${names}: ${words}`, places[i]));
    // Words that stand beside a band may lie on the next one.
    track.append(...drawn.map(({ band }) => band), ...drawn.flatMap(({ label }) => label ?? []), cursor);
    row.append(Object.assign(element("span", "eventlab-stage-target", names), { title: names }), track);
    return { row, cursor };
  };
  const draw = () => {
    const bands = model.get("bands");
    const { of_seconds: length = 0, at_seconds: at = 0 } = model.get("status");
    end = Math.max(1, length, at, ...bands.map((one) => 1.02 * one.end));
    // What happens to several at the same time has one lane.
    const lanes = new Map();
    for (const target of new Set(bands.map((one) => one.target))) {
      const own = bands.filter((one) => one.target === target).sort((one, other) => one.begin - other.begin);
      const same = JSON.stringify(own.map(({ begin, end: until, words }) => [begin, until, words]));
      const found = lanes.get(same) ?? { targets: [], own };
      found.targets.push(target);
      lanes.set(same, found);
    }
    const drawn = [...lanes.values()].map(({ targets, own }) => lane(targets, own));
    cursors = drawn.map(({ cursor }) => cursor);
    box.hidden = !bands.length;
    box.replaceChildren(...drawn.map(({ row }) => row));
    go();
  };
  model.on("change:bands", draw);
  model.on("change:status", go);
  draw();
}

const option = (value, words) => Object.assign(element("option", "", words), { value });

// What can be broken by hand: a choice of what, and a choice of what happens to it.
function breaking(model, box, isEnded) {
  const label = element("label", "", "Break by hand ");
  const which = element("select", ""), how = element("select", "");
  how.setAttribute("aria-label", "What happens to it");
  label.append(which);
  box.append(label, how);
  // An open list is not to close because the words of one of its options have changed.
  const refill = (select, options, value) => {
    if (select.options.length !== options.length) select.replaceChildren(...options.map(([one, words]) => option(one, words)));
    options.forEach(([one, words], i) => {
      if (select.options[i].text !== words) Object.assign(select.options[i], { value: one, text: words });
    });
    if (select.value !== value) select.value = value;
  };
  const draw = () => {
    const places = model.get("places"), { busy } = model.get("status");
    box.hidden = !places.length;
    if (box.hidden) return;
    const place = places.find(({ name }) => name === which.value) ?? places[0];
    refill(which, places.map(({ name, now }) => [name, now ? `${name}: ${now}` : name]), place.name);
    refill(how, [["", "as it is"], ...place.choices.map((words) => [words, words])], standing(how, place.now, busy));
    for (const one of [which, how]) able(one, !isEnded());
  };
  which.addEventListener("change", () => { how.chosen = undefined; draw(); });
  how.addEventListener("change", () => {
    how.chosen = how.value;
    model.send({ type: "do", what: "trouble", value: [which.value, how.value] });
  });
  how.addEventListener("blur", draw);
  model.on("change:places", draw);
  model.on("change:status", draw);
  draw();
  return draw;
}

// Arguments of the experiment: another value lets it begin anew, when it is not busy any more.
function turns(model, box, isEnded) {
  let sliders = [], names = "";
  const one = ({ name, values }) => {
    const label = element("label", "eventlab-stage-speed", `${name} `);
    const slider = Object.assign(element("input", ""), { type: "range", min: 0, max: values.length - 1, step: 1 });
    const words = element("output", "");
    const say = () => {
      words.textContent = values[slider.value];
      slider.setAttribute("aria-valuetext", values[slider.value]);
    };
    slider.addEventListener("input", () => { slider.chosen = Number(slider.value); say(); });
    slider.addEventListener("change", () => model.send({ type: "do", what: "turn", value: [name, Number(slider.value)] }));
    slider.addEventListener("blur", draw);
    label.append(slider, words);
    return { label, slider, say };
  };
  const draw = () => {
    const all = model.get("turns"), { busy } = model.get("status");
    const said = JSON.stringify(all.map(({ name, values }) => [name, values]));
    if (said !== names) {
      names = said;
      sliders = all.map(one);
      box.replaceChildren(...sliders.map(({ label }) => label));
    }
    sliders.forEach(({ slider, say }, i) => {
      slider.value = standing(slider, all[i].now, busy);
      say();
      able(slider, !isEnded());
    });
  };
  model.on("change:turns", draw);
  model.on("change:status", draw);
  draw();
  return draw;
}

// Pause, speed, play again, the switches and buttons: each tells Python, and shows what Python says.
function controls(model, box, isEnded) {
  const tell = (what, value = null) => model.send({ type: "do", what, value });
  const button = (words, act) => {
    const one = Object.assign(element("button", "eventlab-stage-button", words), { type: "button" });
    one.addEventListener("click", () => act(one));
    return one;
  };
  const pause = button("Pause", () => tell(model.get("status").state === "playing" ? "pause" : "play"));
  const again = button("Play again", () => tell("again"));
  const label = element("label", "eventlab-stage-speed", "Speed ");
  const speed = Object.assign(element("input", ""), { type: "range", min: 0, step: 1 });
  const words = element("output", "eventlab-stage-speed-words");
  label.append(speed, words);
  const saySpeed = (name) => {
    words.textContent = name;
    speed.setAttribute("aria-valuetext", name);
  };
  speed.addEventListener("input", () => {
    const [name, value] = model.get("status").speeds[speed.value];
    speed.chosen = value;
    saySpeed(name);
    tell("speed", value);
  });
  const acts = element("span", "eventlab-stage-acts");
  const line = element("div", "eventlab-line eventlab-stage-says");
  box.append(pause, again, label, acts, line);

  const draw = () => {
    const { state, words: says, speeds = [], speed: now, busy } = model.get("status");
    const isOver = !["playing", "paused"].includes(state);
    pause.textContent = state === "paused" ? "Go on" : "Pause";
    pause.hidden = again.hidden = label.hidden = speeds.length === 0;
    speed.max = speeds.length - 1;
    const chosen = standing(speed, now, busy);
    const place = speeds.findIndex(([, value]) => value === chosen);
    if (place >= 0) {
      speed.value = place;
      saySpeed(speeds[place][0]);
    }
    line.textContent = isEnded() ? "" : says;
    able(speed, !isOver && !isEnded());
    able(pause, !isOver && !busy && !isEnded());
    for (const one of [again, ...acts.children]) able(one, !busy && !isEnded());
  };
  const made = new Map();
  const drawActs = () => {
    const shown = model.get("acts").map(({ name, on }) => {
      if (!made.has(name)) made.set(name, button(name, () => tell("act", name)));
      made.get(name).setAttribute("aria-pressed", on);
      return made.get(name);
    });
    const isSame = shown.length === acts.children.length && shown.every((one, i) => one === acts.children[i]);
    const focused = document.activeElement;
    if (!isSame) acts.replaceChildren(...shown);
    if (shown.includes(focused)) focused.focus({ preventScroll: true });  // it was taken out for a moment
    draw();
  };
  speed.addEventListener("blur", draw);
  model.on("change:status", draw);
  model.on("change:acts", drawActs);
  drawActs();
  return draw;
}

// What a screen reader speaks: that it plays or waits, and once it rests, how it ended and what was
// counted.
function speaking(model, line, isEnded) {
  let timer = 0;
  const say = (words) => { if (line.textContent !== words) line.textContent = words; };
  const outcome = () => {
    const { heads = [], words = [] } = model.get("board");
    const counted = words.map((figures, i) => (figures && heads.length > 1 ? `${heads[i]}: ${figures}` : figures));
    return [model.get("status").state, ...counted].filter(Boolean).join(". ");
  };
  const tell = () => {
    clearTimeout(timer);
    const { state, words } = model.get("status");
    if (isEnded()) say("");
    else if (state === "playing") say(words.split(" · ")[0]);  // without the moment, which goes on
    else timer = setTimeout(() => say(outcome()), REST_OF_COUNTS_MS);
  };
  model.on("change:status", tell);
  model.on("change:board", tell);
  tell();
  return tell;
}

// Tell whether a view has drawn its picture: each kind counts in its element what it has drawn.
function hasDrawn(view) {
  const pictures = [...view.el.querySelectorAll("[data-eventlab]")];
  return pictures.length > 0 && pictures.every(({ dataset }) => dataset.frames > 0 || "updates" in dataset || "cards" in dataset);
}

async function untilDrawn(views, isPast) {
  const until = performance.now() + DRAW_MS;
  while (!views.every(hasDrawn) && !isPast() && performance.now() < until) await new Promise((go) => setTimeout(go, TURN_MS));
}

// A stage is made once a page: when its output is renewed, the new view takes it over as it stands.
const STAGES = globalThis.__eventlab_stages__ ??= new Map();

function render({ model, el }) {
  const name = model.get("name");
  if (!STAGES.has(name)) STAGES.set(name, makeStage(model, () => STAGES.delete(name)));
  const stage = STAGES.get(name);
  stage.moveInto(el);
  return () => stage.leave(el);
}

function makeStage(model, forget) {
  const root = element("section", "eventlab-stage");
  root.setAttribute("aria-label", `Experiment: ${model.get("title")}`);
  root.dataset.eventlab = "stage";
  // JupyterLab would take arrow keys for its own; how to ask for that depends on its version.
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => { if (event.key.startsWith("Arrow")) event.stopPropagation(); });
  refuseWhatIsOff(root);
  const head = element("div", "eventlab-stage-head");
  const title = element("h2", "", model.get("title"));
  const home = Object.assign(element("button", "eventlab-stage-button", "Back into the cell"), { type: "button" });
  head.append(title, home);
  const runs = element("div", "eventlab-stage-runs"), coming = element("div", "eventlab-stage-runs");
  const offStage = element("div", "eventlab-stage-coming"), bar = element("div", "eventlab-stage-bar");
  const table = element("table", "eventlab-stage-board");
  const bands = element("div", "eventlab-stage-bands"), hand = element("div", "eventlab-stage-bar eventlab-stage-hand");
  const turned = element("div", "eventlab-stage-bar");
  const side = element("div", "eventlab-stage-side"), scene = element("div", "eventlab-stage-scene");
  const spoken = element("div", "eventlab-spoken");
  spoken.setAttribute("role", "status");
  side.append(head, bar, turned);
  offStage.append(coming);
  scene.append(runs, bands, hand, offStage);
  scene.tabIndex = 0;  // it may scroll, by arrow keys too
  root.append(side, scene, table, spoken);
  const sign = element("div", "eventlab-stage-sign");
  const show = Object.assign(element("button", "eventlab-stage-button", "Show it beside the notebook"), { type: "button" });
  const words = element("span", "");
  sign.append(words, show);
  const say = lineIn(root);

  let cell = null, notebook = null, isGone = false, views = [], looking = 0;
  let stopAsking = () => {}, stopWatching = () => {};
  const isEnded = () => cell !== null && isDead(cell);
  const isAway = () => root.classList.contains("eventlab-stage-away");
  const settle = (away) => {
    root.classList.toggle("eventlab-stage-away", away);
    words.textContent = away ? `“${model.get("title")}” is on the stage, beside the notebook.` : "";
    words.hidden = !away;
    home.hidden = !away;
    show.hidden = away || !notebook;
    sign.hidden = !away && !notebook;
  };
  const guest = { root, scene, goHome() { cell.append(root); settle(false); } };
  const goAway = () => { Panel.of(notebook).take(guest); settle(true); };
  home.addEventListener("click", () => {
    Panel.of(notebook).leave(guest);
    guest.goHome();
    show.focus();
  });
  show.addEventListener("click", () => { goAway(); home.focus(); });
  settle(false);

  let fills = 0;
  const fill = async () => {
    fills += 1;
    const mine = fills;
    const captions = model.get("captions");
    const manager = model.widget_manager;
    const made = await Promise.all(model.get("views").map(async (one) => manager.create_view(await manager.get_model(one.replace("IPY_MODEL_", "")))));
    // Meanwhile the stage may have gone, or may have got other pictures.
    const isPast = () => isGone || mine !== fills;
    const figures = made.map((view, i) => {
      const figure = element("figure", "eventlab-stage-run");
      if (made.length > 1) figure.append(element("figcaption", "", captions[i]));
      figure.append(view.el);
      return figure;
    });
    if (!isPast() && views.length) {
      coming.replaceChildren(...figures);
      await untilDrawn(made, isPast);
    }
    if (isPast()) {
      figures.forEach((figure) => figure.remove());
      made.forEach((view) => view.remove());
      return;
    }
    const old = views;
    views = made;
    runs.replaceChildren(...figures);
    old.forEach((view) => view.remove());
  };
  const fillOrSay = () => fill().catch((error) => say(`This stage cannot be drawn: ${error.message}. Run the cell again.`));
  const stopShowing = showTrouble(model, root);
  const redraw = controls(model, bar, isEnded);
  board(model, table);
  const tell = speaking(model, spoken, isEnded);
  outages(model, bands);
  const redrawHand = breaking(model, hand, isEnded);
  const redrawTurns = turns(model, turned, isEnded);
  const lived = () => {
    stopAsking();
    say(isEnded() ? ENDED : "");
    redraw();
    tell();
    redrawHand();
    redrawTurns();
    if (!isEnded()) stopAsking = askUntil(model, "all?");
  };
  const heard = (message) => { if (message.type === "here") stopAsking(); };
  model.on("change:views", fillOrSay);
  model.on("msg:custom", heard);
  // Python asks for what it has put there last, which may be about to come.
  const shots = () => [...(coming.children.length ? coming : runs).children].map(shotOf);
  const stopShots = sendShots(model, shots, isEnded);
  const stopAnswering = answerShots(model, shots);
  fillOrSay();

  // Only what stands in a page has a notebook around it; a cell out of sight may come later.
  const look = () => {
    if (!cell.isConnected) return;
    clearInterval(looking);
    notebook = cell.closest(".jp-NotebookPanel");
    if (notebook && !isEnded()) goAway();
    else settle(false);
  };
  const end = () => {
    isGone = true;
    stopAsking();
    stopShowing();
    stopShots();
    stopAnswering();
    model.off("change:views", fillOrSay);
    model.off("msg:custom", heard);
    if (notebook) Panel.of(notebook).leave(guest);
    views.forEach((view) => view.remove());
    root.remove();
    forget();
  };
  return {
    moveInto(el) {
      const isFirst = cell === null;
      cell = el;
      el.classList.add("eventlab-picture", "eventlab-stage-home");
      el.append(sign);
      if (!isAway()) el.append(root);
      stopWatching();
      stopWatching = watchLife(model, el, lived);
      lived();
      if (isFirst) looking = setInterval(look, LOOK_MS);
    },
    leave(el) {
      if (cell !== el) return;  // another view has taken it over
      clearInterval(looking);
      stopWatching();
      end();
    },
  };
}

export default { render };
