// The frame in which a learner draws a curve, by pointer or by keyboard, and the run's laid over it.

const SVG = "http://www.w3.org/2000/svg";
const FRAME = { width: 560, height: 280, left: 84, right: 20, top: 26, bottom: 48 };
const within = (low, value, high) => Math.min(Math.max(value, low), high);

function svgNode(parent, name, attributes = {}, words = "") {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.textContent = words;
  parent.append(node);
  return node;
}

// Between points that are drawn a straight line, beyond them the nearest: so a curve is whole.
function whole(drawn) {
  const known = drawn.flatMap((value, n) => (value === null ? [] : [n]));
  return drawn.map((value, n) => {
    if (value !== null) return value;
    const before = known.filter((one) => one < n).at(-1) ?? known[0];
    const after = known.find((one) => one > n) ?? known.at(-1);
    if (before === after) return drawn[before];
    return drawn[before] + ((n - before) / (after - before)) * (drawn[after] - drawn[before]);
  });
}

class CurveFrame {
  // `changed` takes the values at all points, as soon as there is one.
  constructor(parent, { across, up, x }, question, changed) {
    Object.assign(this, { across, up, x, changed });
    this.drawn = x.map(() => null);
    this.isDead = false;
    this.svg = svgNode(parent, "svg", { viewBox: `0 0 ${FRAME.width} ${FRAME.height}`, role: "group", "aria-label": question });
    this.axes();
    this.curve = svgNode(this.svg, "polyline", { class: "eventlab-guess-drawn" });
    this.ran = svgNode(this.svg, "polyline", { class: "eventlab-guess-ran", "clip-path": "url(#" + this.clip + ")" });
    this.dots = x.map((place, n) => this.dot(place, n));
    this.mine = svgNode(this.svg, "text", { x: FRAME.left, y: 16, "aria-hidden": true });
    this.legend = svgNode(this.svg, "text", { x: FRAME.left + 80, y: 16, "aria-hidden": true, class: "eventlab-guess-run-words" });
    this.svg.addEventListener("pointerdown", (event) => this.began(event));
    this.svg.addEventListener("pointermove", (event) => this.moved(event));
    for (const end of ["pointerup", "pointercancel"]) this.svg.addEventListener(end, () => this.ended());
    this.show();
  }

  axes() {
    const { left, right, top, bottom, width, height } = FRAME;
    const words = ({ title, unit }) => (unit ? `${title}, ${unit}` : title);
    const box = { x: left, y: top, width: width - left - right, height: height - top - bottom };
    this.clip = `eventlab-frame-${Math.random().toString(36).slice(2)}`;
    svgNode(svgNode(this.svg, "clipPath", { id: this.clip }), "rect", box);
    svgNode(this.svg, "rect", { ...box, class: "eventlab-guess-frame" });
    const say = (x, y, text, anchor, more = {}) => svgNode(this.svg, "text", { x, y, "text-anchor": anchor, "aria-hidden": true, ...more }, text);
    say(left, height - bottom + 18, this.number(this.across.first), "start");
    say(width - right, height - bottom + 18, this.number(this.across.last), "end");
    say((left + width - right) / 2, height - 10, words(this.across), "middle");
    say(left - 6, height - bottom, this.number(this.up.first), "end");
    say(left - 6, top + 10, this.number(this.up.last), "end");
    const middle = (top + height - bottom) / 2;
    say(18, middle, words(this.up), "middle", { transform: `rotate(-90 18 ${middle})` });
  }

  dot(place, n) {
    const dot = svgNode(this.svg, "circle", {
      class: "eventlab-guess-point", cx: this.left(place), r: 5, role: "slider", tabindex: n ? -1 : 0,
      "aria-orientation": "vertical", "aria-valuemin": this.up.first, "aria-valuemax": this.up.last,
      "aria-label": `${this.up.title} at ${this.across.title} ${this.number(place)} ${this.across.unit}`.trim(),
    });
    dot.addEventListener("keydown", (event) => this.pressed(event, n));
    return dot;
  }

