/* Comforts of lists; every list works without them. */
(() => {
  const YEAR = 365 * 24 * 3600;

  /* The chosen columns are remembered in this browser; the server reads the cookie where the URL names none. */
  document.addEventListener("submit", (event) => {
    const list = event.target.dataset.columns;
    if (!list) return;
    const names = [...event.target.querySelectorAll("input[name=cols]:checked")].map((one) => one.value);
    document.cookie = `cols-${list}=${names.join(".")}; path=/; max-age=${YEAR}; samesite=lax`;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-columns-reset]");
    if (link) document.cookie = `cols-${link.dataset.columnsReset}=; path=/; max-age=0; samesite=lax`;
  });

  /* An error page (the index does not answer) is shown in place of the list, not swallowed. */
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 503) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
})();
