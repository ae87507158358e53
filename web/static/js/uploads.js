/* Files go up in parts and go on where they were cut off: after a lost line, a pause, a reload of the page.
   What is under way is kept in the browser's own store until it has arrived. */

const STORE = "uploads";
const AGAIN = 4000; // milliseconds until a lost line is tried again

function openStore() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("dudao", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function inStore(mode, act) {
  try {
    const store = await openStore();
    return await new Promise((done, failed) => {
      const asked = act(store.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } catch {
    return undefined; // without the store an upload still works, it only does not outlive the page
  }
}

const token = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];

function ask(method, address, { json, body, headers = {} } = {}) {
  const all = { "X-CSRF-Token": token(), Accept: "application/json", ...headers };
  if (json) all["Content-Type"] = "application/json";
  return fetch(address, { method, headers: all, body: json ? JSON.stringify(json) : body });
}

function sized(bytes) {
  const megabytes = bytes / 1048576;
  return megabytes >= 1 ? `${megabytes.toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} kB`;
}

class Upload {
  constructor(file, page, kept) {
    Object.assign(this, { file, page, id: kept?.id ?? null, chunk: kept?.chunk ?? 1048576, offset: 0, state: "wait" });
    this.key = kept?.key ?? crypto.randomUUID();
    this.proves = kept?.proves ?? page.proves();
    this.row = page.template.content.firstElementChild.cloneNode(true);
    this.row.querySelector(".kind").textContent = file.name.split(".").pop().slice(0, 4).toUpperCase();
    this.row.querySelector("b").textContent = file.name;
    for (const hidden of this.row.querySelectorAll(".vh")) hidden.textContent = file.name;
    this.row.addEventListener("click", (event) => this.pressed(event.target.closest("[data-do]")?.dataset.do));
    page.list.append(this.row);
    this.show("wait", page.words.waiting);
  }

  get percent() {
    return this.file.size ? Math.floor((100 * this.offset) / this.file.size) : 0;
  }

  show(state, words) {
    this.state = state;
    this.row.dataset.s = { wait: "wait", run: "run", ok: "ok", paused: "wait", lost: "fail", refused: "fail" }[state];
    this.row.querySelector(".st").textContent = words.replace("{percent}", `${this.percent}%`);
    const bar = this.row.querySelector("progress");
    if (bar) bar.value = this.percent;
    const button = (name) => this.row.querySelector(`[data-do=${name}]`);
    if (button("pause")) button("pause").hidden = !["wait", "run"].includes(state);
    if (button("resume")) button("resume").hidden = !["paused", "lost"].includes(state);
    this.page.changed();
  }

  pressed(what) {
    if (what === "pause") this.show("paused", this.page.words.paused);
    if (what === "resume") this.go();
    if (what === "cancel") this.cancel();
  }

  keep() {
    const { key, id, chunk, proves, file } = this;
    return inStore("readwrite", (store) => store.put({ key, id, chunk, proves, file, work: this.page.work }));
  }

  forget() {
    return inStore("readwrite", (store) => store.delete(this.key));
  }

  async go() {
    if (this.busy) return;
    this.busy = true;
    this.show("run", this.page.words.running);
    try {
      if (await this.begin()) while (this.state === "run" && this.offset < this.file.size) await this.send();
      if (this.state === "run" && this.offset >= this.file.size) await this.finish();
    } catch {
      if (this.state === "run") {
        this.show("lost", this.page.words.lost);
        setTimeout(() => this.state === "lost" && this.go(), AGAIN);
      }
    } finally {
      this.busy = false;
    }
  }

  /* Announce the file, or ask how far it came before. */
  async begin() {
    if (this.id) {
      const known = await ask("GET", `/api/v1/uploads/${this.id}`);
      if (known.ok) {
        const state = await known.json();
        this.offset = state.offset;
        return true;
      }
      if (known.status >= 500) throw new Error(String(known.status));
      this.id = null;
    }
    const { name, size } = this.file;
    const started = await ask("POST", this.page.address, { json: { name, size, unit_id: this.page.unit } });
    if (!started.ok) return this.refuse(started);
    const state = await started.json();
    this.id = state.id;
    this.chunk = state.chunk_bytes;
    this.offset = 0;
    await this.keep();
    return true;
  }

  async send() {
    const body = await this.file.slice(this.offset, this.offset + Math.min(this.chunk, 1048576)).arrayBuffer();
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.offset) };
    const answer = await ask("PATCH", `/api/v1/uploads/${this.id}`, { body, headers });
    if (answer.status === 409) {
      await this.begin();
      return;
    }
    if (!answer.ok) {
      if (answer.status >= 500) throw new Error(String(answer.status));
      await this.refuse(answer);
      return;
    }
    this.offset = Number(answer.headers.get("Upload-Offset"));
    if (this.state === "run") this.show("run", this.page.words.running);
  }

  async finish() {
    this.show("run", this.page.words.checking);
    const proves = this.proves || this.file.name;
    const answer = await ask("POST", `/api/v1/uploads/${this.id}/finish`, { json: { proves } });
    if (!answer.ok) {
      if (answer.status >= 500) throw new Error(String(answer.status));
      await this.refuse(answer);
      return;
    }
    const stored = await answer.json();
    await this.forget();
    this.row.querySelector("progress")?.remove();
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: this.page.field, value: stored.id });
    this.row.append(field);
    const hash = `${stored.sha256.slice(0, 4)} ${stored.sha256.slice(4, 8)}`;
    this.show("ok", this.page.words.done.replace("{size}", sized(stored.size)).replace("{hash}", hash));
    this.page.told.textContent = this.page.words.told.replace("{name}", this.file.name);
  }

  async refuse(answer) {
    const problem = await answer.json().catch(() => ({}));
    await this.forget();
    this.show("refused", this.page.words.refused.replace("{reason}", problem.detail ?? problem.title ?? answer.status));
    return false;
  }

  async cancel() {
    const finished = this.state === "ok";
    this.state = "gone";
    this.row.remove();
    await this.forget();
    if (this.id && !finished) await ask("DELETE", `/api/v1/uploads/${this.id}`).catch(() => undefined);
    this.page.changed();
  }
}

