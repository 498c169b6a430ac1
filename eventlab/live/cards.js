// The newest records as cards: each falls into the log from above and moves to the left.

function render({ model, el }) {
  const lane = document.createElement("div");
  lane.className = "eventlab-cards";
  lane.setAttribute("role", "log");
  lane.setAttribute("aria-label", model.get("alt"));
  el.append(lane);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  el.dataset.eventlab = "cards";
  el.classList.add("eventlab-picture");
  let held = [], stopAsking = () => {};

  const card = ({ title, lines, colour }) => {
    const node = document.createElement("div");
    node.className = "eventlab-card";
    node.style.setProperty("--eventlab-card-colour", colour);
    const head = document.createElement("b");
    head.textContent = title;
    node.append(head, ...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })));
    return node;
  };
  const arrived = (message) => {
    if (message.type !== "cards") return;
    if (message.all) { stopAsking(); lane.textContent = ""; }
    for (const one of message.cards) {
      const node = card(one);
      lane.append(node);
      if (!still && !message.all) node.animate([{ transform: "translateY(-80px)", opacity: 0 }, { transform: "none", opacity: 1 }], { duration: 350, easing: "ease-in" });
    }
    while (lane.childElementCount > model.get("newest")) lane.firstElementChild.remove();
    held = (message.all ? [] : held).concat(message.cards).slice(-model.get("newest"));
    model.set("held", held);  // never sent to Python: kept with the notebook, for the day after
    el.dataset.cards = Number(el.dataset.cards ?? 0) + message.cards.length;
  };
  model.on("msg:custom", arrived);
  const say = lineIn(el);
  const stopShowing = showTrouble(model, el);
  const lived = (dead) => {
    stopAsking();
    say(dead ? ENDED : "");
    if (!dead) stopAsking = askUntil(model, "all?");
  };
  const stopResting = tellRest(model, el);
  const stopWatching = watchLife(model, el, lived);
  if (isDead(el)) lane.append(...model.get("held").map(card));
  lived(isDead(el));
  return endOnce(model, el, () => { stopAsking(); stopWatching(); stopResting(); stopShowing(); model.off("msg:custom", arrived); });
}

export default { render };
