// The panel of a notebook in which the stage stands: beside it, or under a narrow one.

const SIDE_BY_SIDE = 840;  // pixels of a notebook, below which the stage stands under it
const HIDDEN = 2;  // pixels out of sight that are worth a sign: not what is rounded
const PART = 0.8;  // of what is in sight, which one click on it goes on by
const HOLD_MS = 700;  // for so long cells may fold anew after the notebook has got another width

const element = (tag, className, words = "") => Object.assign(document.createElement(tag), { className, textContent: words });

// What is read stays where it is on the page, while the lines above it fold anew. `reflow` changes
// the notebook's width; whoever scrolls meanwhile goes where they want to.
function holdingPlace(notebook, reflow) {
  const outer = notebook.querySelector(".jp-WindowedPanel-outer");
  const cells = outer ? [...outer.querySelectorAll(".jp-Cell")] : [];
  const { top, bottom } = outer?.getBoundingClientRect() ?? {};
  const inSight = cells.filter((cell) => {
    const box = cell.getBoundingClientRect();
    return box.bottom > top && box.top < bottom;
  });
  const held = inSight.find((cell) => cell.classList.contains("jp-mod-active")) ?? inSight[0];
  const place = held?.getBoundingClientRect().top;
  reflow();
  if (!held) return;
  const until = performance.now() + HOLD_MS;
  let isFree = false;
  const free = () => { isFree = true; };
  for (const kind of ["wheel", "pointerdown", "keydown"]) outer.addEventListener(kind, free, { once: true });
  const hold = () => {
    if (isFree || !held.isConnected || performance.now() > until) return;
    const moved = held.getBoundingClientRect().top - place;
    if (Math.abs(moved) >= 1) outer.scrollTop += moved;
    requestAnimationFrame(hold);
  };
  hold();
}

// A notebook's one panel: the newest experiment takes it, and the one before goes back to its cell.
class Panel {
  static of(notebook) { return notebook.eventlabPanel ??= new Panel(notebook); }

  constructor(notebook) {
    this.notebook = notebook;
    this.box = element("div", "eventlab-stage-panel");
    this.guest = null;
    this.watch = new ResizeObserver(() => this.lay());
    this.more = Object.assign(element("button", "eventlab-stage-button eventlab-stage-more", "More below"), { type: "button" });
    this.more.addEventListener("click", () => {
      const one = this.scrolling();
      one?.scrollBy({ top: PART * one.clientHeight, behavior: "smooth" });
    });
    this.box.addEventListener("scroll", () => this.tellMore(), { capture: true });
    this.grown = new ResizeObserver(() => this.tellMore());
  }

  take(guest) {
    if (this.guest === guest) return;
    this.guest?.goHome();
    this.guest = guest;
    clearTimeout(this.closing);
    this.box.replaceChildren(guest.root);
    guest.scene.after(this.more);
    this.grown.disconnect();
    for (const part of [guest.root, guest.scene, ...guest.scene.children]) this.grown.observe(part);
    if (this.box.isConnected) return this.lay();
    holdingPlace(this.notebook, () => {
      this.notebook.append(this.box);
      this.watch.observe(this.notebook);
      this.lay();
    });
  }

  // A cell that runs again takes its stage away and brings another: until then the page stays.
  leave(guest) {
    if (this.guest !== guest) return;
    this.guest = null;
    this.more.remove();
    this.closing = setTimeout(() => this.close(), 600);
  }

  close() {
    this.watch.disconnect();
    this.grown.disconnect();
    this.box.remove();
    this.box.replaceChildren();
    holdingPlace(this.notebook, () => {
      this.notebook.classList.remove("eventlab-staged", "eventlab-staged-below");
      window.dispatchEvent(new Event("resize"));
    });
  }

  lay() {
    const toolbar = this.notebook.querySelector(".jp-NotebookPanel-toolbar, .jp-Toolbar");
    const top = toolbar ? toolbar.getBoundingClientRect().bottom - this.notebook.getBoundingClientRect().top : 0;
    const isWide = this.notebook.clientWidth >= SIDE_BY_SIDE;
    this.notebook.style.setProperty("--eventlab-stage-top", `${top}px`);
    this.notebook.classList.add("eventlab-staged");
    this.notebook.classList.toggle("eventlab-staged-below", !isWide);
    window.dispatchEvent(new Event("resize"));
    this.tellMore();
  }

  // Return what has more below: the pictures, or in a narrow or low panel all that stands on it.
  scrolling() {
    const both = this.guest ? [this.guest.scene, this.box] : [];
    const given = this.given();
    return both.find((one) => one.scrollHeight - one.scrollTop - one.clientHeight - (one === given ? this.more.offsetHeight : 0) >= HIDDEN);
  }

  // Return what gives the sign its room, which is not to be the reason for the sign: the pictures
  // beside a notebook, all of it under a narrow one, and nothing where controls stand beside them.
  given() {
    if (!this.notebook.classList.contains("eventlab-staged-below")) return this.guest?.scene;
    const isBeside = this.more.getBoundingClientRect().right <= this.guest?.scene.getBoundingClientRect().left;
    return isBeside ? null : this.box;
  }

  // What is out of sight below has a sign, which goes there.
  tellMore() { this.more.hidden = !this.scrolling(); }
}
