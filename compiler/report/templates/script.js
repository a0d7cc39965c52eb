"use strict";
(() => {
  const chart = document.getElementById("chart");
  const about = document.getElementById("about");
  const items = [...chart.querySelectorAll(".item")];
  let held = null;
  let marked = [];

  const element = (tag, text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    return made;
  };

  // What is said about an item.

  function describe(item) {
    const facts = document.createElement("dl");
    for (const [label, text] of JSON.parse(item.dataset.facts)) {
      const pair = document.createElement("div");
      pair.append(element("dt", label), element("dd", text));
      facts.append(pair);
    }
    about.replaceChildren(element("h3", item.dataset.title), facts);
    about.scrollTop = 0;
  }

  const named = new Map(items.map((item) => [item.id, item]));
  const related = new Map(items.map((item) => [item, new Set()]));
  for (const item of items) {
    for (const key of item.dataset.related.split(" ").filter(Boolean)) {
      const other = named.get(key);
      if (other === undefined) continue;
      related.get(item).add(other);
      related.get(other).add(item);
    }
  }

  const bands = [...chart.querySelectorAll(".plot")].map((plot) => {
    const band = document.createElement("div");
    band.className = "band";
    band.hidden = true;
    plot.append(band);
    return band;
  });

  function mark(item) {
    for (const other of marked) other.classList.remove("related", "shown");
    marked = item === null ? [] : [item, ...related.get(item)];
    chart.classList.toggle("held", item !== null && item === held);
    bands.forEach((band) => (band.hidden = item === null));
    if (item === null) return;
    item.classList.add("shown");
    for (const other of marked.slice(1)) other.classList.add("related");
    for (const side of ["--a", "--b", "--c", "--d"]) {
      const value = item.style.getPropertyValue(side);
      bands.forEach((band) => band.style.setProperty(side, value));
    }
  }

  function show(item) {
    mark(item);
    if (item !== null) describe(item);
  }

  // Pointing and holding.

  const itemAt = (event) => event.target.closest(".item");
  chart.addEventListener("pointerover", (event) => itemAt(event) && show(itemAt(event)));
  chart.addEventListener("pointerleave", () => show(held));
  chart.addEventListener("focusin", (event) => {
    held = itemAt(event);
    if (held === null) return;
    held.closest(".plot").querySelector('[tabindex="0"]').tabIndex = -1;
    held.tabIndex = 0;
    show(held);
  });
  chart.addEventListener("focusout", () => {
    held = null;
    mark(null);
  });

  // From block to block with the arrow keys: the nearest one that way.

  const WAYS = {
    ArrowRight: (a, b) => [b.left - a.left, (b.top + b.bottom - a.top - a.bottom) / 2],
    ArrowLeft: (a, b) => [a.left - b.left, (b.top + b.bottom - a.top - a.bottom) / 2],
    ArrowDown: (a, b) => [(b.top + b.bottom - a.top - a.bottom) / 2, gap(a, b)],
    ArrowUp: (a, b) => [(a.top + a.bottom - b.top - b.bottom) / 2, gap(a, b)],
  };
  const gap = (a, b) => Math.max(0, a.left - b.right, b.left - a.right);

  function nearest(item, way) {
    const from = item.getBoundingClientRect();
    const sideways = way === "ArrowLeft" || way === "ArrowRight";
    let best = null;
    let least = Infinity;
    for (const other of items) {
      if (other === item) continue;
      if (sideways && other.closest(".plot") !== item.closest(".plot")) continue;
      const [along, across] = WAYS[way](from, other.getBoundingClientRect());
      const distance = along + 3 * Math.abs(across);
      if (along > 0.5 && distance < least) [best, least] = [other, distance];
    }
    return best;
  }

  chart.addEventListener("keydown", (event) => {
    const item = itemAt(event);
    if (item === null) return;
    if (event.key === "Escape") item.blur();
    const plot = [...item.closest(".plot").querySelectorAll(".item")];
    const next = { Home: plot[0], End: plot.at(-1) }[event.key]
      ?? (event.key in WAYS ? nearest(item, event.key) : null);
    if (next === null) return;
    event.preventDefault();
    next.focus();
  });

  // Tables that can be sorted by any column.

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    const value = (row, column) => {
      const cell = row.cells[column];
      return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
    };
    const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
    heads.forEach((head, column) => {
      const button = element("button", head.textContent);
      button.type = "button";
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "descending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "ascending" : "descending");
        const sign = down ? 1 : -1;
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((a, b) => sign * compare(value(a, column), value(b, column)));
        body.append(...rows);
      });
      head.replaceChildren(button);
    });
  }
  document.querySelectorAll("table.sortable").forEach(sortable);
})();
