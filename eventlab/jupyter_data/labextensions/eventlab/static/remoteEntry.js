// The page of chapters shows what was done meanwhile whenever a learner comes back to it; where a
// notebook has an interactive view that is gone, it shows the picture that stands beside it; and a
// cell that begins with %%sql has the colours of SQL.
//
// JupyterLab loads this as it is: a container of module federation, which shares nothing and needs
// nothing but the application, so that no build step stands between this file and the page.
(() => {
  const PAGE = "Chapters.md"; // as in eventlab.jupyter

  function renew(widget) {
    const context = widget?.context;
    if (context?.path === PAGE && context.isReady && !context.isDisposed) {
      // Without an answer the page stays as it is; JupyterLab itself says that the server is gone.
      context.revert().catch(() => {});
    }
  }

  const VIEW = "application/vnd.jupyter.widget-view+json";
  const STATE = "application/vnd.jupyter.widget-state+json";
  const seen = new WeakSet();

  async function runningViews(sessionContext) {
    await sessionContext.ready;
    const kernel = sessionContext.session?.kernel;
    if (!kernel) return [];
    const reply = await kernel.requestCommInfo({ target_name: "jupyter.widget" });
    return Object.keys(reply.content.comms ?? {});
  }

  // A kernel that was restarted knows none of its views, and they are not saved any more: for each
  // JupyterLab would show an error.
  async function showPictures(widget) {
    const { context, content, sessionContext } = widget ?? {};
    if (!sessionContext || !content?.model?.cells || seen.has(widget)) return;
    seen.add(widget);
    await context.ready;
    const running = await runningViews(sessionContext).catch(() => null); // it ended meanwhile
    if (running === null || widget.isDisposed) return;
    const saved = content.model.getMetadata("widgets")?.[STATE]?.state ?? {};
    const known = new Set([...running, ...Object.keys(saved)]);
    for (const { outputs } of content.model.cells) {
      for (let i = 0; i < (outputs?.length ?? 0); i += 1) {
        const output = outputs.get(i).toJSON();
        const { [VIEW]: view, ...others } = output.data ?? {};
        const hasPicture = "image/png" in others || "text/html" in others;
        if (view && hasPicture && !known.has(view.model_id)) outputs.set(i, { ...output, data: others });
      }
    }
  }

  const SQL = "text/x-sql";
  const coloured = new WeakSet();

  // JupyterLab gives all cells of code the kernel's language, and again whenever a kernel has begun.
  function colour(model, notebook) {
    const mimeType = /^%%sql\b/.test(model.sharedModel.getSource()) ? SQL : notebook.codeMimetype;
    if (model.mimeType !== mimeType) model.mimeType = mimeType;
  }

  async function colourSql(widget) {
    const { context, content: notebook } = widget ?? {};
    if (!context || !notebook?.codeMimetype || coloured.has(widget)) return;
    coloured.add(widget);
    await context.ready;
    const watched = new WeakSet();
    const watchCells = () => {
      for (const model of notebook.model?.cells ?? []) {
        if (model.type !== "code" || watched.has(model)) continue;
        watched.add(model);
        model.contentChanged.connect(() => colour(model, notebook));
        model.mimeTypeChanged.connect(() => colour(model, notebook));
        colour(model, notebook);
      }
    };
    notebook.model?.cells.changed.connect(watchCells);
    watchCells();
  }

  const plugin = {
    id: "eventlab:chapters",
    description: "Keeps the page of chapters up to date, shows the pictures of views that are gone, and colours SQL.",
    autoStart: true,
    activate: (app) => {
      app.shell.currentChanged?.connect((_, change) => {
        renew(change.newValue);
        showPictures(change.newValue);
        colourSql(change.newValue);
      });
      window.addEventListener("focus", () => renew(app.shell.currentWidget));
    },
  };

  const extension = { __esModule: true, default: plugin };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.eventlab = { init: () => {}, get: async () => () => extension };
})();
