// Rows that are `movable` can be taken by the hand and put elsewhere along the x axis.

// The mark under the pointer moves to where it was let go only when Python says so; until then a
// line stands there, no higher than a lane, with the `name` of the row and its place.
const FLAG_PIXELS = 40;

function letRowsMove(view, box, { key, movable }, moved) {
  if (!movable) return () => {};
  const flag = document.createElement("div");
  flag.className = "eventlab-drag";
  const words = document.createElement("span");
  flag.append(words);
  let taken = null, name = "";
  const across = (event) => {
    const left = box.querySelector("canvas").getBoundingClientRect().left + view.origin()[0];
    const inside = Math.min(Math.max(event.clientX - left, 0), view.width());
    return { pixels: left - box.getBoundingClientRect().left + box.scrollLeft + inside, value: view.scale("x").invert(inside) };
  };
  const show = (event) => {
    const { pixels, value } = across(event);
    flag.style.left = `${pixels}px`;
    words.textContent = name ? `${name}: ${Math.round(value)}` : Math.round(value);
    flag.classList.toggle("eventlab-drag-left", pixels > box.clientWidth / 2);
  };
  const take = (event, item) => {
    if (!item?.datum?.movable) return;
    event.preventDefault();
    taken = item.datum[key];
    name = item.datum.name ?? "";
    const drawing = box.querySelector("canvas").getBoundingClientRect().top - box.getBoundingClientRect().top;
    flag.style.top = `${drawing + view.origin()[1] + item.bounds.y2 - FLAG_PIXELS}px`;
    flag.style.height = `${FLAG_PIXELS}px`;
    box.append(flag);
    show(event);
    addEventListener("pointermove", show);
    addEventListener("pointerup", put);
    addEventListener("pointercancel", end);
  };
  const put = (event) => {
    const row = taken;
    end();
    moved(row, across(event).value);
  };
  const end = () => {
    taken = null;
    flag.remove();
    removeEventListener("pointermove", show);
    removeEventListener("pointerup", put);
    removeEventListener("pointercancel", end);
  };
  const point = (event, item) => { box.style.cursor = item?.datum?.movable ? "ew-resize" : ""; };
  view.addEventListener("pointerdown", take);
  view.addEventListener("pointermove", point);
  return end;  // its view is about to go, and takes the other listeners along
}
