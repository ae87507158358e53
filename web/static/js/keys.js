/* The keyboard: / searches, ? lists the keys, g and a letter go somewhere, j k x Enter work on the rows of a table.
   Single letters do nothing inside fields, and nothing at all where the person switched them off. */

const WAIT = 1200; // ms that a g waits for its second letter

const inField = (element) =>
  element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("main [data-rows-of-table] tr:not(.grp)")];
const current = (all) => all.findIndex((row) => row.classList.contains("cur"));

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = current(all);
  const next = all[now < 0 ? 0 : Math.min(all.length - 1, Math.max(0, now + step))];
  for (const row of all) row.classList.toggle("cur", row === next);
  const opener = next.querySelector("a.t, a, button");
  opener?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function tick() {
  const all = rows();
  all[current(all)]?.querySelector("input[type=checkbox]")?.click();
}

function search() {
  const field = [document.querySelector("main [data-search]"), document.getElementById("q")].find(
    (each) => each?.offsetParent,
  );
  field?.focus();
  field?.select();
  return Boolean(field);
}

const actions = {
  j: () => move(1),
  k: () => move(-1),
  x: tick,
  "?": () => document.getElementById("keys")?.showModal(),
};

export function watchKeys() {
  let going = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      const button = form?.querySelector(".btn.pri") ?? document.querySelector("main .btn.pri");
      if (button) {
        event.preventDefault();
        button.click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (inField(event.target) || document.body.dataset.singleKeys !== "on" || document.querySelector("dialog[open]"))
      return;
    const since = event.timeStamp - going;
    going = -Infinity;
    if (since < WAIT) {
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      if (link) location.assign(link.href);
    } else if (event.key === "g") {
      going = event.timeStamp;
    } else if (event.key === "/") {
      if (search()) event.preventDefault();
    } else if (actions[event.key]) {
      actions[event.key]();
    } else {
      const pressed = document.querySelector(`main [data-key="${CSS.escape(event.key)}"]`);
      if (pressed) {
        event.preventDefault();
        pressed.click();
      }
    }
  });
}
