/* The work list: tick all, count what is ticked, leave empty filters out of the address. */

const boxes = () => [...document.querySelectorAll("tbody input[name=work]")];

function showTicked() {
  const count = boxes().filter((box) => box.checked).length;
  const words = document.querySelector("[data-counts-ticked]");
  if (words) words.textContent = words.dataset.words.replace("{count}", count);
  const all = document.querySelector("[data-ticks-all]");
  if (all) all.checked = count > 0 && count === boxes().length;
}

function mark(box) {
  box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-ticks-all]")) {
    for (const box of boxes()) {
      box.checked = event.target.checked;
      mark(box);
    }
  }
  if (event.target.matches("[data-ticks-all], input[name=work]")) showTicked();
});

document.addEventListener("reset", (event) => {
  if (!event.target.matches(".choosing")) return;
  setTimeout(() => {
    for (const box of boxes()) mark(box);
    showTicked();
  });
});

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-trims]")) return;
  for (const [name, value] of [...event.detail.formData.entries()]) {
    if (value === "" || (name === "sort" && value === "due")) event.detail.formData.delete(name);
  }
});
