// The words beside a mark go with the pointer.

// Vega hides them when the pointer leaves the mark, but not one that has gone meanwhile: a row that
// was renewed under a resting pointer would leave its words on the page.
function letTipsGo(view) {
  view.addEventListener("pointermove", (event, item) => {
    if (!item?.tooltip) view.tooltip()(view, event, null, null);
  });
}
