/* Draws [data-chart] elements from the JSON of the element they name, in the colours of the theme.
   Without this file the table beside each chart says the same. */
(() => {
  const drawn = new Map();
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const options = (data) => {
    const text = css("--ll-unknown"), line = css("--ll-line");
    return {
      animation: !calm.matches,
      animationDuration: 300,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: text },
      grid: { left: 8, right: data.series.some((one) => one.kind === "bar") ? 8 : 32, top: 40, bottom: 8, containLabel: true },
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
        name: one.name, type: one.kind, data: one.values, color: css(one.colour), showSymbol: data.labels.length < 3,
        stack: one.kind === "bar" ? "change" : undefined, barMaxWidth: 18, lineStyle: { width: 2 },
        areaStyle: one.kind === "line" ? { opacity: 0.12 } : undefined, emphasis: { focus: "none" },
        markLine: number === 0 && (data.marks || []).length ? {
          symbol: "none", silent: true, animation: false, lineStyle: { color: text, type: "dashed" },
          data: data.marks.map((mark) => ({ xAxis: mark.at, label: { formatter: mark.text, color: text, position: "insideEndTop" } })),
        } : undefined,
      })),
    };
  };

  const draw = (element) => {
    const source = document.getElementById(element.dataset.chart);
    if (!source || !window.echarts) return;
    const data = JSON.parse(source.textContent);
    const chart = drawn.get(element) || window.echarts.init(element, null, { renderer: "canvas" });
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
