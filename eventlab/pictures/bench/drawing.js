// The picture: windows as lanes and columns, the watermark's staircase, and the dots.

// As light or dark as the page is: bench.css has a colour of each name for both.
const [GROUND, EDGE, INK, FAINT, MUTED, SEA] = ["ground", "edge", "ink", "faint", "muted", "sea"].map((name) => `var(--eventlab-bench-${name})`);
const ON_TIME = 0, LATE = 1, PARTLY = 2, TOO_LATE = 3;
const SHAPES = [
  (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  (r) => `M${-0.89 * r},${-0.89 * r}h${1.78 * r}v${1.78 * r}h${-1.78 * r}z`,
  (r) => `M0,${-1.25 * r}L${1.25 * r},0L0,${1.25 * r}L${-1.25 * r},0z`,
  (r) => `M0,${-1.2 * r}L${1.15 * r},${0.9 * r}H${-1.15 * r}z`,
  (r) => `M0,${1.2 * r}L${1.15 * r},${-0.9 * r}H${-1.15 * r}z`,
  (r) => `M${-r / 3},${-r}h${r / 1.5}v${r / 1.5}h${r / 1.5}v${r / 1.5}h${-r / 1.5}v${r / 1.5}h${-r / 1.5}v${-r / 1.5}h${-r / 1.5}v${-r / 1.5}h${r / 1.5}z`,
];

function add(parent, name, attributes = {}, text = null) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== null) node.textContent = text;
  parent.append(node);
  return node;
}

const shapeOf = (key, keys) => SHAPES[Math.max(keys.indexOf(key), 0) % SHAPES.length];
const isColumn = (kind) => kind === "tumbling" || kind === "hopping";
const isJoin = (kind) => kind.endsWith("join");

function valueWords(value) {
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toLocaleString("en", { maximumSignificantDigits: 4 });
}

class Drawing {
  constructor(svg) {
    this.svg = svg;
    this.layers = Object.fromEntries(["ground", "columns", "frame", "path", "links", "why", "dots", "lanes"].map((name) => [name, add(svg, "g", { class: `eventlab-bench-${name}` })]));
    this.dots = new Map();
  }

  draw(picture, frame, scale) {
    Object.assign(this, { picture, frame, scale });
    this.svg.setAttribute("viewBox", `0 0 ${scale.width} ${scale.height}`);
    this.svg.setAttribute("height", scale.height);
    for (const name of ["ground", "columns", "frame", "path", "links", "lanes"]) this.layers[name].textContent = "";
    this.drawGround();
    this.drawColumns();
    this.drawFrame();
    this.drawPath();
    this.drawLinks();
    this.drawLanes();
    this.drawDots();
  }

  drawGround() {
    const { width, height } = this.scale;
    add(this.layers.ground, "rect", { width, height, fill: GROUND });
  }

  // A column ends where the watermark has reached its window's end and the grace: above it, too late.
  drawColumns() {
    const { picture: { filled, settings }, scale, frame: { colours } } = this;
    if (!isColumn(settings.kind)) return;
    const seen = new Map(filled.map((one) => [one.start, one]));
    for (const { start, end, closes, closedBy } of seen.values()) {
      const top = closedBy === null ? scale.top : scale.y(closedBy) + scale.pitch / 2;
      const [left, right] = [scale.within(start), scale.within(end)];
      if (right <= left) continue;
      add(this.layers.columns, "rect", { x: left, y: top, width: right - left, height: scale.bottom - top, fill: colours.window, "fill-opacity": settings.kind === "hopping" ? 0.06 : 0.12, stroke: colours.window, "stroke-opacity": 0.5 });
      if (closedBy !== null && closes > end && closes < scale.axis.last) {
        add(this.layers.columns, "path", { d: `M${right},${top}H${scale.x(closes)}`, stroke: colours.window, "stroke-width": 2, "stroke-dasharray": "2 2" });
      }
    }
  }

  drawFrame() {
    const { scale, layers: { frame } } = this;
    const { top, bottom, width, hasDays } = scale;
    const text = { "font-size": 12, fill: INK };
    add(frame, "path", { d: `M${LEFT},${top}V${bottom}H${width - RIGHT}`, stroke: FAINT, fill: "none" });
    for (const tick of scale.ticks()) {
      add(frame, "path", { d: `M${scale.x(tick)},${bottom}v4`, stroke: MUTED });
      add(frame, "text", { ...text, x: scale.x(tick), y: bottom + 17, "text-anchor": "middle" }, clock(tick, hasDays));
    }
    for (const row of scale.rows()) add(frame, "text", { ...text, x: LEFT - 8, y: scale.y(row - 1) + 4, "text-anchor": "end" }, row);
    add(frame, "text", { ...text, x: (LEFT + width - RIGHT) / 2, y: bottom + 34, "text-anchor": "middle" }, "event time (UTC)");
    const middle = (top + bottom) / 2;
    add(frame, "text", { ...text, transform: `translate(14 ${middle}) rotate(-90)`, "text-anchor": "middle" }, "order of arrival →");
  }

