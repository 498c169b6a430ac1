// Rows that are `movable` can be taken by the hand and put elsewhere along the x axis.

// The mark under the pointer moves to where it was let go only when Python says so; until then a
// line with its place stands there.
function letRowsMove(view, box, { key, movable }, moved) {
  if (!movable) return () => {};
  const flag = document.createElement("div");
  flag.className = "eventlab-drag";
  let taken = null;
  const across = (event) => {
    const left = box.querySelector("canvas").getBoundingClientRect().left + view.origin()[0];
    const inside = Math.min(Math.max(event.clientX - left, 0), view.width());
    return { pixels: left - box.getBoundingClientRect().left + box.scrollLeft + inside, value: view.scale("x").invert(inside) };
  };
  const show = (event) => {
    const { pixels, value } = across(event);
    flag.style.left = `${pixels}px`;
    flag.textContent = Math.round(value);
  };
  const take = (event, item) => {
    if (!item?.datum?.movable) return;
    event.preventDefault();
    taken = item.datum[key];
    box.append(flag);
    show(event);
    addEventListener("pointermove", show);
    addEventListener("pointerup", put);
    addEventListener("pointercancel", end);
  };
  const put = (event) => {
    const name = taken;
    end();
    moved(name, across(event).value);
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
