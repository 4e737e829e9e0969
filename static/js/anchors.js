/* Keys of the review of anchors. Each presses a button of the page; the page works without this file. */
(() => {
  const SWITCH = "review-keys";  // a name in this browser, that of the review of domains
  const ACTIONS = { c: "confirm", b: "brand", e: "exact", p: "partial", m: "compound", g: "generic", o: "other" };
  const help = document.getElementById("anchor-help"), switched = document.getElementById("keys-on");
  const boxes = () => [...document.querySelectorAll("#list-audit-anchors td.pick input")];
  const at = () => boxes().indexOf(document.activeElement);

  const move = (step) => {
    const all = boxes(), next = all[Math.min(Math.max(at() + step, 0), all.length - 1)];
    if (next) { next.focus(); next.closest("tr").scrollIntoView({ block: "nearest" }); }
  };
  const classify = (action) => {
    const all = boxes(), form = document.getElementById("bulk-audit-anchors");
    const row = all[at()];
    if (!form || (!row && !all.some((one) => one.checked))) return;
    if (!all.some((one) => one.checked)) row.checked = true;
    form.querySelector(`button[value="${action}"]`).click();
  };
  const press = (key) => {
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "?") help.showModal();
    else if (key === "u") document.querySelector("#list-audit-anchors .bulk-undo button")?.click();
    else if (key === "x") boxes()[at()]?.click();
    else if (ACTIONS[key]) classify(ACTIONS[key]);
    else return false;
    return true;
  };

  document.addEventListener("click", (event) => { if (event.target.closest("[data-help]")) help.showModal(); });
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (help.open || event.isComposing) return;
    if (field) { if (event.key === "Escape") field.blur(); return; }
    if (!switched.checked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (press(event.key)) event.preventDefault();
  });
  try { switched.checked = localStorage.getItem(SWITCH) !== "off"; } catch { /* a private window has them on */ }
  switched.addEventListener("change", () => {
    try { localStorage.setItem(SWITCH, switched.checked ? "on" : "off"); } catch { /* for this page then */ }
  });
})();
