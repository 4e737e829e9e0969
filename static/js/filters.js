/* The rows of an advanced filter: columns, what is asked of them and values, in groups; they write the text that the
   form sends. The text alone works as well; once somebody has edited it, the server makes new rows of it. */
(() => {
  const MEANT = new Set(["and", "or", "not", "any", "all", "with", "empty"]);
  const BARE = /^[^\s()",<>=!]+$/;
  const NAMES = {
    contains: "contains", is: "is", starts: "starts with", ends: "ends with", matches: "matches pattern", in: "is one of",
    "in list": "is in kept list", "is empty": "is empty", "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥",
    between: "between", "in last": "in the last", "is known": "is known", "is unknown": "is not known", has: "has",
    "has any": "has any of", "has all": "has all of", "count =": "how many =", "count !=": "how many ≠",
    "count <": "how many <", "count <=": "how many ≤", "count >": "how many >", "count >=": "how many ≥",
  };
  const JOINS = [["and", "All of these"], ["or", "Any of these"], ["not and", "Not all of these"], ["not or", "None of these"]];
  const NONE = new Set(["is empty", "is known", "is unknown"]);
  const SEVERAL = new Set(["in", "has any", "has all"]);
  const DEEPEST = 4;

  const make = (tag, options = {}, ...children) => {
    const { dataset, label, ...rest } = options;
    const made = Object.assign(document.createElement(tag), rest);
    Object.assign(made.dataset, dataset || {});
    if (label) made.setAttribute("aria-label", label);
    made.append(...children);
    return made;
  };
  const option = (value, text, chosen) => make("option", { value, textContent: text, selected: value === chosen });
  const button = (text, action, label) =>
    make("button", { type: "button", className: "btn btn-sm", textContent: text, dataset: { action }, label });

  function builder(form) {
    const place = form.querySelector("[data-builder]");
    const text = form.querySelector("textarea[name=where]");
    const note = form.querySelector("[data-builder-note]");
    const { sections, tree } = JSON.parse(form.dataset.advanced);
    const columns = new Map(sections.flatMap((one) => one.columns).map((one) => [one.name, one]));

    /* --- Making rows ------------------------------------------------------------------------------------------- */
    const columnChoice = (chosen) => {
      const select = make("select", { className: "form-select form-select-sm", dataset: { part: "column" }, label: "Column" });
      for (const section of sections) {
        const holder = section.title ? make("optgroup", { label: section.title }) : select;
        if (section.title) { holder.setAttribute("label", section.title); select.append(holder); }
        for (const one of section.columns) holder.append(option(one.name, one.label, chosen));
      }
      return select;
    };
    const input = (value, placeholder, label) =>
      make("input", { type: "text", className: "form-control form-control-sm", value, placeholder, label, dataset: { part: "value" } });

    const values = (column, op, given) => {
      if (NONE.has(op)) return [];
      if (op === "in last") {
        const [number = "30", unit = "days"] = (given[0] || "").split(" ");
        const units = make("select", { className: "form-select form-select-sm", label: "Unit", dataset: { part: "unit" } });
        const named = unit.endsWith("s") ? unit : `${unit}s`;
        for (const one of ["days", "weeks", "months", "years"]) units.append(option(one, one, named));
        return [input(number, "30", "How many"), units];
      }
      if (column.choices.length && SEVERAL.has(op)) {
        return column.choices.map(([value, label]) => make("label", { className: "form-check builder-check" },
          make("input", { type: "checkbox", className: "form-check-input", value, checked: given.includes(value), dataset: { part: "check" } }),
          make("span", { className: "form-check-label", textContent: label })));
      }
      if (column.choices.length && !op.startsWith("count")) {
        const select = make("select", { className: "form-select form-select-sm", label: "Value", dataset: { part: "value" } });
        for (const [value, label] of column.choices) select.append(option(value, label, given[0]));
        return [select];
      }
      if (SEVERAL.has(op)) {
        return [make("textarea", { className: "form-control form-control-sm", rows: 3, value: given.join("\n"), placeholder: "one value a line", label: "Values, one a line", dataset: { part: "lines" } })];
      }
      const hint = column.kind === "date" ? "2026-01-31 or 30 days ago" : op === "matches" ? "(?i)^shoes?$" : op === "in list" ? "name of the list" : "value";
      if (op === "between") return [input(given[0] || "", column.kind === "date" ? hint : "from", "From"), input(given[1] || "", column.kind === "date" ? hint : "to", "To")];
      return [input(given[0] || "", hint, "Value")];
    };

    const operation = (column, chosen) => {
      const select = make("select", { className: "form-select form-select-sm", dataset: { part: "op" }, label: "What is asked" });
      for (const one of column.ops.filter((name) => name !== "in list" || name === chosen)) select.append(option(one, NAMES[one] || one, chosen));
      return select;
    };
    const row = (node) => {
      const column = columns.get(node.name) || columns.values().next().value;
      const denied = make("label", { className: "form-check builder-not" },
        make("input", { type: "checkbox", className: "form-check-input", checked: Boolean(node.not), dataset: { part: "not" } }),
        make("span", { className: "form-check-label", textContent: "not" }));
      return make("div", { className: "builder-row", dataset: { node: "condition" } },
        columnChoice(column.name), denied, operation(column, node.op),
        make("span", { className: "builder-values" }, ...values(column, node.op || column.ops[0], node.values || [])),
        make("span", { className: "builder-tools" },
          button("Copy", "copy", "Copy this condition"), button("Remove", "remove", "Remove this condition")));
    };
    const group = (node, depth) => {
      const join = `${node.not ? "not " : ""}${node.join}`;
      const choice = make("select", { className: "form-select form-select-sm", label: "How these conditions are joined", dataset: { part: "join" } });
      for (const [value, label] of JOINS) choice.append(option(value, label, join));
      const tools = make("span", { className: "builder-tools" }, button("Add condition", "add"));
      if (depth < DEEPEST) tools.append(button("Add group", "add-group"));
      if (depth > 1) tools.append(button("Copy", "copy", "Copy this group"), button("Remove", "remove", "Remove this group"));
      const made = make("fieldset", { className: "builder-group", dataset: { node: "group", depth } },
        make("legend", { className: "visually-hidden", textContent: depth > 1 ? "Group of conditions" : "Conditions" }),
        make("div", { className: "builder-head" }, choice, tools), make("div", { className: "builder-parts" }));
      made.lastChild.append(...node.parts.map((one) => (one.join ? group(one, depth + 1) : row(one))));
      return made;
    };

    /* --- Reading them ------------------------------------------------------------------------------------------- */
    const quoted = (value, kind) => {
      if (kind === "date" || kind === "number") return value;
      return BARE.test(value) && !MEANT.has(value.toLowerCase()) ? value : `"${value.replaceAll('"', '""')}"`;
    };
    const all = (holder, part) => [...holder.querySelectorAll(`[data-part=${part}]`)];
    const given = (holder) => {
      const lines = all(holder, "lines").flatMap((one) => one.value.split("\n"));
      const checks = all(holder, "check").filter((one) => one.checked).map((one) => one.value);
      const plain = all(holder, "value").map((one) => one.value);
      const unit = all(holder, "unit")[0];
      const found = [...lines, ...checks, ...plain].map((one) => one.trim()).filter(Boolean);
      return unit && found.length ? [`${found[0]} ${unit.value}`] : found;
    };
    const nodeOf = (element) => {
      if (element.dataset.node === "group") {
        const join = element.querySelector(":scope > .builder-head [data-part=join]").value;
        const parts = [...element.querySelector(":scope > .builder-parts").children].map(nodeOf);
        return { join: join.replace("not ", ""), not: join.startsWith("not "), parts };
      }
      const one = (part) => element.querySelector(`[data-part=${part}]`).value;
      return { name: one("column"), op: one("op"), not: element.querySelector("[data-part=not]").checked, values: given(element) };
    };
    const written = (node) => {
      if (node.join) {
        const parts = node.parts.map((one) => ({ one, said: written(one) })).filter((part) => part.said);
        if (!parts.length) return "";
        const said = parts.map(({ one, said }) => (one.join && !one.not && parts.length > 1 && / (and|or) /.test(said) ? `(${said})` : said)).join(` ${node.join} `);
        return node.not ? `not (${said})` : said;
      }
      const { kind } = columns.get(node.name);
      const [first, second] = node.values.map((one) => quoted(one, node.op.startsWith("count") ? "number" : kind));
      const not = node.not ? "not " : "";
      if (NONE.has(node.op)) return `${not}${node.name} ${node.op}`;
      if (!node.values.length || (node.op === "between" && !second)) { missing += 1; return ""; }
      if (SEVERAL.has(node.op)) return `${not}${node.name} ${node.op} (${node.values.map((one) => quoted(one, kind)).join(", ")})`;
      if (node.op === "between") return `${not}${node.name} between ${first} and ${second}`;
      return `${not}${node.name} ${node.op} ${node.op === "in last" ? node.values[0] : first}`;
    };
    let missing = 0;
    const tell = () => {
      missing = 0;
      text.value = written(nodeOf(place.firstChild));
      note.textContent = missing ? missing === 1 ? "One condition has no value yet and is left out." : `${missing} conditions have no value yet and are left out.` : "";
    };

    /* --- What is done to them ------------------------------------------------------------------------------------ */
    const fresh = () => ({ name: columns.keys().next().value, op: columns.values().next().value.ops[0], values: [] });
    const focus = (element) => element && element.querySelector("select, button").focus();
    const actions = {
      add: (holder) => { const made = row(fresh()); holder.lastChild.append(made); return made; },
      "add-group": (holder) => {
        const join = holder.querySelector("[data-part=join]").value.endsWith("or") ? "and" : "or";
        const made = group({ join, parts: [fresh(), fresh()] }, Number(holder.dataset.depth) + 1);
        holder.lastChild.append(made);
        return made;
      },
      copy: (holder) => {
        const node = nodeOf(holder);
        const made = node.join ? group(node, Number(holder.dataset.depth)) : row(node);
        holder.after(made);
        return made;
      },
      remove: (holder) => {
        const near = holder.previousElementSibling || holder.nextElementSibling || holder.parentElement.closest("[data-node]");
        holder.remove();
        return near;
      },
    };
    place.addEventListener("click", (event) => {
      const asked = event.target.closest("[data-action]");
      if (!asked) return;
      event.stopPropagation(); // a menu closes on clicks outside of it, and what was removed is outside
      focus(actions[asked.dataset.action](asked.closest("[data-node]")));
      tell();
    });
    place.addEventListener("change", (event) => {
      const holder = event.target.closest("[data-node=condition]");
      const { part } = event.target.dataset;
      if (holder && (part === "column" || part === "op")) {
        const column = columns.get(holder.querySelector("[data-part=column]").value);
        const asked = holder.querySelector("[data-part=op]");
        const op = column.ops.includes(asked.value) ? asked.value : column.ops[0];
        if (part === "column") asked.replaceWith(operation(column, op));
        holder.querySelector(".builder-values").replaceChildren(...values(column, op, part === "op" ? given(holder) : []));
      }
      tell();
    });
    place.addEventListener("input", tell);
    text.addEventListener("input", () => {
      place.hidden = true;
      note.textContent = "You are editing the text: “Show rows” makes rows of it again.";
    });

    /* --- The first rows: those of the filter as it stands; none where its text cannot be read --------------------- */
    if (text.value && !tree) { place.hidden = true; return; }
    const root = !tree ? { join: "and", parts: [fresh()] } : tree.join && !tree.not ? tree : { join: "and", parts: [tree] };
    place.append(group(root, 1));
  }

  const forms = (root) => [...(root.matches?.("form[data-advanced]") ? [root] : []), ...root.querySelectorAll("form[data-advanced]")];
  const start = (root) => forms(root).forEach((form) => {
    if (form.querySelector("[data-builder]").childElementCount) return;
    builder(form);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-advanced]");
    if (!opener) return;
    event.preventDefault();
    event.stopPropagation();
    const field = document.getElementById(opener.hash.slice(1));
    field.closest("details.menu").open = true;
    field.focus();
  }, true);
  document.addEventListener("htmx:load", (event) => start(event.detail.elt));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => start(document));
  else start(document);
})();
