/* Keys of the review, and the next domain fetched while this one is read. The page works without this file.
   What a key does stands on the element that it is about (data-key): a field takes the focus, all else is pressed. */
(() => {
  const FRESH = 60_000, SWITCH = "review-keys";  // milliseconds; a name in this browser
  const help = document.getElementById("review-help"), box = document.getElementById("keys-on");
  const root = () => document.getElementById("review");
  const ahead = new Map();  // address -> {text, at}
  let round = 0;  // of changes: what was fetched before one is out of date
  let isBusy = false, early = "";  // the first key that was pressed while an answer was under way

  const fetchAhead = async () => {
    const next = root().querySelector("a[rel=next]"), begun = round;
    if (!next || ahead.has(next.href)) return;
    const answer = await fetch(next.href, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const text = await answer.text();
    if (begun === round) ahead.set(next.href, { text, at: Date.now() });
  };
  const showAhead = (address) => {
    const kept = ahead.get(address);
    ahead.delete(address);
    if (!kept || Date.now() - kept.at > FRESH) return false;
    history.pushState({ htmx: true }, "", address);
    htmx.swap("#review", kept.text, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
    window.scrollTo(0, 0);
    return true;
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) { help.showModal(); return; }
    const link = event.target.closest("#review a[rel]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (showAhead(link.href)) { event.preventDefault(); event.stopImmediatePropagation(); }
  }, true);

  const press = (key) => {
    const one = root().querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!one) return;
    if (!one.matches("input, textarea")) { one.click(); return; }
    one.focus();
    if (one.dataset.last && !one.value) one.value = one.dataset.last;
    one.select();
  };
  const typed = (event, field) => {
    if (event.key === "Escape") field.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && field.matches("textarea")) field.form.requestSubmit();
  };
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select, [contenteditable]");
    if (help.open || event.isComposing) return;
    if (field) { typed(event, field); return; }
    if (!box.checked || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!root().querySelector(`[data-key="${CSS.escape(event.key)}"]`)) return;
    event.preventDefault();
    if (isBusy) early ||= event.key;
    else press(event.key);
  });

  try { box.checked = localStorage.getItem(SWITCH) !== "off"; } catch { /* a private window has them on */ }
  box.addEventListener("change", () => {
    try { localStorage.setItem(SWITCH, box.checked ? "on" : "off"); } catch { /* for this page then */ }
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    isBusy = true;
    document.activeElement.blur();  // else the field of the same name on the next page would have the focus
    if (event.detail.requestConfig.verb !== "get") { round += 1; ahead.clear(); }
  });
  /* What went wrong is said by the whole page. */
  document.addEventListener("htmx:responseError", () => location.assign(root().dataset.address));
  document.addEventListener("htmx:sendError", () => { isBusy = false; early = ""; });
  document.addEventListener("htmx:afterSettle", () => {
    const head = root().querySelector("h1");
    document.title = `${head.textContent.trim()} in the review · Linkledger`;
    if (document.activeElement === document.body) head.focus({ preventScroll: true });  // not out of a field
    fetchAhead();
    const key = early;
    isBusy = false;
    early = "";
    if (key) press(key);
  });
  document.addEventListener("DOMContentLoaded", fetchAhead);
})();
