// A Vega-Lite chart whose data "live" comes from Python as columns, applied as Vega changesets.

const LAY_OUT_MS = 1000;  // laying legend and axes out again is dear
const REMEMBER_MS = 3000;
const MANY_WORDS = 500;

// What the page keeps of a chart for the day after, when no kernel can draw it.
function remember(model, canvas) {
  model.set("picture", { source: canvas.toDataURL(), width: canvas.clientWidth });  // never sent to Python
}

function showRemembered(model, box, say) {
  const { source, width } = model.get("picture");
  if (source) {
    const still = Object.assign(document.createElement("img"), { src: source, width, alt: model.get("alt") });
    box.replaceChildren(still);
  } else box.replaceChildren();
  box.style.minHeight = "";
  say(ENDED);
}

// New words change the legend, which is laid out again only by resize(); axes may wait a second.
class Layout {
  constructor() { this.words = new Set(); this.done = 0; }

  isDue(rows, all) {
    const before = this.words.size;
    for (const row of rows) for (const value of Object.values(row)) {
      if (typeof value === "string" && this.words.size < MANY_WORDS) this.words.add(value);
    }
    if (!all && this.words.size === before && Date.now() - this.done < LAY_OUT_MS) return false;
    this.done = Date.now();
    return true;
  }
}

// Vega would number all of its rows, to find out what is to become of each: these it knows.
function changesOf(view, arriving, leaving) {
  const changes = view.changeset().insert(arriving), vegas = changes.pulse;
  changes.pulse = (pulse) => {
    vegas.call(changes, pulse, []);
    for (const row of leaving) pulse.rem.push(row);
    return pulse;
  };
  return changes;
}