  // Left of the staircase is what the watermark has passed.
  drawPath() {
    const { picture: { watermark }, scale, frame: { colours } } = this;
    const steps = watermark.map((mark, place) => `H${scale.within(mark).toFixed(1)}V${(scale.y(place) - scale.pitch / 2).toFixed(1)}`).join("");
    const path = this.layers.path;
    add(path, "path", { d: `M${LEFT},${scale.bottom}${steps}H${LEFT}z`, fill: colours.watermark, "fill-opacity": 0.12 });
    add(path, "path", { d: `M${scale.within(watermark[0])},${scale.bottom}${steps}`, fill: "none", stroke: colours.watermark, "stroke-width": 2.5, class: "eventlab-bench-watermark" });
    add(path, "text", { x: LEFT + 8, y: scale.top + 16, "font-size": 12, fill: SEA }, "behind the watermark");
  }

  drawLinks() {
    const { picture: { pairs, time }, scale, frame: { colours } } = this;
    for (const [left, right] of pairs) {
      if (left === null || right === null) {
        const alone = left ?? right;
        add(this.layers.links, "circle", { cx: scale.x(time[alone]), cy: scale.y(alone), r: scale.radius + 4, fill: "none", stroke: colours.join, "stroke-width": 1.5, "stroke-dasharray": "2 2" });
      } else {
        add(this.layers.links, "path", { d: `M${scale.x(time[left])},${scale.y(left)}L${scale.x(time[right])},${scale.y(right)}`, stroke: colours.join, "stroke-width": 2 });
      }
    }
  }

  drawLanes() {
    const { picture: { filled, settings }, scale, frame } = this;
    if (!filled.length) return;
    const { lanes } = this.layers;
    const head = { "font-size": 12, fill: INK };
    add(lanes, "text", { ...head, x: LEFT, y: 12 }, `${settings.kind} windows: ${{ count: "how many events each holds", sum: "the sum of each", mean: "the mean of each" }[settings.measure]}`);
    const named = new Set();
    filled.forEach((one, number) => {
      const [left, right] = [scale.within(one.start), scale.within(one.end)];
      const y = scale.lanesTop + one.lane * scale.lane;
      const bar = add(lanes, "g", { class: "eventlab-bench-window", "data-number": number });
      const width = Math.max(right - left, 4);
      const isOpen = one.closedBy === null;
      add(bar, "rect", { x: left, y: y + 0.5, width, height: Math.max(scale.lane - 2, 1.5), rx: 2, fill: frame.colours.window, "fill-opacity": isOpen ? 0.12 : 0.35, stroke: frame.colours.window, "stroke-dasharray": isOpen ? "3 2" : "none" });
      const words = valueWords(one.value);
      if (scale.lane >= 11 && width > 7 * words.length) add(bar, "text", { x: left + width / 2, y: y + scale.lane / 2 + 3.5, "text-anchor": "middle", "font-size": between(9, scale.lane - 6, 12), fill: INK }, words);
      if (frame.keys.length > 1 && !named.has(one.key) && scale.lane >= 9) {
        named.add(one.key);
        add(lanes, "text", { ...head, x: LEFT - 8, y: y + scale.lane / 2 + 4, "text-anchor": "end" }, one.key.slice(0, 7));
      }
    });
  }

  drawDots() {
    const { picture } = this;
    const here = new Set(picture.id);
    for (const [id, dot] of this.dots) if (!here.has(id)) { dot.remove(); this.dots.delete(id); }
    picture.id.forEach((id, place) => this.drawDot(id, place));
  }

