// A line that is seen, and a live region beside it, which is there before it has anything to say.

function render({ model, el }) {
  const seen = document.createElement("div");
  seen.className = "eventlab-status";
  const spoken = document.createElement("div");
  spoken.className = "eventlab-spoken";
  spoken.setAttribute("role", "status");
  spoken.setAttribute("aria-live", "polite");
  el.append(seen, spoken);
  const show = () => {
    seen.innerHTML = model.get("value");  // made by eventlab, which escapes what it was given
    spoken.textContent = model.get("spoken");
  };
  model.on("change", show);
  show();
  return () => model.off("change", show);
}

export default { render };
