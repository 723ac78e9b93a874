"use strict";
// Sorts tables: each heading of a column that can be sorted gets a button.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headings = [...table.querySelectorAll("th[data-column]")];
  for (const heading of headings) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const now = heading.getAttribute("aria-sort");
      const first = heading.dataset.first || "descending";
      const other = first === "descending" ? "ascending" : "descending";
      const order = now === first ? other : first;
      for (const each of headings) each.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      sort(body, Number(heading.dataset.column), order === "ascending" ? 1 : -1);
    });
  }
}

function sort(body, column, sign) {
  const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const compare = (one, two) => {
    const a = value(one), b = value(two);
    if (a === "" || b === "") return (a === "") - (b === "");  // what is not told goes last
    const difference = Number(a) - Number(b);
    return sign * (Number.isNaN(difference) ? a.localeCompare(b, "en") : difference);
  };
  body.append(...[...body.rows].sort(compare));
}

// On paper everything shows.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
});

// A drawing wider than its place opens on its first row: in its middle, or else at its left.
for (const drawing of document.querySelectorAll(".drawing")) {
  const place = drawing.parentElement;
  const boxes = [...drawing.querySelectorAll(".node")].map((each) => each.getBoundingClientRect());
  const highest = Math.min(...boxes.map((box) => box.top + box.height / 2));
  const row = boxes.filter((box) => box.top <= highest);
  const left = Math.min(...row.map((box) => box.left)), right = Math.max(...row.map((box) => box.right));
  const spare = Math.max(8, (place.clientWidth - (right - left)) / 2);
  place.scrollLeft += left - spare - place.getBoundingClientRect().left;
}
