/* Doing a step: the draft saves itself, decisions that bind are confirmed, files go up in parts. */
import { watchUploads } from "./uploads.js";

const form = document.getElementById("step-form");
const QUIET = 1500; // milliseconds after the last key

function watchDraft(address) {
  const line = document.querySelector("[data-saved]");
  const version = form.elements.draft_version;
  let timer = null;
  let saving = Promise.resolve();

  async function save() {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && name !== "request_key") body.append(name, value);
    }
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { Accept: "text/html" } });
      const told = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("span");
      if (!told) return;
      line.replaceChildren(told);
      if (told.dataset.version) version.value = told.dataset.version;
    } catch {
      line.textContent = form.dataset.lost;
    }
  }

  form.addEventListener("input", (event) => {
    if (!event.target.name?.startsWith("form.")) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      saving = saving.then(save);
    }, QUIET);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}

function watchConfirmation() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-confirms]");
    if (!button) return;
    event.preventDefault();
    document.getElementById(button.dataset.confirms).showModal();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.querySelector("[data-primary]")?.click();
  });
}

if (form) {
  watchConfirmation();
  if (form.querySelector("[name^='form.']")) watchDraft(form.dataset.draft);
  const list = form.querySelector("[data-uploads]");
  if (list) watchUploads(form, list);
}
