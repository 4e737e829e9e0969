"""History and New & lost: every number leads to as many rows, whatever the days, the step and the target."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backlinks import index
from backlinks.models import Mark
from tests.backlinks.pages import DEFAULTS, all_rows, csv_of, fill, number_in, soup_of, url_of
from tests.factories import DAY, MARCH, add_links
from tests.test_access import MARK

DAYS = {"since": "2026-01-01", "until": "2026-04-30"}
HOME, BLOG = "https://client.example/", "https://client.example/blog/a"
REASONS = ("removedfromhtml", "notfound", "notfound", "noindex")


def _links() -> list[dict[str, Any]]:
    made = []
    for number in range(24):
        lost = REASONS[number % 4] if number % 3 == 0 else ""
        seen = MARCH - 40 * DAY + number * 3 * DAY
        made.append(
            {
                "source": f"https://site{number % 9}.example/{number}",
                "target": BLOG if number % 2 else HOME,
                "anchor": f"words {number}",
                "nofollow": number % 2,
                "first_seen": seen,
                "last_seen": seen + DAY,
                "lost_reason": lost,
                "lost_at": seen + 9 * DAY if lost else 0,
            }
        )
    dropped = {"lost_reason": "vendor_dropped:tooold", "lost_at": MARCH + 5 * DAY, "last_seen": MARCH}
    made.append({"source": "https://quiet.example/", "target": HOME, "anchor": "quiet"} | dropped)
    return made


@pytest.fixture
def changing(cast, held_index):
    def made() -> None:
        fill(cast, _links(), source="ahrefs")
        theirs = [{"source": "https://leak-b.example/", "target": f"{HOME}LEAK-B", "anchor": "LEAK-B"}]
        add_links(workspace=cast.other_workspace.pk, links=[DEFAULTS | one for one in theirs])
        _look(cast)

    held_index(("changing", cast.workspace.pk), made)
    return cast


def _look(cast) -> None:
    """Checks of three links: one restored, two changed, one of them twice."""
    rows = list(
        index.stream(
            index.LinkQuery.parse(workspace=cast.workspace.pk, target=cast.project.target, report="links", params={})
        )
    )
    batch = index.Batch(cast.workspace.pk, index.new_batch_id(), "crawl", "check", "test")
    index.begin(batch)
    seen = [(rows[0], "restored", 1), (rows[1], "changed", 2), (rows[2], "changed", 3), (rows[2], "changed", 9)]
    index.add(
        batch,
        "checks",
        {
            "target_domain": ["client.example"] * 4,
            "link_id": [row["link_id"] for row, *_ in seen],
            "source_key": [row["source_url"] for row, *_ in seen],
            "checked_at": [MARCH + day * DAY for *_, day in seen],
            "state": [state for _, state, _ in seen],
            "before": [{"anchor": "=old"} if state == "changed" else {} for _, state, _ in seen],
            "after": [{"anchor": "new"} if state == "changed" else {} for _, state, _ in seen],
            "row": [1, 2, 3, 4],
        },
        block=0,
    )
    index.complete(batch)


def _page(cast, browse, name: str, **params: str):
    return soup_of(browse(cast.viewer).get(url_of(cast.project, name), DAYS | params))


def _cards(page) -> dict[str, Any]:
    return {one.select_one(".figure-name").get_text(strip=True): one for one in page.select("a.figure-card")}


@pytest.mark.parametrize(
    "target",
    [{}, {"target": "client.example/blog/"}, {"target": BLOG, "scope": "exact"}, {"scope": "host", "target": HOME}],
)
def test_every_figure_reason_and_bar_leads_to_as_many_rows(changing, browse, target) -> None:
    client = browse(changing.viewer)
    page = _page(changing, browse, "changes/", step="month", **target)
    cards = _cards(page)
    assert set(cards) == {
        "New links",
        "Lost links",
        "New domains",
        "Lost domains",
        "Restored",
        "Changed",
        "Vendor drops",
    }
    for name, card in cards.items():
        assert all_rows(client, card["href"].partition("#")[0]) == number_in(card.select_one(".figure-value")), name
    for link in page.select(".reasons a"):
        assert all_rows(client, link["href"].partition("#")[0]) == number_in(link)
    assert sum(number_in(one) for one in page.select(".reasons td.num")) == number_in(
        cards["Lost links"].select_one(".figure-value")
    )
    data = json.loads(page.select_one("#changes-data").string)
    for line in data["series"]:
        for value, (first, last) in zip(line["values"], data["spans"], strict=True):
            url = line["href"].replace("{first}", first).replace("{last}", last)
            assert all_rows(client, url) == abs(value)


def test_figures_are_what_was_put_in(changing, browse) -> None:
    values = {
        name: number_in(one.select_one(".figure-value"))
        for name, one in _cards(_page(changing, browse, "changes/")).items()
    }
    assert (values["New links"], values["Lost links"]) == (25, 8)
    assert (values["Restored"], values["Changed"], values["Vendor drops"]) == (1, 2, 1)


def test_lists_say_reasons_and_changes_in_words(changing, browse) -> None:
    lost = _page(changing, browse, "changes/", what="lost").select_one("#list-lost-links").get_text(" ")
    assert "The page is gone (404 or 410)" in lost
    assert "notfound" not in lost
    assert "vendor_dropped" not in _page(changing, browse, "changes/", what="dropped").get_text()
    table = csv_of(
        browse(changing.viewer).get(url_of(changing.project, "changes/"), DAYS | {"what": "changed", "export": "csv"})
    )
    assert len(table) == 3
    assert all(any("Anchor: =old" in cell for cell in row) for row in table[1:])


def test_a_quiet_range_says_what_to_do(changing, browse) -> None:
    for what in ("new", "lost", "restored", "dropped"):
        client = browse(changing.viewer)
        page = soup_of(
            client.get(
                url_of(changing.project, "changes/"), {"since": "2020-01-01", "until": "2020-02-01", "what": what}
            )
        )
        assert page.select_one(".empty-state a.btn-primary")["href"]


def test_a_client_reads_its_project_alone(changing, browse) -> None:
    client = browse(changing.client)
    for name in ("changes/", "history/"):
        assert client.get(url_of(changing.project, name)).status_code == 200
        assert client.get(url_of(changing.project, name), {"target": "second.example"}).status_code == 403
        assert MARK not in client.get(url_of(changing.project, name), {"range": "all"}).content.decode()


def test_what_does_not_fit_is_ignored(changing, browse) -> None:
    client = browse(changing.viewer)
    for odd in (
        {"since": "x"},
        {"since": "9999-01-01"},
        {"until": "2026-02-30"},
        {"step": "year"},
        {"range": "-1"},
        {"of": "x", "what": "y"},
        {"since": "2026-04-01", "until": "2026-01-01"},
        {"since": "\x00"},
    ):
        for name in ("changes/", "history/"):
            assert client.get(url_of(changing.project, name), odd).status_code == 200, (name, odd)


# --- History ----------------------------------------------------------------------------------------------------------
def test_steps_lead_to_as_many_rows_and_export_alike(changing, browse) -> None:
    client = browse(changing.viewer)
    page = _page(changing, browse, "history/", step="week")
    rows = page.select("#list-history-dates tbody tr")
    assert len(rows) == 18
    linked = [cell for row in rows for cell in row.select("td a")]
    assert linked
    for cell in linked:
        assert all_rows(client, cell["href"]) == number_in(cell), cell["href"]
    table = csv_of(client.get(url_of(changing.project, "history/"), DAYS | {"step": "week", "export": "csv"}))
    assert [row[2] for row in table[1:]] == [row.select("td")[2].get_text(strip=True) for row in rows]
    data = json.loads(page.select_one("#links-data").string)
    assert data["series"][0]["values"][-1] == 25 - 8


def test_the_whole_range_begins_with_the_first_link(changing, browse) -> None:
    page = soup_of(browse(changing.viewer).get(url_of(changing.project, "history/"), {"range": "all", "step": "day"}))
    data = json.loads(page.select_one("#links-data").string)
    assert data["spans"][0][0] == "2026-01-20"
    assert data["spans"][-1][1] == datetime.now(UTC).date().isoformat()


def test_a_long_range_has_a_longer_step(changing, browse) -> None:
    page = soup_of(
        browse(changing.viewer).get(url_of(changing.project, "history/"), {"since": "1990-01-01", "step": "day"})
    )
    assert "it is shown by week" in page.get_text()


def test_known_days_are_carried_forward(changing, browse) -> None:
    today = datetime.now(UTC).date()
    page = soup_of(
        browse(changing.viewer).get(url_of(changing.project, "history/"), {"reading": "days", "step": "day"})
    )
    (row,) = page.select("#list-history-days tbody tr")
    assert number_in(row.select("td")[3]) == 25
    assert date.fromisoformat(row.select_one("time")["datetime"]) >= today - timedelta(days=1)
    folder = soup_of(
        browse(changing.viewer).get(
            url_of(changing.project, "history/"), {"reading": "days", "target": "client.example/blog/"}
        )
    )
    assert folder.select_one(".empty-state a.btn-primary")


def test_new_and_lost_have_marks_for_the_team_alone(changing, browse) -> None:
    links, domains = {"what": "new"} | DAYS, {"what": "new", "of": "domains"} | DAYS
    page = url_of(changing.project, "changes/")
    team, client = browse(changing.viewer), browse(changing.client)
    whole = csv_of(team.get(page, links | {"cols": "source_url.source_domain", "export": "csv"}))[1:]
    ours = sorted(url for url, domain in whole if domain == "site1.example")
    said = {"tags": ["vip"], "note": "secret words", "is_whitelisted": True}
    Mark.objects.create(project=changing.project, domain="site1.example", **said)
    columns = {"cols": "source_url.tags.note.whitelisted", "export": "csv"}
    found = csv_of(team.get(page, links | columns | {"tags": "vip"}))[1:]
    assert sorted(row[0] for row in found) == ours != []
    assert {tuple(row[1:3]) for row in found} == {("vip", "secret words")}
    named = csv_of(team.get(page, domains | {"tags": "vip", "cols": "source_domain.note", "export": "csv"}))[1:]
    assert named == [["site1.example", "secret words"]]
    assert soup_of(browse(changing.editor).get(page, links)).select("td.pick, .bulk") == []
    for asked in ({"tags": "vip"}, {"note": "secret"}, {"where": "note contains secret"}, {"sort": "note"}):
        head, *rows = csv_of(client.get(page, links | columns | asked))
        assert (head, len(rows)) == (["Referring page"], len(whole)), asked


def test_an_empty_profile_says_what_would_bring_links(cast, link_index, browse) -> None:
    for name in ("changes/", "history/"):
        page = soup_of(browse(cast.editor).get(url_of(cast.project, name)))
        assert page.select_one(".empty-state a.btn-primary")["href"].endswith("/imports/"), name
