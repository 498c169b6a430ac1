// What a page has drawn, as pictures, for the notebook that is saved: of a stage while it plays.

const SHOT_MS = 5000;
const DRAWN_MS = 80;

// A chart is one canvas; whatever else moves is words, which Python has too.
function shotOf(run) {
  const canvas = run.querySelector("canvas");
  if (!canvas || canvas.clientWidth === 0) return null;
  const png = canvas.toDataURL("image/png").split(",")[1];
  const sequence = Number(canvas.closest("[data-sequence]")?.dataset.sequence ?? -1);  // of the rows in it
  return { png, width: canvas.clientWidth, height: canvas.clientHeight, sequence };
}

// Python asks when the picture ends, just behind the last rows: they are drawn first. Returns how to end.
function answerShots(model, shots) {
  const heard = (message) => {
    if (message.type === "shots?") setTimeout(() => sendIfOpen(model, { type: "drawn", shots: shots() }), DRAWN_MS);
  };
  model.on("msg:custom", heard);
  return () => model.off("msg:custom", heard);
}

// Send these pictures now and then, while what is counted or said changes. Returns how to end.
function sendShots(model, shots, isEnded) {
  let sent = "", timer = 0;
  const send = () => {
    timer = 0;
    if (isEnded()) return;
    const drawn = shots();
    const now = JSON.stringify(drawn);
    if (now === sent) return;
    sent = now;
    sendIfOpen(model, { type: "shots", shots: drawn });
  };
  const soon = () => { timer ||= setTimeout(send, SHOT_MS); };
  model.on("change:status", soon);
  model.on("change:board", soon);
  soon();
  return () => { clearTimeout(timer); model.off("change:status", soon); model.off("change:board", soon); };
}
