/* Draws a process live: the model from its address, the state of every element from a data block of the page.
   Hidden on a phone, where the words below stand for it; then nothing is loaded. */

const figure = document.querySelector("[data-diagram]");
const EDGE = 24;
const SMALLEST = 0.75; // below this the words in the boxes cannot be read

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

function goesBack(connection) {
  const points = connection.waypoints ?? [];
  return points.length > 1 && points.at(-1).x < points[0].x - 40;
}

function paint(viewer, state) {
  const canvas = viewer.get("canvas");
  const overlays = viewer.get("overlays");
  const registry = viewer.get("elementRegistry");
  for (const id of state.flows) {
    const connection = registry.get(id);
    if (connection) canvas.addMarker(id, goesBack(connection) ? "is-back" : "is-done");
  }
  for (const [id, each] of Object.entries(state.elements)) {
    if (!registry.get(id)) continue;
    // What holds other elements is no step: filling it would hide which of them are done.
    if (each.mark && !registry.get(id).children?.length) canvas.addMarker(id, `is-${each.mark}`);
    let above = 0;
    let below = 0;
    for (const badge of each.badges) {
      const element = document.createElement("span");
      element.className = `b ${badge.kind}`;
      element.textContent = badge.text;
      const place = badge.below ? { bottom: -5 - 22 * below++, left: 0 } : { top: -22 - 22 * above++, left: 0 };
      overlays.add(id, { position: place, html: element, scale: { min: 1, max: 1 } });
    }
  }
}

/* Nothing beyond the drawing's own edges is shown, or its middle where it is smaller than the window. */
function within(wanted, from, room) {
  if (room <= 0) return from + room / 2;
  return Math.min(Math.max(wanted, from - EDGE), from + room + EDGE);
}

/* The whole drawing if it can be read so; otherwise as large as it must be, around what is open now. */
function look(viewer, state) {
  const canvas = viewer.get("canvas");
  canvas.zoom("fit-viewport", "auto");
  if (canvas.zoom() >= SMALLEST) return;
  const registry = viewer.get("elementRegistry");
  const isOpen = ([id, each]) => (each.mark === "open" || each.mark === "late") && registry.get(id);
  const open = Object.entries(state.elements).find(isOpen);
  canvas.zoom(SMALLEST);
  const box = canvas.viewbox();
  const shape = open ? registry.get(open[0]) : null;
  const middle = shape
    ? { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 }
    : { x: box.inner.x + box.width / 2, y: box.inner.y + box.height / 2 - EDGE }; // its beginning, labels included
  canvas.viewbox({
    ...box,
    x: within(middle.x - box.width / 2, box.inner.x, box.inner.width - box.width),
    y: within(middle.y - box.height / 2, box.inner.y, box.inner.height - box.height),
  });
}

async function draw() {
  const box = figure.querySelector(".canvas");
  if (!box.clientWidth) return;
  const [answer] = await Promise.all([fetch(figure.dataset.diagram), load(figure.dataset.viewer)]);
  if (!answer.ok) return;
  const state = JSON.parse(document.getElementById("diagram-state").textContent);
  const viewer = new window.BpmnJS({ container: box });
  await viewer.importXML(await answer.text());
  viewer.get("zoomScroll").toggle(false); // the wheel scrolls the page
  paint(viewer, state);
  // A page that was turned or narrowed meanwhile hides the drawing; the observer looks when it is there again.
  if (box.clientWidth) look(viewer, state);
  const acts = figure.querySelector(".dia-acts");
  acts.hidden = false;
  acts.addEventListener("click", (event) => {
    const how = event.target.closest("[data-zoom]")?.dataset.zoom;
    const canvas = viewer.get("canvas");
    if (how === "fit") canvas.zoom("fit-viewport", "auto");
    else if (how) canvas.zoom(canvas.zoom() * (how === "in" ? 1.25 : 0.8), "auto");
  });
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth && box.clientWidth !== width) {
      width = box.clientWidth;
      viewer.get("canvas").resized();
      look(viewer, state);
    }
  }).observe(box);
  figure.dataset.drawn = "yes";
}

if (figure) {
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    draw();
  }, { rootMargin: "400px" });
  seen.observe(figure);
}
