// The browser's own slider: by arrow keys, by touch, with a name, and with each step's word spoken.

function render({ model, el }) {
  const label = document.createElement("label");
  label.className = "eventlab-steps";
  // JupyterLab would take arrow keys for its own; how to ask for that depends on its version.
  label.dataset.lmSuppressShortcuts = "true";
  label.addEventListener("keydown", (event) => { if (event.key.startsWith("Arrow")) event.stopPropagation(); });
  const name = document.createElement("span");
  const input = Object.assign(document.createElement("input"), { type: "range", min: 0, step: 1 });
  const said = document.createElement("span");
  said.setAttribute("aria-hidden", true);
  label.append(name, input, said);
  el.append(label);

  const say = () => {
    const word = model.get("words")[input.value] ?? "";
    said.textContent = word;
    input.setAttribute("aria-valuetext", word);
  };
  const show = () => {
    name.textContent = model.get("description");
    input.max = model.get("words").length - 1;
    input.value = model.get("index");
    input.disabled = model.get("disabled");
    say();
  };
  input.oninput = () => {
    say();
    model.set("index", Number(input.value));
    model.save_changes();
  };
  model.on("change", show);
  show();
  return () => model.off("change", show);
}

export default { render };
