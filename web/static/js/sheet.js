/* The report sheet: a row saves itself while it is typed, one saving of a row after the other; the confirmation says
   how many rows go on and how many go back. Files go up for their own row. */
import { watchUploads } from "./uploads.js";

const PAUSE = 1200; // ms without typing

const waiting = new Map();
const running = new Set();

const say = (row, id) => {
  const words = document.getElementById(id)?.content.cloneNode(true);
  const state = row.querySelector(".s-state");
  if (!words || !state) return;
  for (const each of [...state.children]) if (each.name !== "row") each.remove();
  state.append(words);
};

async function save(row) {
  const form = row.closest("form");
  if (form.dataset.sent) return;
  if (running.has(row)) {
    later(row);
    return;
  }
  // Somebody else saved it: nothing is sent until the writer has chosen between the two texts.
  if (row.querySelector(".s-state [role=alert]")) return;
  running.add(row);
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  for (const field of row.querySelectorAll("input[name], textarea[name], select[name]")) {
    if (!/checkbox|radio/.test(field.type) || field.checked) body.append(field.name, field.value);
  }
  say(row, "saving");
  try {
    const answer = await fetch(row.dataset.saves, { method: "POST", body, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const state = page.querySelector(".s-state");
    if (state) row.querySelector(".s-state").replaceWith(state);
    else say(row, "not-saved");
  } catch {
    say(row, "not-saved");
  } finally {
    running.delete(row);
  }
}

function later(row, pause = PAUSE) {
  clearTimeout(waiting.get(row));
  waiting.set(
    row,
    setTimeout(() => {
      waiting.delete(row);
      save(row);
    }, pause),
  );
}

document.addEventListener("input", (event) => {
  const row = event.target.closest("[data-row]");
  if (row && event.target.type !== "file") later(row);
});

// Leaving a row saves it at once.
document.addEventListener("focusout", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row && waiting.has(row) && !row.contains(event.relatedTarget) && !event.relatedTarget?.matches(".btn")) later(row, 0);
});

document.addEventListener("submit", () => {
  for (const timer of waiting.values()) clearTimeout(timer);
  waiting.clear();
});

document.addEventListener("change", (event) => {
  const form = event.target.closest(".decides");
  if (!form) return;
  const back = form.querySelectorAll("[data-returns]:checked").length;
  const all = form.querySelectorAll("[data-returns]").length;
  form.querySelector("[data-counts-usual]").textContent = all - back;
  form.querySelector("[data-counts-returned]").textContent = back;
});

for (const list of document.querySelectorAll("#sheet-form [data-uploads]")) {
  watchUploads(list.closest("form"), list, list.closest("[data-files]"));
}
