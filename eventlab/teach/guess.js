// A question and the control that takes the guess: the browser's own ones, which keyboards know.

const GONE = "The kernel has ended. Run the cell again to answer.";
const DRAW = "Draw your curve by the pointer, or choose a point by ← → and move it by ↑ ↓.";

function node(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function choice(parent, { options }, _question, changed) {
  const name = `eventlab-${Math.random().toString(36).slice(2)}`;
  const inputs = options.map((value) => node("input", { type: "radio", name, value, onchange: () => changed(value) }));
  parent.append(...inputs.map((input) => node("label", { className: "eventlab-guess-option" }, input, node("span", { textContent: input.value }))));
  return {
    take: (value) => { for (const input of inputs) input.checked = input.value === value; },
    turn: (off) => { for (const input of inputs) input.disabled = off; },
    lay: () => {},
  };
}

function number(parent, { placeholder, unit }, question, changed) {
  const input = node("input", { type: "text", inputMode: "decimal", placeholder, autocomplete: "off" });
  input.setAttribute("aria-label", unit ? `${question} In ${unit}` : question);
  input.onchange = () => changed(input.value);
  parent.append(node("div", { className: "eventlab-guess-row" }, input, node("span", { textContent: unit })));
  return {
    take: (value) => { if (value !== null) input.value = value; },
    turn: (off) => { input.disabled = off; },
    lay: () => {},
  };
}

// Until it is moved the point has no place that anybody has chosen.
function point(parent, { first, last, unit, step }, question, changed) {
  const words = (value) => `${Number(value.toPrecision(6)).toLocaleString("en")} ${unit}`.trim();
  const input = node("input", { type: "range" });
  Object.assign(input, { min: first, max: last, step, value: (first + last) / 2 });
  input.setAttribute("aria-label", question);
  const mark = node("span", { className: "eventlab-guess-mark", hidden: true });
  const line = node("div", { className: "eventlab-guess-line eventlab-guess-open" }, input, mark);
  // An <output> would be a second live region, beside the note.
  const output = node("span");
  const end = (value) => node("span", { textContent: words(value) });
  parent.append(node("div", { className: "eventlab-guess-row" }, end(first), line, end(last)), node("div", {}, "You: ", output));
  const say = (text) => { output.textContent = text; input.setAttribute("aria-valuetext", text); };
  const show = () => { line.classList.remove("eventlab-guess-open"); say(words(Number(input.value))); };
  const choose = () => { show(); changed(Number(input.value)); };
  say("not chosen yet");
  input.addEventListener("input", show);
  input.addEventListener("change", choose);
  input.addEventListener("click", choose);  // the middle may be meant, too
  input.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") choose(); });
  return {
    take: (value) => { if (value !== null) { input.value = value; show(); } },
    turn: (off) => { input.disabled = off; },
    lay: (outcome) => {
      mark.hidden = outcome === null;
      if (outcome === null) return;
      const share = Math.min(Math.max((outcome - first) / (last - first), 0), 1);
      mark.style.left = `calc(8px + ${share} * (100% - 16px))`;  // half a thumb on either side
      mark.textContent = `▲ the run: ${words(outcome)}`;
      const half = mark.offsetWidth / 2;
      const room = line.clientWidth;
      const shift = Math.max(half - share * room, 0) - Math.max(half - (1 - share) * room, 0);
      mark.style.marginLeft = `${shift}px`;
    },
  };
}

function curve(parent, settings, question, changed) {
  const frame = new CurveFrame(parent, settings, question, changed);
  parent.append(node("div", { textContent: DRAW }));
  return {
    take: (value) => frame.take(value),
    turn: (off) => { frame.isDead = off; for (const dot of frame.dots) dot.setAttribute("aria-disabled", off); },
    lay: (outcome) => frame.lay(outcome),
  };
}

const KINDS = { choice, number, point, curve };

function render({ model, el }) {
  const question = model.get("question");
  const box = node("div", { className: "eventlab-guess" });
  el.dataset.eventlab = "guess";
  // JupyterLab would take arrow keys for its own; how to ask for that depends on its version.
  box.dataset.lmSuppressShortcuts = "true";
  box.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") event.stopPropagation(); });
  const group = node("fieldset", {}, node("legend", {}, node("b", { textContent: "Predict. " }), question));
  if (model.get("kind") === "choice") group.setAttribute("role", "radiogroup");
  const changed = (value) => { model.set("value", value); model.save_changes(); };
  box.append(group);
  el.append(box);
  const control = KINDS[model.get("kind")](group, model.get("settings"), question, changed);
  const note = node("div", { className: "eventlab-guess-note" });
  note.setAttribute("role", "status");
  note.setAttribute("aria-live", "polite");
  box.append(note);

  // The widget's base marks its element when the comm is gone, and anywidget hands no other sign on.
  const isDead = () => el.closest(".jupyter-widgets-disconnected") !== null;
  const show = () => {
    const dead = isDead();
    control.turn(dead);
    control.lay(model.get("outcome"));
    const verdict = model.get("verdict") || model.get("note");
    note.textContent = dead ? `${verdict} ${GONE}`.trim() : verdict;
  };
  const take = () => control.take(model.get("value"));
  const look = () => setTimeout(show);  // after the base has set its mark
  const onShow = ["change:note", "change:verdict", "change:outcome"];
  for (const name of onShow) model.on(name, show);
  model.on("change:value", take);
  model.on("comm_live_update", look);
  take();
  show();
  const shown = new ResizeObserver(() => control.lay(model.get("outcome")));
  shown.observe(box);
  return () => {
    shown.disconnect();
    for (const name of onShow) model.off(name, show);
    model.off("change:value", take);
    model.off("comm_live_update", look);
  };
}

export default { render };
