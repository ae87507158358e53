/* Draws a process with the time its steps take: the model from its address, the colours from the list in the figure.
   Hidden on a phone, where the table says the same; then nothing is loaded. */

const figure = document.querySelector("[data-heatmap]");

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

function style(address) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}

function badge(overlays, id, kind, words, position) {
  if (!words) return;
  const element = document.createElement("span");
  element.className = `b ${kind}`;
  element.textContent = words;
  overlays.add(id, { position, html: element });
}

async function draw() {
  const box = figure.querySelector(".canvas");
  if (!box.clientWidth) return;
  style(figure.dataset.viewerCss);
  const [answer] = await Promise.all([fetch(figure.dataset.heatmap), load(figure.dataset.viewer)]);
  if (!answer.ok) return;
  const viewer = new window.BpmnJS({ container: box });
  await viewer.importXML(await answer.text());
  viewer.get("zoomScroll").toggle(false); // the wheel scrolls the page
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  for (const { dataset } of figure.querySelectorAll("[data-element]")) {
    const id = dataset.element;
    if (!registry.get(id)) continue;
    if (dataset.pressure) canvas.addMarker(id, `is-heat-${dataset.pressure}`);
    badge(overlays, id, "", dataset.typical, { bottom: 8, left: 4 });
    badge(overlays, id, dataset.kind, dataset.waiting, { top: -11, left: 0 });
  }
  // A page that was narrowed meanwhile hides the drawing; the observer looks when it is there again.
  if (box.clientWidth) canvas.zoom("fit-viewport", "auto");
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (!box.clientWidth || box.clientWidth === width) return;
    width = box.clientWidth;
    canvas.resized();
    canvas.zoom("fit-viewport", "auto");
  }).observe(box);
  figure.dataset.drawn = "yes";
}

if (figure) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    draw();
  }, { rootMargin: "200px" });
  seen.observe(figure);
}
