/* htmx: what is new in the page is prepared like the rest, and somebody who cannot see it is taken there. */
import { prepareForms } from "./forms.js";

export function watchSwaps() {
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target;
    prepareForms(target);
    target.querySelector("[data-focus]")?.focus();
    if (target.id === "main") target.focus();
  });
  // The network is gone, or the server: the page says so where it says everything else, and keeps what was typed.
  document.addEventListener("htmx:sendError", () => {
    const words = document.querySelector("template#no-answer");
    const area = document.getElementById("notice");
    if (words && area) area.replaceChildren(words.content.cloneNode(true));
  });
}
