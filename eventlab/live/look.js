// How a chart fits its page: as wide as there is room, and light or dark as the page is.

const DARK = { text: "#dddddd", line: "#4d4d4d", ground: "#1e1e1e" };
const FIT_MS = 150;
const NARROW = "narrow", NARROW_PIXELS = 380;  // as in theme.py

const isDarkPage = () => document.body.dataset.jpThemeLight === "false";

// A specification in the page's colours. What was chosen for one mark stays as it is.
function inPageColours(spec) {
  if (!isDarkPage()) return spec;
  const { text, line, ground } = DARK;
  const words = { labelColor: text, titleColor: text };
  const config = { ...spec.config, background: ground };
  config.axis = { ...config.axis, ...words, gridColor: line, domainColor: line, tickColor: line };
  for (const part of ["legend", "header"]) config[part] = { ...config[part], ...words };
  config.title = { ...config.title, color: text, subtitleColor: text };
  config.text = { ...config.text, color: text };
  config.rule = { color: text, ...config.rule };
  return { ...spec, config };
}

const isComposed = (spec) => ["hconcat", "vconcat", "concat", "facet", "repeat"].some((part) => part in spec);

// A chart that names no width gets that of its page; one in several parts, what is left beside them.
function inPageWidth(spec, width, beside) {
  if (!isComposed(spec)) return { ...spec, width: "container" };
  if (width === 0 || spec.hconcat || spec.concat) return spec;
  const view = { ...spec.config?.view, continuousWidth: Math.max(width - beside, 160) };
  const params = spec.params?.map((one) => (one.name === NARROW ? { ...one, value: width < NARROW_PIXELS } : one));
  return { ...spec, params, config: { ...spec.config, view } };
}

// Call `changed` when the page becomes dark or light, and `sized` when the width of `box` changes.
function watchLook(box, changed, sized) {
  let wasDark = isDarkPage(), width = box.clientWidth, timer = 0;
  const theme = new MutationObserver(() => {
    if (isDarkPage() === wasDark) return;
    wasDark = isDarkPage();
    changed();
  });
  theme.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  const size = new ResizeObserver(() => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    if (width === 0) return;
    clearTimeout(timer);
    timer = setTimeout(sized, FIT_MS);
  });
  size.observe(box);
  return () => { theme.disconnect(); size.disconnect(); clearTimeout(timer); };
}
