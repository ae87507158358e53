"""A person's hands: every press of a pointer and every key is counted where the browser receives it, over all pages."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

# Listening in the capture phase on `window`, before anything on the page can stop an event. Only what a person did is
# `isTrusted`. Keys that write into a field are the typing itself; all others, such as Tab or Enter, count.
_COUNT = """
(() => {
  const writes = (event) =>
    (event.key.length === 1 || ["Backspace", "Delete", "Shift", "Process", "Unidentified"].includes(event.key)) &&
    !event.ctrlKey && !event.metaKey &&
    event.target.matches?.("input:not([type=checkbox]):not([type=radio]):not([type=file]), textarea");
  window.addEventListener("pointerdown", (event) => event.isTrusted && window.dudaoActed("click"), true);
  const pressed = (event) => event.isTrusted && !writes(event) && window.dudaoActed(event.key);
  window.addEventListener("keydown", pressed, true);
})();
"""
IN_THE_FILE_DIALOG = ("choose the file", "open it")
"""What a person does in the system's own window, which no page sees."""


class Hands:
    """Acts as a person does, by pointer and keyboard alone, and keeps what they did."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.page = page
        self.acts: list[str] = []
        context.expose_function("dudaoActed", self._note)
        context.add_init_script(_COUNT)

    def _note(self, act: str) -> None:
        # A function of Python's own, such as a list's `append`, cannot be called from the browser.
        self.acts.append(act)

    def click(self, target: Locator) -> None:
        """Press the pointer on it."""
        target.click()

    def write(self, text: str) -> None:
        """Type where the cursor stands."""
        self.page.keyboard.type(text)

    def key(self, name: str) -> None:
        """Press a key that writes nothing."""
        self.page.keyboard.press(name)

    def choose_file(self, opener: Locator, path: Path) -> None:
        """Open the system's window, choose a file in it and confirm."""
        with self.page.expect_file_chooser() as chooser:
            opener.click()
        self.acts += IN_THE_FILE_DIALOG
        chooser.value.set_files(path)
        expect(self.page.locator(".up li[data-s=ok]").last).to_contain_text(path.name)
