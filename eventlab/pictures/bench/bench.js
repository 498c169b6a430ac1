// The window bench: dots that can be dragged, whose picture Python's run of the flow makes.

const MOUSE_REACH = 12, TOUCH_REACH = 26, FAR = 10;
const REMEMBER_MS = 3000;
const HINT = "Drag an event, or choose one (Page Up, Page Down) and move it by the arrow keys: ← → in event time, ↑ ↓ in the order of arrival; with Shift ten steps.";

function render({ model, el }) {
  el.dataset.eventlab = "bench";
  el.classList.add("eventlab-picture");
  const box = element("div", { className: "eventlab-bench" });
  // JupyterLab would take arrow keys for its own; how to ask for that depends on its version.
  box.dataset.lmSuppressShortcuts = "true";
  box.addEventListener("keydown", (event) => { if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation(); });
  el.append(box);
  const sending = new Sending((message) => model.send(message));
  const controls = new Controls(box, (set) => sending.want({ set }), () => sending.want({ reset: true }));
  const stage = element("div", { className: "eventlab-bench-stage" });
  const svg = add(stage, "svg", { role: "group", width: "100%" });
  const bubble = element("div", { className: "eventlab-bench-bubble", hidden: true });
  stage.append(bubble);
  const summary = element("div", { className: "eventlab-bench-summary" });
  const hint = element("div", { className: "eventlab-line", textContent: HINT });
  const spoken = element("div", { className: "eventlab-bench-spoken" });
  spoken.setAttribute("role", "status");
  box.append(stage, summary, hint, spoken);
  const say = lineIn(el);
  const stopShowing = showTrouble(model, el);
  const drawing = new Drawing(svg);
  const figures = { pictures: 0, lag: 0 };
  let picture = null, frame = null, drag = null, chosen = null, hovered = null, drawAt = 0, keep = 0, since = null, stopAsking = () => {};

  // -- drawing --------------------------------------------------------------------------------

  const drawNow = () => {
    drawAt = 0;
    if (!picture || !frame || !stage.clientWidth) return;  // hidden, it is drawn once it is shown
    const lanes = Math.max(0, ...picture.filled.map((one) => one.lane + 1));
    drawing.draw(picture, frame, new Scale(stage.clientWidth, frame.axis, picture.id.length, lanes));
    controls.show(picture.settings, sending.held);
    svg.setAttribute("aria-label", `${picture.id.length} events, event time across, order of arrival upwards. ${counted().join(", ")}.`);
    if (drag) drawing.put(drag.id, drag.x, drag.y);
    chosen = picture.id.includes(chosen) ? chosen : picture.id[0];
    for (const [id, dot] of drawing.dots) dot.setAttribute("tabindex", id === chosen ? 0 : -1);
    tellSummary();
    explain();
    figures.pictures += 1;
    if (since !== null) figures.lag = performance.now() - since;
    since = null;
    Object.assign(el.dataset, figures);
  };
  const drawSoon = () => { drawAt ||= requestAnimationFrame(drawNow); };
  const counted = () => frame.statuses.map((status, n) => [status, picture.status.filter((one) => one === n).length]).filter(([, count]) => count).map(([status, count]) => `${count} ${status}`);
  const glyph = (d, fill, stroke) => {
    const svg = document.createElementNS(SVG, "svg");
    for (const [name, value] of Object.entries({ width: 14, height: 14, viewBox: "-7 -7 14 14", "aria-hidden": true })) svg.setAttribute(name, value);
    add(svg, "path", { d, fill, stroke, "stroke-width": fill === GROUND ? 2.5 : 1 });
    return svg;
  };
  const tellSummary = () => {
    const words = ["on time", "late, counted", "partly too late", "too late, missing"];  // as the statuses are numbered
    const shown = frame.statuses.filter((status, n) => n !== PARTLY || ["hopping", "sliding"].includes(picture.settings.kind));
    const parts = shown.map((status) => {
      const n = frame.statuses.indexOf(status);
      const count = picture.status.filter((one) => one === n).length;
      const colour = frame.colours[status], isHollow = n === PARTLY;
      const mark = glyph(SHAPES[0](5), isHollow ? GROUND : colour, isHollow ? colour : n === ON_TIME ? colour : INK);
      if (n === TOO_LATE) add(mark, "path", { d: "M-3,-3L3,3M3,-3L-3,3", stroke: "#FFFFFF", "stroke-width": 1.5 });
      return element("span", {}, mark, `${count} ${words[n]}`);
    });
    const keys = frame.keys.length > 1 && frame.keys.length <= SHAPES.length ? frame.keys.map((key) => element("span", {}, glyph(shapeOf(key, frame.keys)(5), MUTED, MUTED), key)) : [];
    const sides = isJoin(picture.settings.kind) ? [element("i", { textContent: "sides:" }), element("span", {}, glyph(SHAPES[0](5), MUTED, MUTED), "left"), element("span", {}, glyph(SHAPES[0](5), GROUND, MUTED), "right")] : [];
    summary.replaceChildren(...parts, ...(keys.length ? [element("i", { textContent: "keys:" }), ...keys] : []), ...sides);
  };

  // -- why ------------------------------------------------------------------------------------

  const explain = () => {
    const focused = svg.contains(document.activeElement) ? document.activeElement.dataset.id : undefined;
    const id = drag?.id ?? hovered?.id ?? focused;
    const place = id === undefined ? -1 : picture.id.indexOf(id);
    const window = drag || place >= 0 ? undefined : picture.filled[hovered?.window];
    drawing.explain(place < 0 ? null : place);
    for (const [one, dot] of drawing.dots) dot.classList.toggle("eventlab-bench-shown", one === id || Boolean(window?.events.includes(picture.id.indexOf(one))));
    if (place >= 0) {
      const status = frame.statuses[picture.status[place]];
      tell(drawing.named(place), `${status}: ${picture.words[place]}`, drawing.scale.x(picture.time[place]), drawing.scale.y(place));
      if (!drag) spoken.textContent = `${drawing.named(place)}. ${status}: ${picture.words[place]}`;
    } else if (window) {
      const { scale } = drawing;
      const interval = `${clock(window.start, scale.hasDays)} to ${clock(window.end, scale.hasDays)}`;
      const whose = frame.keys.length > 1 ? `key ${window.key}, ` : "";
      const closed = window.closedBy === null ? "still open when the events ended" : `closed when event ${picture.id[window.closedBy]}, the ${ordinal(window.closedBy + 1)}, arrived and the watermark had reached ${clock(window.closes, scale.hasDays)}`;
      tell(`${whose}${interval}: ${valueWords(window.value)}`, closed, (scale.within(window.start) + scale.within(window.end)) / 2, scale.lanesTop + (window.lane + 1) * scale.lane);
    } else bubble.hidden = true;
  };
  const tell = (title, words, x, y) => {
    bubble.replaceChildren(element("b", { textContent: title }), element("div", { textContent: words }));
    bubble.hidden = false;
    const shown = stage.clientWidth / drawing.scale.width;
    // Above and to the left of a dot there is the least to hide: few come so much too late.
    const room = Math.max(0, stage.clientWidth - bubble.offsetWidth);
    bubble.style.left = `${between(0, x * shown - 0.8 * bubble.offsetWidth, room)}px`;
    const below = y * shown + 16;
    const above = y * shown - 16 - bubble.offsetHeight;
    bubble.style.top = `${above >= 0 ? above : below}px`;
  };

  // -- moving ---------------------------------------------------------------------------------

  const pointed = (event) => {
    const { left, top, width } = svg.getBoundingClientRect();
    const shown = drawing.scale.width / width;
    return [(event.clientX - left) * shown, (event.clientY - top) * shown];
  };
  const reach = (event) => (event.pointerType === "touch" ? TOUCH_REACH : MOUSE_REACH);
  const choose = (id) => {
    chosen = id;
    for (const [one, dot] of drawing.dots) dot.setAttribute("tabindex", one === id ? 0 : -1);
    drawing.dots.get(id).focus({ preventScroll: true });
  };
  svg.addEventListener("pointerdown", (event) => {
    if (!picture || isDead(el) || event.button !== 0) return;
    const [x, y] = pointed(event);
    const id = drawing.nearest(x, y, reach(event));
    if (id === null) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    const place = picture.id.indexOf(id);
    drag = { id, dx: drawing.scale.x(picture.time[place]) - x, dy: drawing.scale.y(place) - y, x: drawing.scale.x(picture.time[place]), y: drawing.scale.y(place) };
    svg.classList.add("eventlab-bench-dragging");
    choose(id);
    explain();
  });
  svg.addEventListener("pointermove", (event) => {
    if (!picture) return;
    const [x, y] = pointed(event);
    if (!drag) { hover(event, x, y); return; }
    const { scale } = drawing;
    drag.x = between(LEFT, x + drag.dx, scale.width - RIGHT);
    drag.y = between(scale.top, y + drag.dy, scale.bottom);
    drawing.put(drag.id, drag.x, drag.y);
    wantMove(drag.id, scale.time(drag.x), scale.place(drag.y), event.timeStamp);
  });
  const drop = () => {
    if (!drag) return;
    drag = null;
    svg.classList.remove("eventlab-bench-dragging");
    drawSoon();
  };
  // A finger may miss a dot a little and have taken hold of it all the same: the page must not scroll.
  svg.addEventListener("touchstart", (event) => { if (drag) event.preventDefault(); }, { passive: false });
  svg.addEventListener("pointerup", drop);
  svg.addEventListener("pointercancel", drop);
  svg.addEventListener("pointerleave", () => { hovered = null; if (picture && !drag) explain(); });
  const hover = (event, x, y) => {
    const number = event.target.closest?.(".eventlab-bench-window")?.dataset.number;
    const id = drawing.nearest(x, y, FAR) ?? undefined;
    if (hovered?.id === id && hovered?.window === number) return;
    hovered = id === undefined && number === undefined ? null : { id, window: id === undefined ? number : undefined };
    svg.classList.toggle("eventlab-bench-over", id !== undefined);
    explain();
  };
  const where = (id) => {
    const wanted = sending.move;
    if (wanted?.id === id) return wanted;
    const place = picture.id.indexOf(id);
    return { id, place, time: picture.time[place] };
  };
  const wantMove = (id, time, place, stamp) => {
    const now = where(id);
    if (now.time !== time || now.place !== place) sending.want({ move: { id, time, place } }, stamp);
  };
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  const PLACES = { PageUp: (place) => place + 1, PageDown: (place) => place - 1, Home: () => 0, End: () => Infinity };
  svg.addEventListener("keydown", (event) => {
    const id = event.target.dataset.id;
    if (id === undefined || isDead(el)) return;
    const last = picture.id.length - 1;
    if (event.key in PLACES) choose(picture.id[between(0, PLACES[event.key](picture.id.indexOf(id)), last)]);
    else if (event.key in STEPS) {
      const [across, up] = STEPS[event.key].map((step) => step * (event.shiftKey ? 10 : 1));
      const { time, place } = where(id);
      const { first, last: end, step } = frame.axis;
      wantMove(id, between(first, time + across * step, end), between(0, place + up, last), event.timeStamp);
    } else return;
    event.preventDefault();
  });
  svg.addEventListener("focusin", () => { hovered = null; if (picture) explain(); });
  svg.addEventListener("focusout", () => { if (picture) explain(); });

  // -- Python ---------------------------------------------------------------------------------

  // Never sent to Python: kept with the notebook. Setting it compares all of it, so seldom.
  const remember = () => {
    keep = 0;
    model.set("held", { ...picture, frame });
  };
  const arrived = (message) => {
    if (message.type === "refused") { sending.answered(message.ask); say(message.words); return; }
    if (message.type !== "picture") return;
    if (message.frame) { stopAsking(); frame = message.frame; controls.offer(frame); }
    const stamp = sending.answered(message.ask);
    since ??= stamp;
    picture = message;
    say("");
    keep ||= setTimeout(remember, REMEMBER_MS);
    drawSoon();
  };
  const lived = (dead) => {
    stopAsking();
    say(dead ? ENDED : "");
    if (!dead) stopAsking = askUntil(model, "all?", { giveUp: () => say("The kernel does not answer. Run the cell again.") });
  };
  model.on("msg:custom", arrived);
  const stopResting = tellRest(model, el);
  const stopWatching = watchLife(model, el, lived);
  const sized = new ResizeObserver(drawSoon);
  sized.observe(stage);
  const held = model.get("held");
  if (held.frame) { picture = held; frame = held.frame; controls.offer(frame); drawSoon(); }
  lived(isDead(el));

  return endOnce(model, el, () => {
    stopAsking();
    stopWatching();
    stopResting();
    stopShowing();
    sized.disconnect();
    sending.end();
    cancelAnimationFrame(drawAt);
    clearTimeout(keep);
    model.off("msg:custom", arrived);
  });
}

export default { render };
