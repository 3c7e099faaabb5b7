// The page of the sandbox: buttons and forms speak to the control API, and what changes is fetched
// again and put in place without disturbing whoever is typing, reading or listening.
"use strict";

(() => {
  const root = document.documentElement;
  const stored = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;

  // --- Saying things -------------------------------------------------------------------------

  const byId = (id) => document.getElementById(id);

  function say(text) {
    const line = document.createElement("p");
    line.textContent = text;
    byId("said").replaceChildren(line);
  }

  function toast(text, kind) {
    const toasts = byId("toasts");
    const toast = document.createElement("div");
    toast.className = "toast";
    toast.dataset.kind = kind;
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "✕";
    close.setAttribute("aria-label", "Dismiss");
    close.addEventListener("click", () => toast.remove());
    toast.append(words, close);
    toasts.append(toast);
    while (toasts.children.length > 4) toasts.firstChild.remove();
    // A dialog lies above everything else: so must what is said while it is open.
    if (toasts.showPopover) {
      toasts.popover = "manual";
      if (toasts.matches(":popover-open")) toasts.hidePopover();
      toasts.showPopover();
    }
    // Complaints stay until they are dismissed.
    if (kind !== "bad") setTimeout(() => toast.remove(), 4000);
  }

  // --- Doing things --------------------------------------------------------------------------

  // What came of it: the reply, or why there is none.
  async function send(method, url, body, kind = "application/json") {
    let answer;
    try {
      answer = await fetch(url, { method, headers: { "content-type": kind, accept: "application/json" }, body });
    } catch {
      return { why: "The sandbox gives no answer, so nothing is known to have happened. Is it still running?" };
    }
    const text = await answer.text();
    if (!answer.ok) {
      let reason = text;
      try {
        const said = JSON.parse(text);
        reason = said.error?.message ?? said.error ?? said.message ?? text;
      } catch { /* as it came */ }
      return { why: `Nothing was changed: ${String(reason).slice(0, 400) || answer.statusText} (${answer.status})` };
    }
    try { return { reply: text ? JSON.parse(text) : null }; } catch { return { reply: null }; }
  }

  async function act(element, url, body) {
    if (element.getAttribute("aria-busy") === "true") return null;
    element.setAttribute("aria-busy", "true");
    const { raw, method } = element.dataset;
    const content = raw || body === undefined ? body : JSON.stringify(body);
    const done = await send(method ?? "POST", url, content, raw);
    element.removeAttribute("aria-busy");
    complain(element, done.why);
    if (done.why) return null;
    if (element.dataset.done) toast(element.dataset.done, "good");
    if ("thenClose" in element.dataset) element.closest("dialog")?.close();
    refresh();
    return done;
  }

  // Says why something was not done where the form has a place for that, and shows the line that is
  // to blame; else in a corner of the page.
  function complain(element, why = "") {
    const place = element.querySelector("[data-complaint]");
    if (!place) return why && toast(why, "bad");
    place.textContent = why;
    const text = place.closest("form").querySelector("textarea");
    text.setAttribute("aria-invalid", String(Boolean(why)));
    const line = Number(/\bline (\d+)/.exec(why)?.[1] ?? 0);
    if (line === 0) return;
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    text.focus();
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }

  const asBase64 = (file) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

  // What a form says, as JSON: numbers as numbers, files as base64 beside their name; fields that are left empty
  // and not required are left out.
  async function spoken(form) {
    const body = {};
    for (const field of form.elements) {
      if (!field.name || field.disabled || "path" in field.dataset) continue;
      if (field.type === "checkbox") { if (field.checked) body[field.name] = true; continue; }
      if (field.type === "file") {
        const file = field.files[0];
        if (file) { body[field.name] = await asBase64(file); body.name = file.name; }
        continue;
      }
      if (field.value === "") continue;
      const value = field.dataset.type === "number" ? Number(field.value)
        : field.dataset.type === "json" ? JSON.parse(field.value)
        : field.dataset.type === "list" ? field.value.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean)
        : field.value;
      const path = field.name.split(".");
      let target = body;
      for (const part of path.slice(0, -1)) target = target[part] ??= {};
      target[path.at(-1)] = value;
    }
    return body;
  }

  async function submit(form) {
    let url = form.dataset.post;
    let chat = null;
    for (const field of form.querySelectorAll("[data-path]")) {
      if (field.name === "chat") chat = field.value.trim();
      url = url.replace(`{${field.name}}`, encodeURIComponent(field.value.trim()));
    }
    let body;
    try {
      body = form.dataset.raw ? form.querySelector("textarea").value : await spoken(form);
    } catch (error) {
      toast(`Nothing was sent: ${error.message}`, "bad");
      return;
    }
    const done = await act(form, url, body);
    if (!done) return;
    if ("clear" in form.dataset) {
      const staying = [...form.elements].filter((field) => "stay" in field.dataset).map((field) => [field, field.value]);
      form.reset();
      for (const [field, value] of staying) field.value = value;
      if (form.querySelector("[data-kinds]")) showKind(form);
    }
    chat ??= done.reply?.chat ?? null;
    if (chat !== null && form.dataset.gotoChat) {
      const digits = chat.replace(/[\s()+.\-]/g, "");
      const id = /^\d+$/.test(digits) ? digits : chat;
      const suffix = !chat.includes("@") && form.dataset.post.includes("/instances/") ? "@c.us" : "";
      location.assign(`${form.dataset.gotoChat}?chat=${encodeURIComponent(id + suffix)}`);
    }
  }

  // Puts values into the fields of these names.
  function fill(form, values) {
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  }

  function showKind(form) {
    const kind = form.querySelector("[data-kinds]").value;
    for (const part of form.querySelectorAll("[data-kind]")) {
      const shown = part.dataset.kind.split(" ").includes(kind);
      part.hidden = !shown;
      for (const field of part.querySelectorAll("input, textarea, select")) field.disabled = !shown;
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { dataset } = button;
    if ("close" in dataset) return button.closest("dialog").close();
    if (dataset.dialog) {
      const dialog = byId(dataset.dialog);
      if (dataset.fill) fill(dialog.querySelector("form"), JSON.parse(dataset.fill));
      dialog.showModal();
      dialog.querySelector("[data-first]")?.focus();
      return;
    }
    if (dataset.fill) return fill(byId(dataset.form), JSON.parse(dataset.fill));
    if (dataset.copy) {
      const text = byId(dataset.copy).textContent;
      try {
        await navigator.clipboard.writeText(text);
        toast("Copied", "good");
      } catch {
        getSelection().selectAllChildren(byId(dataset.copy));
        toast("The browser does not let the page copy: the text is selected, press Ctrl+C.", "bad");
      }
      return;
    }
    if (button.id === "theme") {
      const isDark = root.dataset.theme
        ? root.dataset.theme === "dark"
        : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = isDark ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* for this visit only */ }
      say(`The page is ${root.dataset.theme}`);
      return;
    }
    if (dataset.post) await act(button, dataset.post, dataset.body ? JSON.parse(dataset.body) : undefined);
  });

  // The same file again is a choice, too: it may say something else by now.
  document.addEventListener("click", ({ target }) => { if (target.dataset?.into) target.value = ""; });

  document.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.dataset.post) submit(event.target);
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && field.dataset && "submit" in field.dataset) {
      event.preventDefault();
      field.form.requestSubmit();
    }
    if (event.key === "Escape") {
      const menu = document.querySelector("details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    }
  });

  document.addEventListener("pointerdown", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.id === "speed") {
      const speed = field.dataset.speeds.split(" ")[field.value];
      byId("speed-shown").textContent = `× ${speed}`;
      field.setAttribute("aria-valuetext", `${speed} times as fast`);
    }
    if (field.dataset.send === "percent") field.setAttribute("aria-valuetext", `${field.value} percent`);
  });

  document.addEventListener("change", async (event) => {
    const field = event.target;
    if (field.dataset.into && field.files[0]) {
      try {
        byId(field.dataset.into).value = await field.files[0].text();
        complain(field.form);
      } catch (error) {
        toast(`The file could not be read: ${error.message}`, "bad");
      }
    }
    if ("kinds" in field.dataset) showKind(field.form);
    if ("goto" in field.dataset) location.assign(field.value);
    if (field.id === "speed") {
      const speed = Number(field.dataset.speeds.split(" ")[field.value]);
      await act(field, field.dataset.to, { mode: speed === 1 ? "real" : `x${speed}` });
    } else if (field.dataset.send) {
      await act(field, field.dataset.to, { [field.dataset.send]: Number(field.value) });
    }
  });

  // --- Keeping up ----------------------------------------------------------------------------

  // Makes `old` look like `fresh` and keeps what people have done to it: focus, typed text, open
  // dialogs and menus, places scrolled to.
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if ("keep" in (old.dataset ?? {}) && "keep" in fresh.dataset) return;
    const isTheirs = (name) => (name === "open" && /^(DIALOG|DETAILS)$/.test(old.tagName)) || name === "aria-busy";
    for (const { name } of [...old.attributes]) {
      if (!isTheirs(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    for (const { name, value } of fresh.attributes) {
      if (!isTheirs(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    if ("follow" in (old.dataset ?? {}) && old !== document.activeElement) old.value = fresh.value;
    if (old.tagName === "SELECT" && old.dataset.goto === undefined && old === document.activeElement) return;
    const atEnd = "stick" in (old.dataset ?? {}) && old.scrollHeight - old.scrollTop - old.clientHeight < 40;
    morphChildren(old, fresh);
    if (atEnd) old.scrollTop = old.scrollHeight;
  }

  const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");

  function morphChildren(old, fresh) {
    const named = new Map();
    for (const child of old.children) if (child.id) named.set(child.id, child);
    let place = old.firstChild;
    for (const wanted of [...fresh.childNodes]) {
      let match = null;
      if (wanted.id && named.has(wanted.id)) match = named.get(wanted.id);
      else if (place && same(place, wanted)) match = place;
      if (match && match.nodeName === wanted.nodeName) {
        if (match === place) place = place.nextSibling;
        else if (!match.contains(document.activeElement) || !old.moveBefore) old.insertBefore(match, place);
        else old.moveBefore(match, place);
        if (match.nodeType === Node.ELEMENT_NODE) morph(match, wanted);
        else if (match.data !== wanted.data) match.data = wanted.data;
      } else {
        old.insertBefore(document.importNode(wanted, true), place);
      }
    }
    while (place) {
      const next = place.nextSibling;
      place.remove();
      place = next;
    }
  }

  let wanted = false;
  let busy = false;

  // Fetches the live parts and puts them in place; calls that come meanwhile become one.
  async function refresh() {
    wanted = true;
    if (busy || document.hidden) return;
    busy = true;
    while (wanted && !document.hidden) {
      wanted = false;
      try {
        const url = new URL(location.href);
        url.searchParams.set("part", "live");
        const answer = await fetch(url, { headers: { accept: "text/html" } });
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const hadFocus = document.activeElement;
        for (const part of fresh.querySelectorAll("[data-live]")) {
          const old = byId(part.id);
          if (old) morph(old, part);
        }
        // What had the focus is gone: do not drop the keyboard at the top of the page.
        if (hadFocus && hadFocus !== document.body && !hadFocus.isConnected) {
          (byId(hadFocus.id) ?? byId("main")).focus({ preventScroll: true });
        }
        anchor = performance.now();
        lost(false);
      } catch {
        lost(true);
      }
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    busy = false;
  }

  let isLost = false;
  function lost(now) {
    if (now === isLost) return;
    isLost = now;
    root.toggleAttribute("data-lost", now);
    if (now) toast("The sandbox gives no answer. This page shows how things were; it goes on by itself when the sandbox is back.", "bad");
    else toast("The sandbox is back", "good");
  }

  // The time of the sandbox, as it goes between two looks at it.
  let anchor = performance.now();
  function tick() {
    const now = byId("now");
    const speed = Number(now?.dataset.speed ?? 0);
    if (!now || speed <= 0) return;
    const unix = Number(now.dataset.unix) + (performance.now() - anchor) * speed;
    const text = new Date(unix).toISOString().slice(11, 19);
    if (now.textContent !== text) now.textContent = text;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const messages = byId("messages");
    if (messages) messages.scrollTop = messages.scrollHeight;
    setInterval(tick, 200);
    // Countdowns run and timers fall due without an event of their own.
    setInterval(() => { if (Number(byId("now")?.dataset.speed ?? 0) > 0) refresh(); }, 2000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
    const events = new EventSource(document.body.dataset.events);
    events.onopen = refresh;
    for (const kind of ["entry", "gap"]) events.addEventListener(kind, refresh);
    addEventListener("pagehide", () => events.close());
  });
})();
