/* Draws [data-chart] elements from the JSON of the element they name, in the colours of the theme.
   Without this file the table beside each chart says the same. A click on a step leads to its rows where its series has
   an address; a long chart is zoomed with the bar below it, with two fingers, or with Ctrl and the wheel. It is drawn
   without animation, its lines thinned out to the pixels there are. */
(() => {
  const LONG = 40, MANY = 300;
  const drawn = new Map();
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const options = (data) => {
    const text = css("--ll-unknown"), line = css("--ll-line");
    const long = data.labels.length > LONG, many = data.labels.length > MANY;
    return {
      animation: !calm.matches && !many,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      grid: { left: 8, right: data.series.some((one) => one.kind === "bar") ? 8 : 32, top: 40, bottom: long ? 40 : 8, containLabel: true },
      dataZoom: long ? zooms(text, line) : undefined,
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: { color: text } },
      /* richText: the default tooltip writes style attributes, which the content security policy forbids. */
      tooltip: {
        trigger: "axis", renderMode: "richText", backgroundColor: css("--tblr-bg-surface"), borderColor: line,
        textStyle: { color: css("--tblr-body-color") }, confine: true,
        valueFormatter: (value) => (value === null || value === undefined ? "–" : Number(value).toLocaleString("en-GB")),
      },
      xAxis: {
        type: "category", data: data.labels, boundaryGap: data.series.some((one) => one.kind === "bar"),
        axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: text, hideOverlap: true },
      },
      yAxis: {
        type: "value", minInterval: 1, max: data.top || null, splitLine: { lineStyle: { color: line } },
        axisLabel: { color: text, formatter: (value) => Number(value).toLocaleString("en-GB") },
      },
      series: data.series.map((one, number) => ({
        name: one.name, type: one.kind === "plain" ? "line" : one.kind, data: one.values, color: css(one.colour), showSymbol: data.labels.length < 3,
        stack: one.kind === "bar" ? "change" : undefined, barMaxWidth: 18, lineStyle: { width: many ? 1.5 : 2 },
        sampling: one.kind === "line" && many ? "lttb" : undefined, symbol: many ? "none" : "circle",
        cursor: one.href ? "pointer" : "default", areaStyle: one.kind === "line" ? { opacity: 0.12 } : undefined, emphasis: { focus: "none" },
        markLine: number === 0 && (data.marks || []).length ? {
          symbol: "none", silent: true, animation: false, lineStyle: { color: text, type: "dashed" },
          data: data.marks.map((mark) => ({ xAxis: mark.at, label: { formatter: mark.text, color: text, position: "insideEndTop" } })),
        } : undefined,
      })),
    };
  };

  const zooms = (text, line) => [
    { type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: true, moveOnMouseWheel: false, preventDefaultMouseMove: false },
    {
      type: "slider", height: 18, bottom: 6, brushSelect: false, showDetail: false, borderColor: line,
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
      if (!chart.containPixel("grid", point)) return "";
      const [step, height] = chart.convertFromPixel("grid", point);
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
