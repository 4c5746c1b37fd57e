"use strict";
// Sorting and filtering of tables; the page is whole without it.
(() => {
  // The number that a cell begins with: "0.9 ±0.1", "[-.5, .5]", "1,000", "12 %"; none in "dtw-1nn".
  const number = (text) => {
    const form = /^[\s[(]*([<>]?)\s*([-+]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)/i;
    const found = text.replace(/\u2212/g, "-").match(form);
    if (!found) return null;
    const value = Number(found[2].replace(/,/g, ""));
    // "<.001" stands before ".001", and ">3" after "3".
    const beyond = { "<": -1, ">": 1 }[found[1]] || 0;
    return value + beyond * 1e-9 * Math.abs(value);
  };
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true });

  const sortable = (table) => {
    const body = table.tBodies[0];
    const given = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const numeric = head.classList.contains("number");
      const button = document.createElement("button");
      button.type = "button";
      // The link to the glossary stays beside the button: one control cannot hold another.
      button.append(...head.querySelector("span").childNodes);
      head.querySelector("span").replaceWith(button);
      const key = (row) => {
        const text = row.cells[column].textContent.trim();
        return numeric ? number(text) : text || null;
      };
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" };
        const order = next[head.getAttribute("aria-sort") || "none"];
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        let rows = given;
        if (order !== "none") {
          head.setAttribute("aria-sort", order);
          const sign = order === "ascending" ? 1 : -1;
          const keyed = given.map((row) => [key(row), row]);
          // What is missing stands last in either order.
          keyed.sort(([a], [b]) =>
            a === null || b === null ? (a === null) - (b === null)
              : sign * (numeric ? a - b : words.compare(a, b)));
          rows = keyed.map(([, row]) => row);
        }
        body.append(...rows);
      });
    });
  };

  const filterable = (field, table) => {
    const input = field.querySelector("input");
    const status = field.querySelector("[role=status]");
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    field.hidden = false;
    input.addEventListener("input", () => {
      const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, place) => {
        row.hidden = !wanted.every((word) => texts[place].includes(word));
        shown += !row.hidden;
      });
      status.textContent = wanted.length ? status.dataset.words.replace("#", shown) : "";
    });
  };

  document.querySelectorAll(".grid").forEach((grid) => {
    const table = grid.querySelector("table");
    if (table.tBodies[0].rows.length > 1) sortable(table);
    const field = grid.querySelector(".filter");
    if (field) filterable(field, table);
  });

  // A link into a folded part opens it, in browsers that do not do so themselves.
  const unfold = (hash) => {
    const place = document.getElementById(decodeURIComponent(hash.slice(1)));
    for (let part = place; part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    return place;
  };
  addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link) unfold(link.hash);
  });
  if (location.hash) unfold(location.hash)?.scrollIntoView();

  // Paper cannot be unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details.within:not([open]), details.more:not([open])")];
    folded.forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((part) => { part.open = false; }));
})();
