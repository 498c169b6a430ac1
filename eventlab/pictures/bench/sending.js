// Few questions at a time: what changes while Python runs the flow is gathered, and sent in one.

const PATIENCE_MS = 3000;
// While Python runs the flow for one, the next is on its way. And a server that has not turned
// Nagle's algorithm off, as `eventlab lab` has, holds an answer back until the page sends again.
const MOST_ASKED = 2;

class Sending {
  constructor(send) {
    this.send = send;
    this.name = Math.random().toString(36).slice(2);
    this.number = 0;
    this.asked = [];
    this.next = null;
    this.since = null;
    this.frame = 0;
  }

  // `stamp` is when the learner did it; the oldest of what is gathered counts.
  want(change, stamp = performance.now()) {
    const before = this.next;
    // Another dot, or anything after a reset: what was wanted before must not be lost.
    if (before && (before.reset || (change.move && before.move && before.move.id !== change.move.id))) this.ask();
    this.since ??= stamp;
    this.next = change.reset ? change : { move: change.move ?? this.next?.move ?? null, set: { ...this.next?.set, ...change.set } };
    this.soon();
  }

  // What Python does not know yet, or has not answered.
  get open() { return [...this.asked.map((one) => one.change), ...(this.next ? [this.next] : [])]; }

  get held() { return Object.assign({}, ...this.open.map((change) => change.set)); }

  get move() { return this.open.findLast((change) => change.move)?.move ?? null; }

  soon() { this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.flush(); }); }

  flush() {
    const isOld = (one) => performance.now() - one.at > PATIENCE_MS;
    if (this.asked.length && isOld(this.asked[0])) this.asked = [];
    if (!this.next) return;
    if (this.asked.length < MOST_ASKED) this.ask();
    else this.soon();
  }

  ask() {
    const one = { ask: `${this.name}-${this.number++}`, change: this.next, since: this.since, at: performance.now() };
    this.next = this.since = null;
    this.asked.push(one);
    this.send({ type: "change", ask: one.ask, ...one.change });
  }

  // Return since when the learner has waited for this answer; null if another page had asked.
  answered(ask) {
    const place = this.asked.findIndex((one) => one.ask === ask);
    if (place < 0) return null;
    const { since } = this.asked.splice(0, place + 1)[0];
    this.flush();  // what was gathered meanwhile need not wait for a frame
    return since;
  }

  end() { cancelAnimationFrame(this.frame); }
}
