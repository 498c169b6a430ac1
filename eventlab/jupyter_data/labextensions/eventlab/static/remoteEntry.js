// The page of chapters shows what was done meanwhile whenever a learner comes back to it; and where a
// notebook has an interactive view that is gone, it shows the picture that stands beside it.
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

  const plugin = {
    id: "eventlab:chapters",
    description: "Keeps the page of chapters up to date, and shows the pictures of views that are gone.",
    autoStart: true,
    activate: (app) => {
      app.shell.currentChanged?.connect((_, change) => {
        renew(change.newValue);
        showPictures(change.newValue);
      });
      window.addEventListener("focus", () => renew(app.shell.currentWidget));
    },
  };

  const extension = { __esModule: true, default: plugin };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.eventlab = { init: () => {}, get: async () => () => extension };
})();
