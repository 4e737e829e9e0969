/* Uploads one file after the other with a bar each; without this script the form sends all of them at once. */
(() => {
  const form = document.querySelector("[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-upload-list]");
  const button = form.querySelector("button[type=submit]");
  const limit = Number(form.dataset.limit) * 1024 * 1024;

  const say = (row, level, text) => {
    row.dataset.level = level;
    row.querySelector("span").textContent = text;
    row.querySelector("progress")?.remove();
  };
  const addRow = (file) => {
    const row = document.createElement("li");
    const name = document.createElement("bdi");
    const bar = document.createElement("progress");
    const text = document.createElement("span");
    name.textContent = file.name;
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", `Upload of ${file.name}`);
    row.append(name, bar, text);
    list.append(row);
    return row;
  };
  const send = (file, row) => new Promise((resolve) => {
    if (file.size > limit) { say(row, "error", `larger than ${form.dataset.limit} MB`); resolve(); return; }
    const data = new FormData(form);
    data.delete("files");
    data.append("files", file);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    request.upload.addEventListener("progress", (event) => {
      const bar = row.querySelector("progress");
      if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      let told = null;
      try { told = JSON.parse(request.responseText).files[0]; } catch { /* no answer, or none of ours */ }
      if (told) say(row, told.level, told.message);
      else say(row, "error", request.status ? "was refused: reload the page and try again" : "the connection broke: try again");
      resolve();
    });
    request.send(data);
  });
  const start = async (files) => {
    if (!files.length) return;
    button.disabled = true;
    list.hidden = false;
    list.replaceChildren();
    for (const [file, row] of [...files].map((file) => [file, addRow(file)])) await send(file, row);
    button.disabled = false;
    form.reset();
    if (window.htmx) window.htmx.ajax("GET", window.location.href, { target: "#imports", swap: "outerHTML" });
    else window.location.reload();
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); start(input.files); });
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    start(event.dataTransfer.files);
  });
})();
