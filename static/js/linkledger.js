/* Small comforts; every page works without them. */
(() => {
  /* A menu closes when the user clicks elsewhere or presses Escape. */
  const open = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    open().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") open().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    if (event.key === "/" && !event.target.closest("input, textarea, select, [contenteditable]")) {
      const search = document.getElementById("target");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });
  /* A panel that was opened before htmx could hear of it is fetched now. */
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("details.menu[open] > [hx-get]").forEach((one) => htmx.trigger(one, "opened"));
  });
  /* The navigation is long: where the user is stands in sight, also in the drawer of small screens. */
  const inSight = () => {
    const side = document.querySelector(".sidebar"), here = side && side.querySelector(".nav-link.active");
    if (!here) return;
    const below = here.getBoundingClientRect().bottom - side.getBoundingClientRect().top;
    if (below > side.clientHeight) side.scrollTop += below - side.clientHeight / 2;
  };
  document.addEventListener("DOMContentLoaded", () => {
    inSight();
    const drawer = document.getElementById("drawer");
    if (drawer) drawer.addEventListener("change", inSight);
  });
  /* A form asks before it does what cannot be undone. */
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });
  /* Selects and check boxes marked so send their form at once. */
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });
  /* A field to be copied is chosen whole. */
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("input[data-select]")) event.target.select();
  });
})();
