// A Vega-Lite chart whose data "live" comes from Python as columns, applied as Vega changesets.

// Vega comes once a page, over the comm and gzipped: nothing big in the widget's state, no network.
const VEGA = "__eventlab_vega_embed__";

function vegaEmbed(model) {
  globalThis[VEGA] ??= new Promise((resolve, reject) => {
    const fail = (reason) => { model.off("msg:custom", arrived); delete globalThis[VEGA]; reject(reason); };
    const stopAsking = askUntil(model, "vega?", { giveUp: () => fail(new Error("no answer")) });
    const arrived = async (message, buffers) => {
      if (message.type !== "vega") return;
      stopAsking();
      model.off("msg:custom", arrived);
      try {
        const unzipped = new Blob([buffers[0]]).stream().pipeThrough(new DecompressionStream("gzip"));
        const source = await new Response(unzipped).text();
        const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
        resolve((await import(url)).default);
      } catch (error) { fail(error); }
    };
    model.on("msg:custom", arrived);
  });
  return globalThis[VEGA];
}

// What has come and is not drawn yet, and which of the drawn rows have to go.
class Pending {
  constructor(settings) { this.settings = settings; this.clear(); this.number = 0; this.newest = -Infinity; }

  clear() { this.rows = []; this.all = false; }

  add(rows, all) {
    const { key, keep, time } = this.settings;
    if (all) { this.rows = []; this.all = true; this.newest = -Infinity; }
    for (const row of rows) {
      row.__number = this.number++;
      if (time && row[time] > this.newest) this.newest = row[time];
    }
    this.rows = this.rows.concat(rows);
    // A hidden tab draws no frames: what it would never show need not wait.
    if (!key && this.rows.length > 2 * keep) this.rows = this.rows.slice(-keep);
    if (key) this.rows = [...new Map(this.rows.map((row) => [row[key], row])).values()];
  }

  // The window ends at the newest time, which need not be the last row's.
  leaving() {
    const { key, keep, time, window } = this.settings;
    if (this.all) return () => true;
    if (key) {
      const renewed = new Set(this.rows.map((row) => row[key]));
      return (row) => renewed.has(row[key]);
    }
    const oldest = time && window ? this.newest - window : -Infinity;
    return (row) => row[time] < oldest || row.__number < this.number - keep;
  }

  arriving() {
    const { time, window } = this.settings;
    const oldest = time && window ? this.newest - window : -Infinity;
    return window ? this.rows.filter((row) => !(row[time] < oldest)) : this.rows;
  }
}

function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "eventlab-live";
  box.textContent = "The chart is loading…";
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", model.get("alt"));
  el.append(box);
  const pending = new Pending(model.get("settings"));
  const told = { frames: 0, rows: 0, sequence: -1, embeds: 0 };
  const words = new Set();
  let view = null, embedded = null, frame = 0, laidOut = 0, gone = false, stopAsking = () => {};

  el.dataset.eventlab = "chart";
  const tell = () => Object.assign(el.dataset, told);
  const draw = async () => {
    frame = 0;
    if (!view || gone) return;
    const arriving = pending.arriving();
    const change = view.changeset().remove(pending.leaving()).insert(arriving);
    // Legend and axes are laid out again only by resize(), which is dear: when a new word comes,
    // and once a second for the axes.
    const before = words.size;
    for (const row of arriving) for (const value of Object.values(row)) if (typeof value === "string" && words.size < 500) words.add(value);
    if (pending.all || words.size > before || Date.now() - laidOut > 1000) { view.resize(); laidOut = Date.now(); }
    pending.clear();
    await view.change("live", change).runAsync();
    told.frames += 1;
    told.rows = view.data("live").length;
    tell();
  };
  const drawSoon = () => { frame ||= requestAnimationFrame(draw); };
  const arrived = (message, buffers) => {
    if (message.type !== "rows") return;
    if (message.all) stopAsking();
    told.sequence = message.sequence;
    pending.add(rowsOf(message, buffers), message.all);
    drawSoon();
  };
  model.on("msg:custom", arrived);
  const forgetDeath = tellWhenDead(model, el);

  (async () => {
    try {
      const embed = await vegaEmbed(model);
      if (gone) return;
      box.textContent = "";
      embedded = await embed(box, structuredClone(model.get("spec")), { actions: false, renderer: "canvas" });
      if (gone) { embedded.finalize(); return; }
      view = embedded.view;
      told.embeds += 1;
      tell();
      stopAsking = askUntil(model, "all?");  // a view that opens late has missed what came before
      drawSoon();
    } catch (error) {
      box.textContent = `This chart cannot be drawn (${error.message}). Run the cell again.`;
    }
  })();

  return () => {
    gone = true;
    stopAsking();
    forgetDeath();
    cancelAnimationFrame(frame);
    model.off("msg:custom", arrived);
    embedded?.finalize();
  };
}

export default { render };