function render({ model, el }) {
  const settings = model.get("settings");
  const box = document.createElement("div");
  box.className = "eventlab-live";
  box.setAttribute("role", "img");
  box.tabIndex = 0;  // on a narrow page it scrolls, by arrow keys too
  box.setAttribute("aria-label", model.get("alt"));
  box.style.minHeight = `${settings.height}px`;  // the page does not jump when the chart comes
  el.dataset.eventlab = "chart";
  el.classList.add("eventlab-picture");
  el.classList.toggle("eventlab-wide", model.get("spec").usermeta?.wide ?? false);
  el.append(box);
  const say = lineIn(el);
  const sayWhatItShows = () => box.setAttribute("aria-label", model.get("alt"));
  const stopShowing = showTrouble(model, el);
  const pending = new Pending(settings);
  const layout = new Layout();
  const figures = { frames: 0, rows: 0, sequence: -1, embeds: 0, remembered: 0 };
  let view = null, embedded = null, frame = 0, remembering = 0, gone = false, stopAsking = () => {};
  let beside = 0, hasMeasured = false, drawnFor = 0, stopMoving = () => {};

  const tell = () => Object.assign(el.dataset, figures);
  const rememberSoon = () => {
    remembering ||= setTimeout(() => {
      remembering = 0;
      const canvas = box.querySelector("canvas");
      if (!canvas || gone) return;
      remember(model, canvas);
      figures.remembered += 1;
      tell();
    }, REMEMBER_MS);
  };
  const draw = async () => {
    frame = 0;
    if (!view || gone) return;
    const { all } = pending, { arriving, leaving } = pending.take();
    if (layout.isDue(arriving, all)) view.resize();
    await view.change("live", changesOf(view, arriving, leaving)).runAsync();
    figures.frames += 1;
    figures.rows = view.data("live").length;
    tell();
    rememberSoon();
  };
  const drawSoon = () => { frame ||= requestAnimationFrame(() => draw().catch(failed)); };
  const failed = (error) => {
    box.style.minHeight = "";
    say(`This chart cannot be drawn: ${error.message}. Run the cell again.`);
  };
  const arrived = (message, buffers) => {
    if (message.type !== "rows") return;
    if (message.all) { stopAsking(); say(""); }
    figures.sequence = message.sequence;
    pending.add(rowsOf(message, buffers), message.gone, message.all);
    drawSoon();
  };
  const askForAll = () => {  // a view that opens late has missed what came before
    stopAsking();
    stopAsking = askUntil(model, "all?", { more: { width: box.clientWidth }, giveUp: () => say("The kernel does not answer. Run the cell again.") });
  };
  const put = async (embed) => {
    // Vega gives its element a role and a label of its own: the chart's words stay on the one around.
    const drawing = document.createElement("div");
    drawing.className = "eventlab-live-drawing";
    box.replaceChildren(drawing);
    const coloured = inPageColours(structuredClone(model.get("spec")));
    coloured.config = { ...coloured.config, aria: false };  // words for each mark, of which a canvas shows none
    drawnFor = box.clientWidth;
    const spec = settings.fits ? inPageWidth(coloured, box.clientWidth, beside) : coloured;
    const made = await embed(drawing, spec, { actions: false, renderer: "canvas" });
    drawDense(made.view);
    const canvas = box.querySelector("canvas");
    const plot = spec.config?.view?.continuousWidth;
    const isFitted = settings.fits && isComposed(spec) && !spec.hconcat && !spec.concat;
    if (canvas && isFitted && box.clientWidth > 0 && !hasMeasured) {
      hasMeasured = true;
      beside = canvas.clientWidth - plot;  // axes and padding, however narrow the page is now
      if (canvas.clientWidth !== box.clientWidth) {
        made.finalize();
        return put(embed);
      }
    }
    return made;
  };
  const open = async () => {
    say("The chart is loading…");
    const embed = await vegaEmbed(model, say);
    if (gone) return;
    say("");
    const wasDark = isDarkPage();
    const made = await put(embed);
    if (gone) { made.finalize(); return; }
    if (isDarkPage() !== wasDark) { made.finalize(); await open(); return; }  // it changed meanwhile
    embedded?.finalize();
    embedded = made;
    view = embedded.view;
    pending.shown = [];
    stopMoving();
    stopMoving = letRowsMove(view, box, settings, (row, to) => model.send({ type: "moved", row, to }));
    letTipsGo(view);
    figures.embeds += 1;
    tell();
    askForAll();
    // While a page changes its theme it has no layout, and the chart found no room.
    setTimeout(() => {
      if (isComposed(model.get("spec")) && box.clientWidth !== drawnFor) openAgain();
      else window.dispatchEvent(new Event("resize"));
    }, FIT_MS);
  };
  // At this Vega measures the container of every chart. It lays out what is beside the plot before it
  // knows how many columns a legend has in that width: so once more.
  const layOutAgain = async () => {
    await new Promise(requestAnimationFrame);
    await view?.runAsync();
    await view?.resize().runAsync();
  };
  const measured = () => layOutAgain().catch(failed);
  window.addEventListener("resize", measured);
  const openAgain = () => { if (view && !isDead(el)) { view = null; open().catch(failed); } };
  const fit = () => {
    if (view && !isDead(el)) sendIfOpen(model, { type: "width", width: box.clientWidth });
    if (isComposed(model.get("spec"))) openAgain();
    else window.dispatchEvent(new Event("resize"));  // what Vega-Lite measures its container at
  };
  const lived = (dead) => {
    if (dead) { stopAsking(); say(ENDED); }
    else if (view) askForAll();
  };
  model.on("msg:custom", arrived);
  model.on("change:alt", sayWhatItShows);
  const stopResting = tellRest(model, el, { shot: () => shotOf(el) });
  const stopAnswering = answerShots(model, () => [shotOf(el)]);
  const stopWatching = watchLife(model, el, lived);
  const stopLooking = watchLook(box, openAgain, fit);
  if (isDead(el)) showRemembered(model, box, say);
  else open().catch(failed);

  return endOnce(model, el, () => {
    gone = true;
    stopAsking();
    stopWatching();
    stopResting();
    stopAnswering();
    stopLooking();
    stopMoving();
    stopShowing();
    window.removeEventListener("resize", measured);
    cancelAnimationFrame(frame);
    clearTimeout(remembering);
    model.off("msg:custom", arrived);
    model.off("change:alt", sayWhatItShows);
    embedded?.finalize();
    // The model outlives its view, and keeps its element: rows and canvas are not to stay with it.
    view = embedded = null;
    pending.shown = [];
    pending.clear();
    el.replaceChildren();
  });
}

export default { render };
