"""Charts as a browser draws them: few steps as bars, very many as areas that keep what stands out."""

import json
from collections.abc import Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Page, sync_playwright

from seoapp.lib.charts import Series, time_chart
from tests.components import need_chromium

STATIC = settings.BASE_DIR / "static"
ECHARTS = settings.BASE_DIR / "node_modules/echarts/dist/echarts.min.js"
PAGE = """<div id="chart" data-chart="points" style="width: 600px; height: 400px"></div>
<script type="application/json" id="points">{}</script><script>{}</script><script>{}</script>"""
SHOWN = """() => {
    const chart = echarts.getInstanceByDom(document.getElementById("chart"));
    const rows = (at) => chart.getModel().getSeriesByIndex(at).getData();
    return {
        types: chart.getOption().series.map((one) => one.type),
        drawn: [0, 1, 2].map((at) => rows(at).count()),
        most: rows(1).getDataExtent("y")[1], least: rows(2).getDataExtent("y")[0],
    };
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=need_chromium(), args=["--no-sandbox"])
        yield chromium.new_page()
        chromium.close()


@pytest.mark.parametrize(("steps", "kinds"), [(60, ["line", "bar", "bar"]), (2000, ["line", "line", "line"])])
def test_many_steps_are_areas_that_keep_what_stands_out(page: Page, steps: int, kinds: list[str]) -> None:
    moves = [step % 7 for step in range(steps)]
    moves[steps // 3] = 500
    series = [
        Series("Links", list(range(steps)), "--ll-series-1"),
        Series("New", moves, "--ll-series-2", "bar"),
        Series("Lost", [-one for one in moves], "--ll-series-3", "bar"),
    ]
    data = json.dumps(time_chart([str(step) for step in range(steps)], series))
    page.set_content(PAGE.format(data, ECHARTS.read_text(), (STATIC / "js/charts.js").read_text()))
    shown = page.evaluate(SHOWN)
    assert shown["types"] == kinds
    assert (shown["most"], shown["least"]) == (500, -500)
    assert all(count <= 700 for count in shown["drawn"])
