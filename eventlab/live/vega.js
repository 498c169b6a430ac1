// Vega comes once a page, over the comm and gzipped: nothing big in the widget's state, no network.

const VEGA = "__eventlab_vega_embed__";

function vegaEmbed(model, say) {
  globalThis[VEGA] ??= loaded(model, say).catch((error) => {
    delete globalThis[VEGA];  // the next chart tries again
    throw error;
  });
  return globalThis[VEGA];
}

function loaded(model, say) {
  return new Promise((resolve, reject) => {
    const arrived = (message, buffers) => {
      if (message.type !== "vega") return;
      end();
      unpacked(buffers[0]).then(resolve, reject);
    };
    const stopAsking = askUntil(model, "vega?", {
      late: () => say("No answer from the kernel yet. If it has ended, run the cell again."),
      giveUp: () => { end(); reject(new Error("the kernel does not answer")); },
    });
    const end = () => { stopAsking(); model.off("msg:custom", arrived); };
    model.on("msg:custom", arrived);
  });
}

async function unpacked(gzipped) {
  const stream = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const source = await new Response(stream).text();
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const module = await import(url);
  URL.revokeObjectURL(url);
  return module.default;
}
