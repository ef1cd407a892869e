// Everything reads and works without this file; it adds hover figures, the keyboard, loading of the right pane, folding and copying.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  // Menus close when something else is meant.
  document.addEventListener("click", (event) => {
    for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // A row of tabs that is wider than the page begins at the current one.
  for (const current of $$(".sections [aria-current], .tabs [aria-current]")) {
    const row = current.closest(".sections, .tabs"), here = current.getBoundingClientRect(), whole = row.getBoundingClientRect();
    row.scrollLeft += here.left - whole.left - (whole.width - here.width) / 2;
  }

  // Chart: the figures of a step go into the legend, read from the table of the same numbers.
  for (const chart of $$("[data-chart]")) {
    const rows = $$("table[data-steps] tbody tr", chart);
    const values = $$("[data-v]", chart), readout = $("[data-readout]", chart);
    if (!rows.length || !readout) continue;
    const calm = { text: readout.textContent, values: values.map((v) => v.textContent) };
    const show = (step) => {
      const cells = rows[step].cells;
      readout.textContent = `${cells[0].textContent}: ${cells[1].textContent}`;
      values.forEach((v, i) => { v.textContent = cells[i + 2].textContent; });
    };
    const rest = () => {
      readout.textContent = calm.text;
      values.forEach((v, i) => { v.textContent = calm.values[i]; });
    };
    for (const step of $$("a.step", chart)) {
      const title = $("title", step);
      if (title) { step.setAttribute("aria-label", title.textContent); title.remove(); }
      step.addEventListener("mouseenter", () => show(Number(step.dataset.step)));
      step.addEventListener("focus", () => show(Number(step.dataset.step)));
      step.addEventListener("mouseleave", rest);
      step.addEventListener("blur", rest);
    }
  }

  // Copying: a button on every code block, a double click on shortened ids.
  const copied = (button) => {
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  const addCopyButtons = (root) => {
    for (const block of $$("pre[data-copyable]", root)) {
      if ($(".copy", block)) continue;
      const text = block.textContent;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", () => navigator.clipboard?.writeText(text).then(() => copied(button)));
      block.append(button);
    }
  };
  addCopyButtons(document);
  document.addEventListener("dblclick", (event) => {
    const id = event.target.closest?.("[data-copy]");
    if (id) navigator.clipboard?.writeText(id.dataset.copy);
  });

  // Trace page.
  const trace = $("[data-trace]"), lines = trace && $(".lines", trace), pane = $("#pane");
  const treeRows = () => $$("a.r", lines).filter((row) => !row.classList.contains("gone"));
  const depth = (row) => Number(/\bd(\d+)/.exec(row.className)?.[1] ?? -1);

  let wanted = 0;
  const open = async (href, push = true) => {
    const url = new URL(href, location.href), id = url.searchParams.get("observation");
    if (!id) { location.href = href; return; }
    const turn = ++wanted;
    const answer = await fetch(`${trace.dataset.trace}/observations/${id}?partial`, { headers: { accept: "text/html" } }).catch(() => null);
    if (turn !== wanted) return;
    if (!answer || !answer.ok || answer.redirected) { location.href = href; return; }
    const html = await answer.text();
    if (turn !== wanted) return;
    const parsed = new DOMParser().parseFromString(html, "text/html");
    pane.replaceChildren(...parsed.body.childNodes);
    pane.scrollTop = 0;
    addCopyButtons(pane);
    $("[aria-current]", lines)?.removeAttribute("aria-current");
    const row = document.getElementById(`o${id}`);
    row?.setAttribute("aria-current", "true");
    row?.scrollIntoView({ block: "nearest" });
    if (push) history.pushState(null, "", `${url.pathname}${url.search}`);
  };

  const fold = (row) => {
    const shut = row.classList.toggle("shut"), level = depth(row);
    let hiddenBelow = Infinity;
    const all = $$("a.r", lines);
    for (const next of all.slice(all.indexOf(row) + 1)) {
      const d = depth(next);
      if (d <= level) break;
      if (d <= hiddenBelow) hiddenBelow = Infinity;
      next.classList.toggle("gone", shut || d > hiddenBelow);
      if (hiddenBelow === Infinity && next.classList.contains("shut")) hiddenBelow = d;
    }
    for (const block of $$(".block", lines)) block.classList.toggle("gone", !$("a.r:not(.gone)", block));
  };

  if (trace) {
    trace.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
      if (event.target.tagName === "U") { event.preventDefault(); fold(event.target.closest("a.r")); return; }
      const link = event.target.closest("a.r:not(.whole), a[data-pane]");
      if (link) { event.preventDefault(); open(link.href); }
    });
    addEventListener("popstate", () => (new URL(location.href).searchParams.get("observation") ? open(location.href, false) : location.reload()));
    $(".lines [aria-current]")?.scrollIntoView({ block: "nearest" });
    const filter = $("[data-tree-filter]", trace);
    filter.addEventListener("input", () => {
      const text = filter.value.trim().toLowerCase();
      for (const block of $$(".block", lines)) {
        let any = false;
        for (const row of block.children) {
          const fits = !text || row.firstElementChild.textContent.toLowerCase().includes(text);
          row.classList.toggle("gone", !fits);
          any ||= fits;
        }
        block.classList.toggle("gone", !any);
      }
    });
  }

  // Keyboard.
  const rowLinks = () => (lines ? treeRows() : $$("tbody a.row"));
  const mark = (link) => {
    $("tr.on")?.classList.remove("on");
    link.closest("tr")?.classList.add("on");
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  };
  const move = (by) => {
    const links = rowLinks();
    const here = links.findIndex((link) => link === document.activeElement || (lines && document.activeElement === document.body && link.hasAttribute("aria-current")));
    const next = links[Math.min(Math.max(here + by, 0), links.length - 1)];
    if (next) mark(next);
  };
  const nextError = () => {
    const links = treeRows();
    const here = links.findIndex((link) => link.hasAttribute("aria-current"));
    const found = [...links.slice(here + 1), ...links.slice(0, here + 1)].find((link) => link.classList.contains("err"));
    if (found) { mark(found); open(found.href); }
  };
  const toggleRaw = () => {
    const all = $$("details.raw", pane);
    const shut = all.some((raw) => !raw.open);
    for (const raw of all) raw.open = shut;
  };
  let goes = 0;
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "Escape") {
      for (const menu of $$("details.menu[open]")) menu.open = false;
      if (event.target.matches?.("input")) event.target.blur();
      return;
    }
    if (event.target.matches?.("input, textarea, select") || $("dialog[open]")) return;
    if (Date.now() - goes < 1200) {
      goes = 0;
      const link = /^[a-z]$/.test(event.key) && $(`[data-go="${event.key}"]`);
      if (link) { event.preventDefault(); location.href = link.href; }
      return;
    }
    switch (event.key) {
      case "g": goes = Date.now(); break;
      case "j": move(1); break;
      case "k": move(-1); break;
      case "/": {
        const field = $("[data-search]");
        if (field) { event.preventDefault(); field.focus(); field.select(); }
        break;
      }
      case "e": if (lines) nextError(); break;
      case "r": if (pane) toggleRaw(); break;
      case "?": $("#keys")?.showModal(); break;
    }
  });
})();