/* Only files that are under way hold the form back; it is sent by itself when the last has arrived. */
const held = new WeakMap();
const SENDS = /^(decision|act)$/;

function holdBack(form) {
  if (!held.has(form)) {
    const uploads = [];
    held.set(form, { uploads, changed: heldBack(form, uploads) });
  }
  return held.get(form);
}

function heldBack(form, uploads) {
  const waiting = form.querySelector("[data-waiting]");
  let pressed = null;
  form.addEventListener(
    "submit",
    (event) => {
      const under = uploads.some((upload) => ["wait", "run", "lost"].includes(upload.state));
      if (!under || !SENDS.test(event.submitter?.name ?? "") || event.submitter.value === "save") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      pressed = event.submitter;
      pressed.closest("dialog")?.close();
      waiting.hidden = false;
    },
    true,
  );
  return () => {
    if (!pressed || uploads.some((upload) => ["wait", "run", "lost"].includes(upload.state))) return;
    waiting.hidden = true;
    const button = pressed;
    pressed = null;
    if (!uploads.some((upload) => ["refused", "paused"].includes(upload.state))) form.requestSubmit(button);
  };
}

/* `scope` has the list of files, the place to drop them on and the fields to choose them with; a form may have several,
   each for a work item of its own, and waits for all of them. */
export async function watchUploads(form, list, scope = form) {
  document.documentElement.classList.add("scripted");
  const { uploads, changed } = holdBack(form);
  const page = {
    form,
    list,
    address: list.dataset.uploads,
    unit: list.dataset.unit,
    work: list.dataset.work,
    field: list.dataset.field ?? "evidence",
    proves: () => list.dataset.proves ?? form.elements.proves?.value.trim() ?? "",
    template: form.querySelector("template[data-upload-row]"),
    words: JSON.parse(form.querySelector("[data-upload-words]").textContent),
    told: form.querySelector("[data-told]"),
    changed,
  };

  function take(files) {
    for (const file of files) {
      const upload = new Upload(file, page);
      uploads.push(upload);
      upload.go();
    }
  }

  for (const field of scope.querySelectorAll("input[type=file]")) {
    field.addEventListener("change", () => {
      take([...field.files]);
      field.value = "";
    });
  }
  const zone = scope.querySelector("[data-drop]");
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  for (const kept of (await inStore("readonly", (store) => store.getAll())) ?? []) {
    if (kept.work !== page.work) continue;
    const upload = new Upload(kept.file, page, kept);
    uploads.push(upload);
    upload.go();
  }
}
