/* Draws [data-chart] elements from the JSON of the element they name, in the colours of the theme.
   Without this file the table beside each chart says the same. A click on a step leads to its rows where its series has
   an address; a long chart is zoomed with the bar below it, with two fingers, or with Ctrl and the wheel. One of many
   steps is drawn without animation and thinned out to the pixels there are, its bars as one stepped area: thousands of
   bars cost a browser a fifth of a second a frame (bench/charts.py). */
(() => {
  const LONG = 40, MANY = 300;
  const drawn = new Map();
  /* A colour of the theme as the browser computes it: the chart library reads no names of other variables. */
  const css = (name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(${name})`;
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const shown = (value) => (value === null || value === undefined ? "–" : Number(value).toLocaleString("en-GB"));
  /* A step in words: what went down is told as it is counted. */
  const told = (data, step) => [
    data.labels[step],
    ...data.series.map((one) => `${one.name}: ${shown(one.kind === "bar" && one.values[step] ? Math.abs(one.values[step]) : one.values[step])}`),
  ].join("\n");

  /* Bars as an area in steps that keeps the outermost value of each pixel; new and lost lie on either side of 0. */
  const stepped = (one) => ({
    type: "line", step: "middle", lineStyle: { width: 0 }, areaStyle: { opacity: 1 },
    sampling: one.values.some((value) => value < 0) ? "min" : "max",
  });
  const barred = { type: "bar", stack: "change", barMaxWidth: 18 };
  const lined = (one, many) => ({
    type: "line", lineStyle: { width: many ? 1.5 : 2 }, sampling: many ? "lttb" : undefined,
    areaStyle: one.kind === "line" ? { opacity: 0.12 } : undefined,
  });

  const options = (data) => {
    const text = css("--ll-unknown"), line = css("--ll-line");
    const long = data.labels.length > LONG, many = data.labels.length > MANY;
    const bars = data.series.some((one) => one.kind === "bar");
    /* What is there stands above, what came and went below it: on one scale the changes could not be seen. */
    const split = bars && data.series.some((one) => one.kind === "line");
    const widest = Math.max(1, ...data.series.map((one) => one.values.reduce((most, value) => Math.max(most, Math.abs(value || 0)), 0)));
    const left = 24 + 7.5 * shown(Math.ceil(widest)).length, right = 28, foot = long ? 60 : 28;
    const grids = split
      ? [{ left, right, top: 40, bottom: foot + 96 }, { left, right, height: 80, bottom: foot }]
      : [{ left, right, top: 40, bottom: foot }];
    const last = grids.length - 1;
    return {
      animation: !calm.matches && !many,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      grid: grids,
      dataZoom: long ? zooms(text, line, grids.map((_, number) => number)) : undefined,
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: { color: text } },
      /* richText: the default tooltip writes style attributes, which the content security policy forbids. */
      tooltip: {
        trigger: "axis", renderMode: "richText", backgroundColor: css("--tblr-bg-surface"), borderColor: line,
        textStyle: { color: css("--tblr-body-color"), lineHeight: 20 }, confine: true, formatter: (points) => told(data, points[0].dataIndex),
      },
      xAxis: grids.map((_, number) => ({
        gridIndex: number, type: "category", data: data.labels, boundaryGap: bars,
        axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
        axisLabel: { show: number === last, color: text, hideOverlap: true },
      })),
      yAxis: grids.map((_, number) => ({
        gridIndex: number, type: "value", minInterval: 1, max: number ? null : data.top || null,
        splitNumber: number ? 2 : split ? 4 : 5, splitLine: { lineStyle: { color: line } },
        axisLabel: { color: text, formatter: shown },
      })),
      series: data.series.map((one, number) => ({
        name: one.name, data: one.values, color: css(one.colour), silent: many, emphasis: { focus: "none" },
        xAxisIndex: one.kind === "bar" ? last : 0, yAxisIndex: one.kind === "bar" ? last : 0,
        showSymbol: data.labels.length < 3, symbol: many ? "none" : "circle",
        ...(one.kind !== "bar" ? lined(one, many) : many ? stepped(one) : barred),
        markLine: number === 0 && (data.marks || []).length ? {
          symbol: "none", silent: true, animation: false, lineStyle: { color: text, type: "dashed" },
          data: data.marks.map((mark) => ({ xAxis: mark.at, label: { formatter: mark.text, color: text, position: "insideEndTop" } })),
        } : undefined,
      })),
    };
  };

  const zooms = (text, line, axes) => [
    { type: "inside", xAxisIndex: axes, zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, moveOnMouseWheel: false, preventDefaultMouseMove: false },
    {
      type: "slider", xAxisIndex: axes, height: 18, bottom: 6, brushSelect: false, showDetail: false, borderColor: line,
      fillerColor: "rgba(128, 128, 128, .18)", handleStyle: { color: text, borderColor: text }, moveHandleSize: 5,
      dataBackground: { lineStyle: { color: line }, areaStyle: { opacity: 0 } },
      selectedDataBackground: { lineStyle: { color: text }, areaStyle: { opacity: 0 } },
    },
  ];

  /* Where a click on a step leads: to what went up or down in it, else to the first series that leads anywhere. */
  const addressAt = (data, step, height) => {
    const span = (data.spans || [])[step];
    const leading = span ? data.series.filter((one) => one.href && one.values[step]) : [];
    const side = leading.find((one) => one.kind === "bar" && (one.values[step] < 0) === (height < 0));
    const found = side || leading[0];
    const url = found ? found.href.replace("{first}", span[0]).replace("{last}", span[1]) : "";
    return url.startsWith("/") && !url.startsWith("//") ? url : "";
  };

  const follow = (element, chart) => {
    const under = (event) => {
      const point = [event.offsetX, event.offsetY];
      const grid = [1, 0].find((gridIndex) => chart.containPixel({ gridIndex }, point));
      if (grid === undefined) return "";
      const [step, height] = chart.convertFromPixel({ gridIndex: grid }, point);
      return addressAt(element.chartData, step, height);
    };
    chart.getZr().on("click", (event) => { const url = under(event); if (url) location.assign(url); });
    chart.getZr().on("mousemove", (event) => { element.classList.toggle("leads", Boolean(under(event))); });
  };

  const draw = (element) => {
    const source = document.getElementById(element.dataset.chart);
    if (!source || !window.echarts) return;
    const data = JSON.parse(source.textContent);
    const known = drawn.get(element);
    const chart = known || window.echarts.init(element, null, { renderer: "canvas" });
    element.chartData = data;
    if (!known && data.series.some((one) => one.href)) follow(element, chart);
    chart.setOption(options(data), true);
    drawn.set(element, chart);
  };

  const drawAll = () => {
    for (const [element, chart] of drawn) {
      if (!element.isConnected) { chart.dispose(); drawn.delete(element); }
    }
    document.querySelectorAll("[data-chart]").forEach(draw);
  };

  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("themechange", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  window.addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
})();
