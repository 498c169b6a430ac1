// Places and words: event time to pixels, round ticks, and how times are said.

const SVG = "http://www.w3.org/2000/svg";
const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
const ROUND = [1, 2, 5, 10, 20, 50, 100, 200, 500, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY];
const LEFT = 58, RIGHT = 14, BOTTOM = 40, GAP = 10, LABEL = 18;
const TICK_PIXELS = 90;

const between = (low, value, high) => Math.min(Math.max(value, low), high);

function clock(time, hasDays) {
  const text = new Date(time).toISOString();
  const day = hasDays ? `${Number(text.slice(8, 10))} ${new Date(time).toLocaleString("en", { month: "short", timeZone: "UTC" })} ` : "";
  if (time % MINUTE === 0) return day + text.slice(11, 16);
  return day + text.slice(11, time % SECOND === 0 ? 19 : 23);
}

function lengthWords(milliseconds) {
  const parts = [];
  for (const [size, unit] of [[DAY, "d"], [HOUR, "h"], [MINUTE, "min"], [SECOND, "s"], [1, "ms"]]) {
    const number = Math.floor(milliseconds / size);
    milliseconds -= number * size;
    if (number) parts.push(`${number} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

function ordinal(number) {
  const teens = number % 100 > 10 && number % 100 < 14;
  return number + (teens ? "th" : { 1: "st", 2: "nd", 3: "rd" }[number % 10] ?? "th");
}

// Where everything lies: event time across, arrival upwards, and above it the lanes of windows.
class Scale {
  constructor(width, axis, count, lanes) {
    Object.assign(this, { width: Math.max(width, 320), axis, count });
    this.pitch = between(3.2, 430 / count, 22);
    this.lane = lanes ? between(2, 150 / lanes, 18) : 0;
    this.lanesTop = LABEL;
    this.top = lanes ? LABEL + lanes * this.lane + GAP : GAP;
    this.bottom = this.top + count * this.pitch;
    this.height = this.bottom + BOTTOM;
    this.radius = between(4, this.pitch * 0.4, 7);
    this.hasDays = Math.floor(axis.first / DAY) !== Math.floor(axis.last / DAY);
  }

  x(time) {
    const { first, last } = this.axis;
    return LEFT + ((time - first) / (last - first)) * (this.width - LEFT - RIGHT);
  }

  // What lies beyond the axis is drawn at its end.
  within(time) { return this.x(between(this.axis.first, time, this.axis.last)); }

  y(place) { return this.bottom - (place + 0.5) * this.pitch; }

  time(x) {
    const { first, last, step } = this.axis;
    const time = first + ((x - LEFT) / (this.width - LEFT - RIGHT)) * (last - first);
    return between(first, Math.round(time / step) * step, last);
  }

  place(y) { return between(0, Math.floor((this.bottom - y) / this.pitch), this.count - 1); }

  ticks() {
    const { first, last } = this.axis;
    const wanted = (last - first) / ((this.width - LEFT - RIGHT) / TICK_PIXELS);
    const size = ROUND.find((one) => one >= wanted) ?? DAY * Math.ceil(wanted / DAY);
    const ticks = [];
    for (let tick = Math.ceil(first / size) * size; tick <= last; tick += size) ticks.push(tick);
    return ticks;
  }

  rows() {
    const every = this.count > 100 ? 50 : this.count > 40 ? 20 : this.count > 12 ? 5 : 1;
    const rows = [1];
    for (let row = every; row <= this.count; row += every) if (row > 1) rows.push(row);
    return rows;
  }
}