  number(value) { return Number(value.toPrecision(6)).toLocaleString("en"); }
  left(x) { return FRAME.left + ((x - this.across.first) / (this.across.last - this.across.first)) * (FRAME.width - FRAME.left - FRAME.right); }
  top(y) { return FRAME.height - FRAME.bottom - ((y - this.up.first) / (this.up.last - this.up.first)) * (FRAME.height - FRAME.top - FRAME.bottom); }

  // What is drawn by hand lies on the axis' own steps, so that it can be said and compared.
  value(top) {
    const { first, last, step } = this.up;
    const share = (FRAME.height - FRAME.bottom - top) / (FRAME.height - FRAME.top - FRAME.bottom);
    return within(first, first + Math.round((share * (last - first)) / step) * step, last);
  }

  pointed(event) {
    const { left, top, width } = this.svg.getBoundingClientRect();
    const scale = FRAME.width / width;
    const x = (event.clientX - left) * scale;
    const apart = this.x.map((place) => Math.abs(this.left(place) - x));
    return { n: apart.indexOf(Math.min(...apart)), value: this.value((event.clientY - top) * scale) };
  }

  began(event) {
    if (this.isDead || event.button !== 0) return;
    event.preventDefault();
    this.svg.setPointerCapture(event.pointerId);
    this.last = this.pointed(event);
    this.put(this.last.n, this.last.value);
    this.choose(this.last.n);
  }

  // A fast pointer leaves points out: they get what lies between.
  moved(event) {
    if (!this.last) return;
    const now = this.pointed(event);
    const from = this.last;
    const steps = Math.max(Math.abs(now.n - from.n), 1);
    for (let step = 1; step <= steps; step += 1) {
      const n = Math.round(from.n + (step / steps) * (now.n - from.n));
      this.drawn[n] = from.value + (step / steps) * (now.value - from.value);
    }
    this.last = now;
    this.show();
  }

  ended() {
    if (!this.last) return;
    this.last = null;
    this.tell();
  }

  put(n, value) { this.drawn[n] = value; this.show(); }
  tell() { this.changed(whole(this.drawn)); }

  choose(n) {
    this.dots.forEach((dot, one) => dot.setAttribute("tabindex", one === n ? 0 : -1));
    this.dots[n].focus({ preventScroll: true });
  }

  pressed(event, n) {
    const { first, last, step } = this.up;
    const STEPS = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
    const ENDS = { Home: first, End: last };
    const SIDES = { ArrowLeft: -1, ArrowRight: 1 };
    if (event.key in SIDES) this.choose(within(0, n + SIDES[event.key], this.x.length - 1));
    else if (!this.isDead && (event.key in STEPS || event.key in ENDS)) {
      const now = this.values()?.[n] ?? first;
      this.put(n, event.key in ENDS ? ENDS[event.key] : within(first, now + STEPS[event.key] * step, last));
      this.tell();
    } else return;
    event.preventDefault();
  }

  values() { return this.drawn.some((value) => value !== null) ? whole(this.drawn) : null; }

  show() {
    const values = this.values();
    const middle = (this.up.first + this.up.last) / 2;
    const points = (x, y) => x.map((place, n) => `${this.left(place)},${this.top(y[n])}`).join(" ");
    this.mine.textContent = values ? "- - you" : "";
    this.curve.setAttribute("points", values ? points(this.x, values) : "");
    this.dots.forEach((dot, n) => {
      const value = values?.[n] ?? middle;
      dot.setAttribute("cy", this.top(value));
      dot.dataset.drawn = this.drawn[n] !== null;
      dot.setAttribute("aria-valuenow", value);
      dot.setAttribute("aria-valuetext", values ? `${this.number(value)} ${this.up.unit}`.trim() : "not drawn yet");
    });
  }

  // What it has said itself comes back: points that were not drawn stay so, and go with the others.
  take(values) {
    const isMine = JSON.stringify(values) === JSON.stringify(this.values());
    if (Array.isArray(values) && values.length === this.x.length && !this.last && !isMine) this.drawn = [...values];
    this.show();
  }

  lay(outcome) {
    const points = outcome ? outcome.x.map((x, n) => `${this.left(x)},${this.top(outcome.y[n])}`).join(" ") : "";
    this.ran.setAttribute("points", points);
    this.legend.textContent = outcome ? "— the run" : "";
  }
}
