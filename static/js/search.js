/* The search bar: suggestions by keyboard and mouse, and many targets pasted at once. It works without this file. */
(() => {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const input = form.elements.target, list = form.querySelector(".suggestions");

  const options = () => [...list.querySelectorAll(".suggestion")];
  const show = (visible) => {
    if (!list) return;
    list.hidden = !visible || !options().length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (list.hidden) input.removeAttribute("aria-activedescendant");
  };
  const choose = (option) => {
    input.value = option.dataset.target;
    form.elements.scope.value = option.dataset.scope;
    show(false);
    form.requestSubmit();
  };
  const mark = (option) => {
    options().forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (option) { input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else input.removeAttribute("aria-activedescendant");
  };

  if (list) {
    list.addEventListener("htmx:afterSwap", () => show(document.activeElement === input));
    list.addEventListener("mousedown", (event) => event.preventDefault());  // the field keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest(".suggestion");
      if (option) choose(option);
    });
    input.addEventListener("blur", () => show(false));
    input.addEventListener("keydown", (event) => {
      const all = options(), at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
      if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); show(false); }
      else if (["ArrowDown", "ArrowUp"].includes(event.key) && all.length) {
        event.preventDefault();
        show(true);
        const next = event.key === "ArrowDown" ? at + 1 : at < 0 ? all.length - 1 : at - 1;
        mark(all[next] || null);
      } else if (event.key === "Enter" && !list.hidden && at >= 0) { event.preventDefault(); choose(all[at]); }
    });
  }

  /* Several lines are several targets: they are looked at together. */
  input.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (text.split(/[\s,;]+/).filter(Boolean).length < 2 || !form.dataset.many) return;
    event.preventDefault();
    const post = document.createElement("form");
    post.method = "post";
    post.action = form.dataset.many;
    const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
    for (const [name, value] of [["csrfmiddlewaretoken", token], ["targets", text]]) {
      const field = document.createElement("textarea");
      field.name = name;
      field.value = value;
      field.hidden = true;
      post.append(field);
    }
    document.body.append(post);
    post.submit();
  });
})();