  drawDot(id, place) {
    const { picture, scale, frame, dots, layers } = this;
    let dot = dots.get(id);
    if (!dot) {
      dot = add(layers.dots, "g", { class: "eventlab-bench-dot", tabindex: -1, role: "slider", "aria-roledescription": "event", "data-id": id });
      add(dot, "circle", { class: "eventlab-bench-halo" });
      add(dot, "path", { class: "eventlab-bench-mark" });
      add(dot, "path", { class: "eventlab-bench-cross", fill: "none", stroke: "#FFFFFF", "stroke-width": 1.5 });
      dots.set(id, dot);
    }
    this.put(id, scale.x(picture.time[place]), scale.y(place));
    const status = picture.status[place], r = scale.radius;
    // Most dots stay as they are while one is dragged, and to write them anew takes half the time.
    const drawn = [r, scale.hasDays, picture.settings.kind, place, picture.id.length, status, picture.key[place], picture.side[place], picture.time[place], picture.words[place], ...frame.keys].join();
    if (dot.drawn === drawn) return;
    dot.drawn = drawn;
    const [halo, mark, cross] = dot.children;
    halo.setAttribute("r", Math.max(10, r + 3));
    mark.setAttribute("d", shapeOf(picture.key[place], frame.keys)(status === ON_TIME ? r : r + 1));
    const colour = frame.colours[frame.statuses[status]];
    const isHollow = picture.side[place] === "right" || status === PARTLY;
    mark.setAttribute("fill", isHollow ? GROUND : colour);
    mark.setAttribute("stroke", status === ON_TIME && !isHollow ? EDGE : isHollow ? colour : INK);
    mark.setAttribute("stroke-width", isHollow ? 2.5 : 1);
    const c = 0.55 * r;
    cross.setAttribute("d", status === TOO_LATE ? `M${-c},${-c}L${c},${c}M${c},${-c}L${-c},${c}` : "");
    cross.setAttribute("stroke", isHollow ? colour : "#FFFFFF");
    dot.dataset.status = frame.statuses[status];
    dot.setAttribute("aria-valuenow", place + 1);
    dot.setAttribute("aria-valuemin", 1);
    dot.setAttribute("aria-valuemax", picture.id.length);
    dot.setAttribute("aria-label", this.named(place));
    dot.setAttribute("aria-valuetext", `${frame.statuses[status]}: ${picture.words[place]}`);
  }

  put(id, x, y) { this.dots.get(id)?.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`); }

  named(place) {
    const { picture: { id, key, side, time, settings }, scale, frame } = this;
    const whose = frame.keys.length > 1 ? `, key ${key[place]}` : "";
    const which = isJoin(settings.kind) ? `, ${side[place]} side` : "";
    return `event ${id[place]}${whose}${which}, ${clock(time[place], scale.hasDays)}, ${ordinal(place + 1)} to arrive`;
  }

  // Show in the picture itself why an event counts, or does not.
  explain(place) {
    const { picture, scale, frame: { colours, statuses }, layers: { why } } = this;
    why.textContent = "";
    for (const bar of this.layers.lanes.querySelectorAll(".eventlab-bench-window")) {
      const isMine = place !== null && picture.filled[bar.dataset.number].events.includes(place);
      bar.classList.toggle("eventlab-bench-mine", isMine);
    }
    if (place === null) return;
    const y = scale.y(place), mark = scale.within(picture.watermark[place]);
    add(why, "path", { d: `M${scale.x(picture.time[place])},${y}H${mark}`, stroke: INK, "stroke-dasharray": "3 2" });
    const missed = picture.missed.filter((one) => one.place === place).sort((a, b) => b.closed - a.closed);
    for (const { closed, end } of missed.slice(0, 1)) {  // the words tell of the same one
      const at = scale.within(closed);
      add(why, "path", { d: `M${scale.within(end)},${y}H${at}`, stroke: colours.window, "stroke-width": 4 });
      add(why, "path", { d: `M${at},${y}H${mark}`, stroke: colours[statuses[TOO_LATE]], "stroke-width": 4 });
      add(why, "path", { d: `M${at},${scale.top}V${y}`, stroke: colours[statuses[TOO_LATE]], "stroke-dasharray": "3 3" });
    }
    add(why, "circle", { cx: mark, cy: y, r: 4, fill: colours.watermark, stroke: INK });
    if (isJoin(picture.settings.kind)) {
      const { length } = picture.settings;
      add(why, "path", { d: `M${scale.within(picture.time[place] - length)},${y}H${scale.within(picture.time[place] + length)}`, stroke: colours.join, "stroke-width": 8, "stroke-opacity": 0.35 });
    }
  }

  nearest(x, y, reach) {
    const { picture, scale } = this;
    let best = null, least = reach ** 2;
    picture.id.forEach((id, place) => {
      const distance = (scale.x(picture.time[place]) - x) ** 2 + (scale.y(place) - y) ** 2;
      if (distance < least) { least = distance; best = id; }
    });
    return best;
  }
}
