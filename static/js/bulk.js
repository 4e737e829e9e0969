/* Comforts of choosing rows: one box for all rows of the page, and how many are chosen. */
(() => {
  const boxes = (list) => [...list.querySelectorAll("td.pick input")];

  const count = (list) => {
    const chosen = boxes(list).filter((one) => one.checked).length;
    const badge = list.querySelector("[data-bulk-count]");
    if (badge) { badge.hidden = !chosen; badge.textContent = chosen; }
    const whole = list.querySelector("th.pick input");
    if (whole) {
      whole.checked = chosen > 0 && chosen === boxes(list).length;
      whole.indeterminate = chosen > 0 && !whole.checked;
    }
  };

  /* The box in the head exists only where a script can serve it. */
  const prepare = (root) => root.querySelectorAll("th.pick").forEach((head) => {
    if (head.querySelector("input")) return;
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", className: "form-check-input", ariaLabel: "Choose all rows of this page" });
    head.append(box);
    count(head.closest(".list"));
  });

  document.addEventListener("change", (event) => {
    const list = event.target.closest(".list");
    if (!list || !event.target.closest(".pick")) return;
    if (event.target.closest("th")) boxes(list).forEach((one) => { one.checked = event.target.checked; });
    count(list);
  });
  /* Enter in a field does what stands beside that field. */
  document.addEventListener("keydown", (event) => {
    const action = event.key === "Enter" && event.target.closest(".bulk-action");
    if (!action || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    action.querySelector("button").click();
  });
  document.addEventListener("DOMContentLoaded", () => prepare(document));
  document.addEventListener("htmx:afterSettle", () => prepare(document));
})();
