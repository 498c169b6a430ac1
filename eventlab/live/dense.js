// Marks so close together that nobody can tell some of them from others, drawn in less time.

const DENSE = 2000;  // marks, up to which Vega draws each of them
const COLUMNS = 2;  // of a pixel, in each of which a line is one stroke
const PARTS = 4;  // of a pixel, on one of which a symbol stands
const MARGIN = 32;  // pixels, farther than which no stamp reaches
const MOST_LOOKS = 64;

// Vega's renderer is handed the marks of each frame, and nothing but what it is handed is changed.
// What is not known to look the same afterwards is left to it.
function drawDense(view) {
  const renderer = view._renderer, vegas = renderer?.draw, stamps = new Stamps();
  if (typeof vegas !== "function") return;
  const draw = (context, scene, ...more) => vegas.call(renderer, context, scene, ...more);
  renderer.draw = (context, scene, ...more) => {
    const { a, b, c, d, e } = context.getTransform();
    const isDense = scene.items.length > DENSE && a > 0 && d > 0 && b === 0 && c === 0;
    if (isDense && scene.marktype === "symbol" && stamps.draw(context, scene, draw)) return;
    const isThinned = isDense && scene.marktype === "line" && canBeThinned(scene.items[0], a);
    draw(context, isThinned ? withItems(scene, thinned(scene.items, a, e)) : scene, ...more);
  };
}

const withItems = (scene, items) => Object.assign(Object.create(scene), { items });

// Dashes count from the beginning; thinner than a pixel, strokes beside each other become darker.
const canBeThinned = ({ interpolate = "linear", strokeDash, strokeWidth = 1, fill }, scale) =>
  interpolate === "linear" && !strokeDash?.length && strokeWidth * scale >= 1 && !fill;

// Of the points that follow each other in one column: the first, the uppermost, the lowest and the
// last. A line through these covers the same pixels; where it turns, its neighbours shape the corner.
function thinned(items, scale, offset) {
  const kept = [];
  let column = NaN, first = 0, top = 0, bottom = 0, newest = -1;
  const add = (i) => { if (i > newest) kept.push(items[newest = i]); };
  const isCorner = (i) => (items[i].y - items[i - 1]?.y) * (items[i].y - items[i + 1]?.y) > 0;
  const end = (last) => {
    add(first);
    for (const i of [Math.min(top, bottom), Math.max(top, bottom)]) {
      const beside = isCorner(i) ? 1 : 0;
      for (let k = i - beside; k <= i + beside; k++) if (k <= last) add(k);
    }
    add(last);
  };
  items.forEach((item, i) => {
    const here = item.defined === false ? NaN : Math.floor(COLUMNS * (item.x * scale + offset));
    if (here === column) {
      if (item.y < items[top].y) top = i;
      if (item.y > items[bottom].y) bottom = i;
      return;
    }
    if (i > 0) end(i - 1);
    column = here;
    first = top = bottom = i;
  });
  end(items.length - 1);
  return kept;
}

const isSameLook = (one, other) =>
  one.stroke === other.stroke && one.fill === other.fill && one.shape === other.shape && one.size === other.size
  && one.angle === other.angle && one.opacity === other.opacity && one.fillOpacity === other.fillOpacity
  && one.strokeOpacity === other.strokeOpacity && one.strokeWidth === other.strokeWidth && one.strokeCap === other.strokeCap
  && one.strokeJoin === other.strokeJoin && one.strokeMiterLimit === other.strokeMiterLimit
  && one.strokeDash === other.strokeDash && one.strokeDashOffset === other.strokeDashOffset;

// A gradient, its own way to lie on what is below, and its own place in the order.
const isSpecial = ({ stroke, fill, blend, zindex }) => stroke?.gradient || fill?.gradient || blend || zindex;

// Symbols of few looks: Vega draws each look once, and its picture is put wherever one stands, one
// over the other as on a canvas.
class Stamps {
  constructor() {
    this.size = [];
    this.paper = document.createElement("canvas");
  }

