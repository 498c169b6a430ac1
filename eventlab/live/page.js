// What every live picture shares: asking Python until it answers, reading columns, noticing death.

// A comm's first message can land on a busy shell, later ones on one apart: so ask again.
// `late` is called when the answer takes unusually long, `giveUp` when no answer will come: also
// when the comm is closed, as it is after a restart of the kernel, and throws.
function askUntil(model, type, { every = 400, tries = 150, more = {}, late = () => {}, giveUp = () => {} } = {}) {
  const unusual = 15;
  let asked = 0;
  const ask = () => {
    if (asked === tries) { stop(); giveUp(); return; }
    if (asked === unusual) late();
    asked += 1;
    try {
      model.send({ type, ...more });
    } catch {
      stop();
      setTimeout(giveUp);  // whoever asks has not got back how to stop
    }
  };
  const timer = setInterval(ask, every);
  const stop = () => clearInterval(timer);
  ask();
  return stop;
}

// What a timer sends may come just after the kernel has gone, of which the page hears a moment later.
function sendIfOpen(model, message) {
  try { model.send(message); } catch { /* watchLife will say so */ }
}

// [name, values] or [name, null, buffer]: numbers come as doubles, in which NaN stands for null.
function rowsOf({ columns, count }, buffers) {
  const rows = Array.from({ length: count }, () => ({}));
  for (const [name, values, buffer] of columns) {
    if (values !== null) { rows.forEach((row, i) => { row[name] = values[i]; }); continue; }
    const { buffer: bytes, byteOffset, byteLength } = buffers[buffer];
    const numbers = new Float64Array(bytes.slice(byteOffset, byteOffset + byteLength));
    rows.forEach((row, i) => { row[name] = Number.isNaN(numbers[i]) ? null : numbers[i]; });
  }
  return rows;
}

// One line of text under (or in place of) a picture; empty, it takes no room.
function lineIn(el) {
  const line = document.createElement("div");
  line.className = "eventlab-line";
  line.setAttribute("role", "status");
  el.append(line);
  const say = (text) => {
    line.textContent = text;
    line.hidden = !text;
    line.classList.toggle("eventlab-ended", text === ENDED);
  };
  say("");
  return say;
}

// What went wrong in Python stands under the picture, and leaves it where it was.
function showTrouble(model, el) {
  const line = document.createElement("div");
  line.className = "eventlab-line eventlab-trouble";
  line.setAttribute("role", "alert");
  el.append(line);
  const show = () => { line.textContent = model.get("trouble"); line.hidden = !line.textContent; };
  model.on("change:trouble", show);
  show();
  return () => model.off("change:trouble", show);
}

// The widget's base marks its element when the comm is gone, and anywidget hands no other sign on.
function isDead(el) { return el.closest(".jupyter-widgets-disconnected") !== null; }

// Call `changed(dead)` whenever the kernel goes, or a lost connection comes back.
function watchLife(model, el, changed) {
  let isWatched = true;
  // After the base has set its mark; by then the view may be gone, which has none.
  const look = () => setTimeout(() => { if (isWatched) changed(isDead(el)); });
  model.on("comm_live_update", look);
  return () => {
    isWatched = false;
    model.off("comm_live_update", look);
  };
}

// Tell Python when the picture has come to rest, so that the notebook that is saved has a still of it
// beside the view. For that its output is drawn anew: not while somebody is at it, and without a leap
// of the page. On a stage there are pictures of the whole. Returns how to end.
const REST_MS = 3000;

function tellRest(model, el, { shot = () => null, after = REST_MS } = {}) {
  let timer = 0;
  const rest = () => {
    if (isDead(el) || el.closest(".eventlab-stage")) return;
    const output = el.closest(".jp-OutputArea-child") ?? el;
    if (!el.isConnected || output.matches(":hover, :focus-within")) { soon(); return; }
    output.style.minHeight = `${output.offsetHeight}px`;
    setTimeout(() => { output.style.minHeight = ""; }, after);
    RENEWED.set(model, el);
    sendIfOpen(model, { type: "rest", shot: shot() });
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(rest, after); };
  model.on("msg:custom", soon);
  soon();
  return () => { clearTimeout(timer); model.off("msg:custom", soon); };
}

// JupyterLab takes a view out of an output that is drawn anew, but does not end it: so the new view
// of the same model does. Returns `end`, which then does nothing more.
const RENEWED = new WeakMap(), ENDS = new WeakMap();

function endOnce(model, el, end) {
  const before = RENEWED.get(model);
  if (before && before !== el && !before.isConnected) {
    RENEWED.delete(model);
    ENDS.get(before)?.();
  }
  const once = () => { if (ENDS.delete(el)) end(); };  // what it holds is not to outlive it
  ENDS.set(el, once);
  return once;
}

const ENDED = "The kernel has ended. To see this move again, choose Run > Run All Cells.";
