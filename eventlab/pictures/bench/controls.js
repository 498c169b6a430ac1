// Kind, measure and lengths: the browser's own controls, which keyboards and touch know.

const NAMES = { length: "window", hop: "hop", gap: "gap", grace: "grace", bound: "watermark bound" };
const USED = {
  tumbling: ["length"], hopping: ["length", "hop"], sliding: ["length"], session: ["gap"],
  "inner join": ["length"], "left join": ["length"], "outer join": ["length"],
};
const ALWAYS = ["grace", "bound"];

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

class Controls {
  // `change` takes {name: value}, `reset` nothing.
  constructor(parent, change, reset) {
    this.change = change;
    this.box = element("div", { className: "eventlab-bench-controls" });
    parent.append(this.box);
    this.kind = element("select", { onchange: () => change({ kind: this.kind.value }) });
    this.measure = element("select", { onchange: () => change({ measure: this.measure.value }) });
    for (const one of ["count", "sum", "mean"]) this.measure.append(element("option", { value: one, textContent: one }));
    this.measureLabel = element("label", {}, element("span", { textContent: "measure" }), this.measure);
    this.box.append(element("label", {}, element("span", { textContent: "kind" }), this.kind), this.measureLabel);
    this.sliders = Object.fromEntries(Object.entries(NAMES).map(([name, words]) => [name, this.slider(name, words)]));
    this.box.append(element("button", { type: "button", textContent: "Back to the beginning", onclick: reset }));
  }

  slider(name, words) {
    const input = element("input", { type: "range", name });
    // Not an <output>, and no part of the name: the slider itself speaks its value.
    const output = element("span", { className: "eventlab-bench-value", ariaHidden: "true" });
    const label = element("label", {}, element("span", { textContent: words }), input, output);
    input.oninput = () => {
      this.tell(name, Number(input.value));
      this.change({ [name]: Number(input.value) });
    };
    this.box.append(label);
    return { input, output, label };
  }

  tell(name, value) {
    const { input, output } = this.sliders[name];
    output.textContent = lengthWords(value);
    input.setAttribute("aria-valuetext", lengthWords(value));
  }

  offer({ windows, joins, sliders, has_values: hasValues }) {
    const group = (label, kinds) => element("optgroup", { label }, ...kinds.map((kind) => element("option", { value: kind, textContent: kind })));
    this.kind.replaceChildren(group("windows", windows), ...(joins.length ? [group("joins", joins)] : []));
    this.measureLabel.hidden = !hasValues;
    for (const [name, [min, max, step]] of Object.entries(sliders)) Object.assign(this.sliders[name].input, { min, max, step });
  }

  // A control that is held says itself where it is.
  show(settings, held) {
    this.kind.value = held.kind ?? settings.kind;
    this.measure.value = held.measure ?? settings.measure;
    this.measure.disabled = isJoin(settings.kind);
    this.sliders.length.label.firstChild.textContent = isJoin(settings.kind) ? "within" : NAMES.length;
    const used = [...USED[settings.kind], ...ALWAYS];
    for (const [name, { input, label }] of Object.entries(this.sliders)) {
      input.disabled = !used.includes(name);
      label.classList.toggle("eventlab-bench-unused", input.disabled);
      if (name in held) continue;
      input.value = settings[name];
      this.tell(name, settings[name]);
    }
  }
}