  // Tell whether it could; else nothing is drawn.
  draw(context, scene, vegas) {
    const { a, d, e, f } = context.getTransform();
    this.fit(a, d, context.canvas);
    const numbers = scene.clip ? null : this.looksOf(scene.items);
    if (!numbers) return false;
    const { ink, across, down, looks } = this, { y1, y2 } = scene.bounds;
    const begin = Math.max(0, Math.floor(y1 * d + f) + MARGIN - 1), end = Math.min(down, Math.ceil(y2 * d + f) + MARGIN + 1);
    if (begin >= end) return true;
    ink.fill(0, 4 * across * begin, 4 * across * end);
    for (let i = 0; i < numbers.length; i++) {
      const item = scene.items[i], look = looks[numbers[i]], { reach, shades } = look;
      const x = Math.round(PARTS * (item.x * a + e + MARGIN)), y = Math.round(PARTS * (item.y * d + f + MARGIN));
      const left = Math.floor(x / PARTS) - reach, top = Math.floor(y / PARTS) - reach;
      if (!(left >= 0 && top >= 0 && left + 2 * reach < across && top + 2 * reach < down)) continue;  // out of sight
      const part = PARTS * (y % PARTS) + x % PARTS, corner = 4 * (across * top + left);
      const { places, values } = shades[part] ??= this.shade(look, part, scene, vegas);
      for (let k = 0; k < places.length; k++) {
        const at = corner + places[k], n = 4 * k, below = 1 - values[n + 3];
        ink[at] = ink[at] * below + values[n];
        ink[at + 1] = ink[at + 1] * below + values[n + 1];
        ink[at + 2] = ink[at + 2] * below + values[n + 2];
        ink[at + 3] = ink[at + 3] * below + values[n + 3];
      }
    }
    this.print(context, begin, end);
    return true;
  }

  fit(a, d, { width, height }) {
    const size = [a, d, width, height];
    if (size.every((one, i) => one === this.size[i])) return;
    this.size = size;
    this.looks = [];
    this.across = this.paper.width = width + 2 * MARGIN;
    this.down = this.paper.height = height + 2 * MARGIN;
    this.ink = new Float32Array(4 * this.across * this.down);
    this.image = new ImageData(this.across, this.down);
  }

  // Each item's look, as its number; null where there is one that is no stamp.
  looksOf(items) {
    const { looks } = this, numbers = new Uint8Array(items.length);
    for (let i = 0; i < numbers.length; i++) {
      const item = items[i];
      let number = 0;
      while (number < looks.length && !isSameLook(looks[number].item, item)) number += 1;
      if (number === looks.length) looks.push(this.look(item));
      if (number === MOST_LOOKS || looks[number].reach > MARGIN || isSpecial(item)) return null;
      numbers[i] = number;
    }
    return numbers;
  }

  look(item) {
    const [a, d] = this.size, { x1, x2, y1, y2 } = item.bounds;
    const reach = Math.ceil(Math.max(a * (item.x - x1), a * (x2 - item.x), d * (item.y - y1), d * (y2 - item.y))) + 1;
    return { item: { ...item }, reach, shades: [] };
  }

  // A look's picture, so many parts to the right and down: where it is not clear, and its colours there.
  shade({ item, reach }, part, scene, vegas) {
    const [a, d] = this.size, side = 2 * reach + 1;
    const board = Object.assign(document.createElement("canvas"), { width: side, height: side });
    const context = board.getContext("2d", { willReadFrequently: true });
    context.setTransform(a, 0, 0, d, reach + part % PARTS / PARTS, reach + Math.floor(part / PARTS) / PARTS);
    vegas(context, withItems(scene, [{ ...item, x: 0, y: 0 }]));
    const { data } = context.getImageData(0, 0, side, side);
    const places = [], values = [];
    for (let p = 0; p < data.length; p += 4) {
      const solid = data[p + 3] / 255;
      if (solid === 0) continue;
      places.push(4 * this.across * Math.floor(p / 4 / side) + p % (4 * side));
      values.push(data[p] * solid, data[p + 1] * solid, data[p + 2] * solid, solid);
    }
    return { places: Int32Array.from(places), values: Float32Array.from(values) };
  }

  // Lay the rows of ink on the chart.
  print(context, begin, end) {
    const { ink, image, paper, across } = this, { data } = image;
    for (let p = 4 * across * begin; p < 4 * across * end; p += 4) {
      const solid = ink[p + 3];
      data[p + 3] = 255 * solid;
      if (solid > 0) for (let c = p; c < p + 3; c++) data[c] = ink[c] / solid;
    }
    const rows = [0, begin, across, end - begin];
    paper.getContext("2d").putImageData(image, 0, 0, ...rows);
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.drawImage(paper, ...rows, -MARGIN, begin - MARGIN, across, end - begin);
    context.restore();
  }
}
