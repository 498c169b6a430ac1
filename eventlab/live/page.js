// What every live picture shares: asking Python until it answers, and reading columns.

// A comm's first message can land on a busy shell, later ones on one apart: so ask again.
export function askUntil(model, type, { every = 400, tries = 150, giveUp = () => {} } = {}) {
  let asked = 0;
  const ask = () => {
    if (asked === tries) { stop(); giveUp(); return; }
    asked += 1;
    model.send({ type });
  };
  const timer = setInterval(ask, every);
  const stop = () => clearInterval(timer);
  ask();
  return stop;
}

// [name, values] or [name, null, buffer]: numbers come as doubles, in which NaN stands for null.
export function rowsOf({ columns, count }, buffers) {
  const rows = Array.from({ length: count }, () => ({}));
  for (const [name, values, buffer] of columns) {
    if (values !== null) { rows.forEach((row, i) => { row[name] = values[i]; }); continue; }
    const { buffer: bytes, byteOffset, byteLength } = buffers[buffer];
    const numbers = new Float64Array(bytes.slice(byteOffset, byteOffset + byteLength));
    rows.forEach((row, i) => { row[name] = Number.isNaN(numbers[i]) ? null : numbers[i]; });
  }
  return rows;
}

// The kernel is gone, so nothing will ever come: say it, and what to do, in one line.
export function tellWhenDead(model, box) {
  const line = document.createElement("div");
  line.className = "eventlab-dead";
  line.setAttribute("role", "status");
  line.style.cssText = "font: 12px var(--jp-ui-font-family, sans-serif); opacity: .8; padding: 2px";
  line.hidden = true;
  line.textContent = "The kernel has ended. Run the cell again to see this move.";
  box.append(line);
  const look = () => { line.hidden = model.comm_live !== false; };
  model.on("comm_live_update", look);
  look();
  return () => model.off("comm_live_update", look);
}
