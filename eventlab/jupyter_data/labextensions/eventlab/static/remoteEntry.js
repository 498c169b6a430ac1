// The page of chapters shows what was done meanwhile whenever a learner comes back to it.
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

  const plugin = {
    id: "eventlab:chapters",
    description: "Keeps the page of chapters up to date.",
    autoStart: true,
    activate: (app) => {
      app.shell.currentChanged?.connect((_, change) => renew(change.newValue));
      window.addEventListener("focus", () => renew(app.shell.currentWidget));
    },
  };

  const extension = { __esModule: true, default: plugin };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.eventlab = { init: () => {}, get: async () => () => extension };
})();
