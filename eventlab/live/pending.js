// The rows that have come and are not drawn yet, and those in the picture, some of which have to go.

class Pending {
  constructor(settings) {
    this.settings = settings;
    this.number = 0;
    this.newest = -Infinity;
    this.shown = [];
    this.clear();
  }

  clear() { this.rows = []; this.gone = new Set(); this.all = false; }

  add(rows, gone, all) {
    const { key, keep, time } = this.settings;
    if (all) { this.clear(); this.all = true; this.newest = -Infinity; }
    for (const row of rows) {
      row.__number = this.number++;
      // Null is no time, and would pass for 0 in a comparison.
      if (time && row[time] !== null && row[time] > this.newest) this.newest = row[time];
    }
    this.rows = this.rows.concat(rows);
    if (key) this.renew(rows, gone, key);
    // A hidden tab draws no frames: what it would never show need not wait.
    else if (this.rows.length > 2 * keep) this.rows = this.rows.slice(-keep);
  }

  // A row takes the place of the one with its key, drawn or waiting.
  renew(rows, gone, key) {
    for (const name of gone) this.gone.add(name);
    const going = new Set(gone);
    this.rows = [...new Map(this.rows.filter((row) => !going.has(row[key])).map((row) => [row[key], row])).values()];
    for (const row of rows) this.gone.add(row[key]);
  }

  // The window ends at the newest time, which need not be the last row's. A row without a time stays.
  get oldest() {
    const { time, window } = this.settings;
    return time && window ? this.newest - window : -Infinity;
  }

  // What has to come into the picture and to leave it now; from then on it is in the picture.
  take() {
    const isLeaving = this.leaving();
    const arriving = this.arriving(), leaving = this.shown.filter(isLeaving);
    this.shown = (leaving.length ? this.shown.filter((row) => !isLeaving(row)) : this.shown).concat(arriving);
    this.clear();
    return { arriving, leaving };
  }

  leaving() {
    const { key, keep, time } = this.settings;
    const { all, gone, oldest, number } = this;
    const isOld = (row) => row[time] !== null && row[time] < oldest;
    if (all) return () => true;
    if (key) return (row) => gone.has(row[key]) || isOld(row);
    return (row) => row.__number < number - keep || isOld(row);
  }

  arriving() {
    const { key, keep, time } = this.settings;
    const { oldest, number } = this;
    return this.rows.filter((row) => !(row[time] !== null && row[time] < oldest) && (key || row.__number >= number - keep));
  }
}
