/* Forms: focus on what is wrong, counted characters, rows that are added and removed, one sending at a time. */

function focusProblems(root) {
  root.querySelector("[data-focus]")?.focus();
}

function showCount(field) {
  const counter = document.querySelector(`[data-counts="${CSS.escape(field.id)}"]`);
  if (counter) {
    counter.textContent = counter.dataset.words
      .replace("{used}", [...field.value].length)
      .replace("{longest}", field.maxLength);
  }
}

function addRow(list) {
  const template = list.querySelector("template");
  const holder = list.querySelector(".rows-list");
  const number =
    Math.max(
      -1,
      ...[...holder.querySelectorAll("[name]")].map((field) => Number(field.name.match(/\.(\d+)\./)?.[1] ?? -1)),
    ) + 1;
  const row = template.content.cloneNode(true);
  for (const element of row.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      if (attribute.value.includes("__n__") || attribute.value.includes("--n--")) {
        attribute.value = attribute.value.replaceAll("__n__", number).replaceAll("--n--", number);
      }
    }
  }
  holder.append(row);
  offerRemoval(list);
  holder.lastElementChild.querySelector("input, textarea, select")?.focus();
}

function offerRemoval(list) {
  const buttons = list.querySelectorAll("[data-removes]");
  for (const button of buttons) button.hidden = buttons.length < 2;
}

export function prepareForms(root) {
  for (const field of root.querySelectorAll("textarea[maxlength]")) showCount(field);
  for (const list of root.querySelectorAll("[data-rows]")) offerRemoval(list);
}

export function watchForms() {
  prepareForms(document);
  focusProblems(document);
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[maxlength]")) showCount(event.target);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("tbody input[type=checkbox]")) {
      event.target.closest("tr")?.setAttribute("aria-selected", String(event.target.checked));
    }
  });
  document.addEventListener("click", (event) => {
    const adder = event.target.closest("button[name=add_row]");
    const list = adder?.closest("[data-rows]");
    if (list) {
      event.preventDefault();
      addRow(list);
    }
    const remover = event.target.closest("[data-removes]");
    if (remover) {
      const from = remover.closest("[data-rows]");
      remover.closest("li").remove();
      offerRemoval(from);
      from.querySelector("input, textarea, select")?.focus();
    }
  });
  // A second click sends nothing: the form's key would answer it anyway, this only saves the wait.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    else form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}
