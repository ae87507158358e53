/* The import desk: keys lead to fields, the printed row stays in view, a chosen unit makes room for the next one. */

function reveal(element) {
  for (let around = element.closest("details"); around; around = around.parentElement?.closest("details")) around.open = true;
  element.focus();
  element.select?.();
}

function showSource() {
  const row = document.getElementById("source-row");
  const panel = document.getElementById("source");
  if (!row || !panel) return;
  const [at, around] = [row.getBoundingClientRect(), panel.getBoundingClientRect()];
  if (at.top >= around.top && at.bottom <= around.bottom) return;
  panel.scrollTop += at.top - around.top - panel.clientHeight / 3;
}

function prepare() {
  showSource();
  for (const button of document.querySelectorAll("[data-sets]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const focuses = event.target.closest("[data-focuses]");
  const target = focuses && document.getElementById(focuses.dataset.focuses);
  if (target) {
    event.preventDefault();
    reveal(target);
  }
  if (event.target.closest("[data-shows]")) {
    event.preventDefault();
    document.getElementById("source")?.focus();
    showSource();
  }
  const sets = event.target.closest("[data-sets]");
  if (sets) {
    document.getElementById(sets.dataset.also).value = sets.dataset.alsoValue;
    const field = document.getElementById(sets.dataset.sets);
    field.value = sets.dataset.value;
    field.focus();
  }
});

// Esc leaves a field, so that the keys of the page work again: what was typed stays.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("#row input, #row select, #row textarea")) {
    document.getElementById("row-h")?.focus();
  }
});

document.addEventListener("htmx:afterSettle", prepare);
prepare();
