/* Draws the network of a page from its JSON, where the server has placed every domain, in the colours of the theme.
   Without this file the page shows the same picture as an image, and the lists say the same. */
(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const coarse = matchMedia("(pointer: coarse)");
  const SYMBOLS = { target: "circle", green: "circle", grey: "rect", red: "triangle", unknown: "diamond" };
  /* Of the square that all pictures fill, so that the target stands in its middle. */
  const CORNERS = [-1000, 1000].map((at) => ({ x: at, y: at, symbolSize: 0, itemStyle: { opacity: 0 }, label: { show: false }, tooltip: { show: false } }));
  const ZOOM = { min: 0.5, max: 24 };
  const EDGE = 28, USUAL = 640;  // empty edge, and the side at which dots have their own size

  const colours = (section) => ({
    ground: getComputedStyle(section).backgroundColor,
    target: css("--ll-series-1"), green: css("--ll-live"), grey: css("--ll-unknown"), red: css("--ll-lost"),
    unknown: css("--ll-unknown"), rest: css("--ll-unknown"), text: css("--tblr-body-color"),
  });

  const start = (section) => {
    const data = JSON.parse(document.getElementById(section.dataset.network).textContent);
    const canvas = section.querySelector(".net-canvas");
    const find = (name) => section.querySelector(name);
    const facts = { name: find("[data-net-name]"), list: find("[data-net-list]"), open: find("[data-net-open]") };
    let chosen = -1;
    canvas.hidden = false;
    section.querySelectorAll(".net-tools, [data-net-png]").forEach((one) => { one.hidden = false; });
    const chart = window.echarts.init(canvas, null, { renderer: "canvas" });

    const shown = () => {
      const kinds = new Set(["target", ...[...section.querySelectorAll("[data-net-kind]:checked")].map((one) => one.dataset.netKind)]);
      const tier = Number(find("[data-net-tier]").value);
      const group = find("[data-net-group]")?.value ?? "";
      return data.nodes.map((one) => one.tier === 0 || (kinds.has(one.kind) && one.tier <= tier && (group === "" || String(one.group) === group)));
    };

    const dot = (one, at, visible, paint, scale) => ({
      name: one.name, x: one.x * 1000, y: one.y * 1000, symbol: SYMBOLS[one.kind],
      symbolSize: visible ? one.size * scale * (at === chosen ? 1.6 : 1) : 0.01,
      itemStyle: {
        color: one.kind === "unknown" ? paint.ground : paint[one.kind],
        borderColor: at === chosen ? paint.text : paint[one.kind],
        borderWidth: at === chosen ? 2.5 : one.kind === "unknown" ? 1.5 : 0, opacity: visible ? 1 : 0,
      },
      label: { show: visible && (one.tier < 2 || at === chosen) }, cursor: visible ? "pointer" : "default",
    });

    /* What a domain was chosen for is seen; all other links stand behind, the fainter the more there are. */
    const faint = Math.max(0.05, Math.min(0.5, 250 / data.lines.length));
    const line = ([source, target, red, choice], visible, paint) => ({
      source, target,
      lineStyle: {
        color: red ? paint.red : paint.rest, type: red ? "dashed" : "solid", width: red ? 1.2 : choice ? 1 : 0.6,
        opacity: visible[source] && visible[target] ? (red ? 0.7 : choice ? 0.75 : faint) : 0,
      },
    });

    /* The picture is round: it takes the largest square of its place. */
    const square = () => {
      const side = Math.min(canvas.clientWidth, canvas.clientHeight) - 2 * EDGE;
      return { left: (canvas.clientWidth - side) / 2, top: (canvas.clientHeight - side) / 2, width: side, height: side };
    };

    const draw = () => {
      const paint = colours(section), visible = shown(), place = square();
      const scale = Math.max(0.5, Math.min(1, place.width / USUAL));
      chart.setOption({
        animation: false, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        series: [{
          type: "graph", layout: "none", roam: true, scaleLimit: ZOOM,
          ...place, nodeScaleRatio: 0.35,
          data: [...data.nodes.map((one, at) => dot(one, at, visible[at], paint, scale)), ...CORNERS],
          links: data.lines.map((one) => line(one, visible, paint)),
          label: { position: "top", color: paint.text, fontSize: 11, textBorderColor: paint.ground, textBorderWidth: 3 },
          labelLayout: { hideOverlap: true },
          emphasis: { focus: data.nodes.length > 400 ? "none" : "adjacency", label: { show: true }, lineStyle: { width: 2 } },
          lineStyle: { curveness: 0 },
        }],
      });
    };

    const tell = (title, lines, url) => {
      facts.name.textContent = title;
      facts.list.replaceChildren(...lines.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
      facts.open.hidden = !url;
      if (url) facts.open.href = url;
    };
    const tellNode = (at) => tell(data.nodes[at].name, data.nodes[at].facts, data.nodes[at].url);
    const tellLine = ([source, target, red, , why]) => tell(
      `${data.nodes[source].name} → ${data.nodes[target].name}`,
      [red ? "A dangerous link." : "A link.", ...(why ? [why] : [])], "",
    );

    chart.on("mouseover", (event) => {
      if (event.dataType === "node" && event.dataIndex < data.nodes.length) tellNode(event.dataIndex);
      if (event.dataType === "edge") tellLine(data.lines[event.dataIndex]);
    });
    chart.on("click", (event) => {
      if (event.dataType !== "node" || event.dataIndex >= data.nodes.length) return;
      const url = data.nodes[event.dataIndex].url;
      if (url && !coarse.matches) { window.location.assign(url); return; }
      chosen = event.dataIndex;
      tellNode(chosen);
      draw();
    });
    section.addEventListener("change", (event) => {
      if (event.target.matches("[data-net-kind], [data-net-tier], [data-net-group]")) draw();
    });
    find("[data-net-find]").addEventListener("input", (event) => {
      const asked = event.target.value.trim().toLowerCase();
      const names = data.nodes.map((one) => one.name.toLowerCase());
      chosen = asked ? [(name) => name === asked, (name) => name.startsWith(asked), (name) => name.includes(asked)]
        .map((test) => names.findIndex(test)).find((at) => at >= 0) ?? -1 : -1;
      if (chosen >= 0) tellNode(chosen);
      else if (asked) tell("No such domain here", ["The picture has no domain with this name."], "");
      draw();
    });
    find("[data-net-png]").addEventListener("click", (event) => {
      const link = document.createElement("a");
      link.download = `${event.currentTarget.dataset.netPng.replace(/[^\w.-]+/g, "-")}.png`;
      link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: colours(section).ground });
      link.click();
    });
    document.addEventListener("themechange", draw);
    window.addEventListener("resize", () => { chart.resize(); draw(); });
    draw();
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (window.echarts) document.querySelectorAll("[data-network]").forEach(start);
  });
})();
