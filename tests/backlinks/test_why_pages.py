"""Why this score: every number of the page against what is stored, its changes, what stands around it."""

import re
from datetime import UTC, date, datetime

import pytest

from backlinks import index
from backlinks.authority.change import last_change
from backlinks.authority.explain import explain
from backlinks.openweb.registrations import Registration
from seoapp.lib.weburl import Target
from tests.backlinks.authority.scored import RELEASE, computed, open_graph
from tests.backlinks.pages import all_rows, fill, soup_of, url_of
from tests.backlinks.scored import add_run
from tests.conftest import Cast, Hold

TARGET = "client.example"
WEB = [(f"site{number}.example", TARGET) for number in range(8)] + [
    (TARGET, "site1.example"), ("site1.example", "site2.example"), ("site3.example", "rival.example"),
]  # fmt: skip


@pytest.fixture
def computed_cast(cast: Cast, held_index: Hold) -> Cast:
    """The mixed profile with a release, and scores that were really computed of both."""

    def made() -> None:
        fill(cast)
        open_graph(WEB)
        computed(0, days_ago=1)
        computed(cast.workspace.pk, days_ago=1)

    held_index(("computed", cast.workspace.pk), made)
    return cast


def _page(browse, cast, role="viewer", **params):
    answer = browse(getattr(cast, role)).get(url_of(cast.project, "why/"), params)
    assert answer.status_code == 200
    return soup_of(answer)


def _table(page, heading):
    """Rows of the card under a heading, as texts."""
    card = page.select_one(f".card:has(#{heading})")
    return [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in card.select("tbody tr, tfoot tr")
    ]


def _float(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


# --- Its parts ----------------------------------------------------------------------------------------------------
def test_the_line_says_number_version_release_and_confidence(computed_cast, browse):
    found = explain(computed_cast.workspace.pk, computed_cast.project.target)
    page = _page(browse, computed_cast)
    assert page.select_one(".score-number strong").get_text() == str(round(found.score))
    line = " ".join(page.select_one(".score-line").get_text().split())
    assert f"Formula {found.version} · release {RELEASE} · confidence {found.confidence * 100:.1f} %" in line
    assert f"over {found.domains} domains and {found.edges} votes, with the links of this workspace" in line


def test_every_part_shows_what_is_stored_and_all_points_add_up_to_the_score(computed_cast, browse):
    found = explain(computed_cast.workspace.pk, computed_cast.project.target)
    rows = _table(_page(browse, computed_cast), "parts")
    for part, row in zip(found.parts, rows, strict=False):
        assert row[0].startswith(part.label)
        if part.share is None:
            assert row[3] == f"not known: {part.missing}"
            continue
        assert row[3].endswith(f"{part.share:.2f}".rstrip("0").rstrip("."))
        assert row[4] == f"{part.weight * 100:.1f} %"
        assert _float(row[5]) == pytest.approx(part.points, abs=0.0051)
        assert row[6] == "–" or _float(row[6]) == pytest.approx(part.if_average, abs=0.0051)
    known = [_float(row[5]) for row in rows[: len(found.parts)] if len(row) == 7]
    taken = [_float(row[2]) for row in rows[len(found.parts) : -1]]
    assert sum(known) + sum(taken) == pytest.approx(found.score, abs=0.05)
    assert _float(rows[-1][1]) == found.score


def test_position_and_value_of_link_power_are_those_of_the_row(computed_cast, browse):
    found = explain(computed_cast.workspace.pk, computed_cast.project.target)
    rows = _table(_page(browse, computed_cast), "parts")
    part = found.parts[0]
    assert rows[0][2] == f"{part.position:g} of {part.of}"
    times = float(re.match(r"[\d.]+", rows[0][1]).group())
    assert times == pytest.approx(part.value * found.domains, rel=0.02)


def test_parts_lead_to_what_they_are_made_of(computed_cast, browse):
    client = browse(computed_cast.viewer)
    page = _page(browse, computed_cast)
    links = {one.get_text(): one["href"] for one in page.select(".card:has(#parts) .part-name a")}
    assert links["Traffic"] == "#popularity"
    assert page.select_one("#popularity")
    assert all_rows(client, links["Link power"]) == 3, "the domains that link with follow"
    assert client.get(links["Diversity"]).status_code == 200


def test_penalties_without_data_are_not_checked(computed_cast, browse):
    found = explain(computed_cast.workspace.pk, computed_cast.project.target)
    rows = _table(_page(browse, computed_cast), "penalties")
    assert len(rows) == len(found.penalties) == 8
    for penalty, row in zip(found.penalties, rows, strict=True):
        assert row[0].startswith(penalty.label)
        assert (row[2] == "not checked") == (penalty.points is None)
        assert penalty.points is not None or len(row[1]) > 20, "says what would let it be checked"


def test_nothing_on_the_page_breaks_the_policy(computed_cast, browse):
    page = _page(browse, computed_cast)
    for tag in page.select("*"):
        assert not tag.has_attr("style") and not [name for name in tag.attrs if name.startswith("on")], tag


@pytest.mark.parametrize(
    ("target", "scope"), [(TARGET, "host"), (f"{TARGET}/shop/", "prefix"), (f"{TARGET}/", "exact")]
)
def test_a_part_shows_the_formula_with_its_numbers(computed_cast, browse, target, scope):
    found = explain(computed_cast.workspace.pk, Target.parse(target, scope))
    page = _page(browse, computed_cast, target=target, scope=scope)
    assert page.select_one(".score-number strong")["title"] == f"{found.score:.2f}".rstrip("0").rstrip(".")
    line = " ".join(page.select(".score-line")[1].get_text().split())
    numbers = [float(one) for one in re.findall(r"\d+(?:\.\d+)?", line)]
    score, whole, floor, share, w = numbers[:5]
    assert (score, whole, floor, share) == (found.score, found.domain_score, 0.4, 0.6)
    assert score == pytest.approx(whole * (floor + share * w), abs=whole * 0.006)
    assert "target=client.example&scope=root" in page.select(".score-line a")[0]["href"]


def test_causes_of_the_last_change_sum_to_the_difference(computed_cast, browse):
    workspace = computed_cast.workspace.pk
    fresh = [{"source": f"https://fresh{one}.example/n", "target": f"https://{TARGET}/"} for one in range(8)]
    fill(computed_cast, fresh)
    computed(workspace)
    found = last_change(workspace, TARGET)
    page = _page(browse, computed_cast)
    card = page.select_one(".card:has(#change)")
    assert found.before != found.after
    rows = _table(page, "change")
    causes = rows[: next(at for at, row in enumerate(rows) if row[0] == "All causes together")]
    shown = [one for one in found.causes if abs(one.points) >= 0.005]
    assert [row[0] for row in causes] == [one.label for one in shown]
    assert sum(_float(row[3]) for row in causes) == pytest.approx(found.points, abs=0.05)
    assert _float(card.select_one(".change-sum strong").get_text()) == found.points
    said = card.select_one(".card-note").get_text()
    assert ("rose" if found.points > 0 else "fell") in said
    assert shown[0].label[1:] in said or shown[1].label[1:] in said


def test_penalties_are_taken_away_with_their_evidence(profile, browse):
    penalties = [10.0, 4.0, -1.0, 2.5, 0.0, 0.0, 0.0, 0.0]
    add_run(scores={TARGET: {"score": 30.0, "penalties": penalties, "popularity_rank": 0.0}})
    page = _page(browse, profile)
    rows = {row[0].partition(" ")[0] + row[0].partition(" ")[2][:7]: row for row in _table(page, "penalties")}
    texts = [row[2] for row in rows.values()]
    assert texts[:4] == ["−10", "−4", "not checked", "−2.5"]
    evidence = {one["href"]: one.get_text() for one in page.select(".card:has(#penalties) a")}
    assert "Most stand at 192.0.2.1: 1 domain." in evidence.values()
    follow = next(url for url, text in evidence.items() if "link with follow" in text)
    assert evidence[follow] == "3 of 4 domains whose rel is known link with follow."
    assert all_rows(browse(profile.viewer), follow) == 3
    assert "In none of the loaded lists." in evidence.values()
    assert [row for row in _table(page, "parts") if "−2.5" in row]


def test_what_is_missing_is_named_with_what_brings_it(profile, browse):
    add_run(scores={TARGET: 30.0}, release="")
    page = _page(browse, profile)
    told = {one.get_text(): one.find_next("dd").get_text() for one in page.select(".missing dt")}
    assert "import_popularity" in told["Traffic"]
    assert "import_webgraph" in told["The open graph"]
    assert "10,000,000" in told["The size of the graph"]
    assert page.select_one(".card:has(#missing) a")["href"] == f"/w/{profile.workspace.slug}/data/"


def test_without_a_score_the_page_says_why_and_what_else_is_known(profile, browse):
    page = _page(browse, profile)
    assert "No scores have been computed yet: run compute_authority." in page.select_one(".empty-state").get_text()
    add_run(scores={"news.example": 12})
    page = _page(browse, profile)
    assert f"client.example is not in the graph of {RELEASE}" in page.select_one(".empty-state").get_text()
    assert page.select_one(".empty-state a")["href"] == f"/w/{profile.workspace.slug}/data/"
    assert page.select_one("#popularity") and page.select_one("#age")
    assert not _page(browse, profile, role="client").select(".empty-state a"), "clients have no page Data"


# --- Its changes --------------------------------------------------------------------------------------------------
def test_between_any_two_days_the_points_of_the_parts_add_up(profile, browse):
    _days(profile)
    page = _page(browse, profile, **{"from": "2026-05-01.A1", "to": "2026-07-01.A1"})
    assert [_float(one) for one in re.findall(r"[\d.]+", page.select_one(".change-sum").get_text())] == [40, 47, 7]
    rows = _table(page, "change")[:5]
    assert [(row[0], _float(row[-1])) for row in rows] == [
        ("Link power", 5.0), ("Traffic", 3.5), ("One network", -1.0), ("Rounding and limits", -0.5),
        ("All causes together", 7.0),
    ]  # fmt: skip
    assert rows[1][1] == "not known → 3.50 points."
    assert "most of it by link power (+5.00) and traffic (+3.50); one network (−1.00) worked against it" in (
        page.select_one(".card:has(#change) .card-note").get_text()
    )


def test_days_can_be_chosen_in_any_order_and_nonsense_is_the_last_change(profile, browse):
    _days(profile)
    turned = _page(browse, profile, **{"from": "2026-07-01.A1", "to": "2026-05-01.A1"})
    assert "40 → 47" in " ".join(turned.select_one(".change-sum").get_text().split())
    chosen = [one["value"] for one in turned.select("select option[selected]")]
    assert chosen == ["2026-05-01.A1", "2026-07-01.A1"]
    for wrong in ("", "2026-01-01.A1", "<script>", "\x00"):
        page = _page(browse, profile, **{"from": wrong, "to": wrong})
        assert page.select_one(".change-sum")
    kept = _page(browse, profile, graph="off", target=TARGET).select(".card:has(#change) form input[type=hidden]")
    assert {(one["name"], one["value"]) for one in kept} == {("graph", "off"), ("target", TARGET)}


def _days(cast: Cast) -> None:
    """Three days whose points are known."""
    add_run(scores={TARGET: 47.0}, day=date(2026, 7, 1))
    parts = {"pagerank": 40.0}, {"pagerank": 44.0}, {"pagerank": 45.0, "traffic": 3.5, "one_network": -1.0}
    for number, (score, points) in enumerate(zip((40.0, 44.0, 47.0), parts, strict=True), 1):
        index.add_score_days(
            cast.workspace.pk, number, "A1", date(2026, 4 + number, 1),
            [{"domain": TARGET, "score": score, "parts": points}],
        )  # fmt: skip


def test_referring_domains_that_came_and_went_lead_to_their_lists(profile, browse):
    for number, day in enumerate((date(2026, 1, 1), date(2026, 3, 15)), 1):
        add_run(scores={TARGET: 40.0 + number, "news.example": 71.2}, run=number, day=day)
    page = _page(browse, profile)
    gained, lost = page.select(".change-sides > div")
    named = {row.bdi.get_text(): row.select_one("td.num").get_text() for row in gained.select("tbody tr")}
    assert named["news.example"] == "71"
    assert named["blog.example"] == "–", "it has no score"
    assert all_rows(browse(profile.viewer), gained.select_one(".card-head a")["href"]) == len(named) == 4
    assert [row.bdi.get_text() for row in lost.select("tbody tr")] == ["old.example"]
    assert all_rows(browse(profile.viewer), lost.select_one(".card-head a")["href"]) == 1


def test_no_change_to_tell_within_one_day(profile, browse):
    for number in (1, 2):  # of one day
        add_run(scores={TARGET: 40.0 + number}, run=number)
    page = _page(browse, profile)
    assert not page.select("#change")
    assert "no computation of an earlier day" in page.select_one(".card:has(#unchanged)").get_text()


# --- What stands around it ----------------------------------------------------------------------------------------
def test_competitors_stand_beside_it_by_the_same_parts(profile, browse):
    add_run(scores={TARGET: {"score": 46.3, "parts": [60, 55, 50, 40, -1]}, "rival.example": {"score": 52.0}})
    page = _page(browse, profile)
    rows = _table(page, "compared")
    assert rows[0][:8] == ["client.example", "46.3", "60.0", "55.0", "50.0", "40.0", "–", "0"]
    assert [row[0] for row in rows] == ["client.example", "rival.example"]
    rival = page.select(".card:has(#compared) tbody a")[1]["href"]
    assert (
        _page(browse, profile, role="client", target="rival.example").select_one(".score-number strong").get_text()
        == "52"
    )
    assert "target=rival.example" in rival
    foreign = _page(browse, profile, target="news.example")
    assert [row[0] for row in _table(foreign, "compared")] == ["news.example", "client.example", "rival.example"]
    assert "no score" in _table(foreign, "compared")[0]


def _fields(cast: Cast) -> dict[str, object]:
    return {name: getattr(cast, name) for name in Cast.__slots__}


def test_agreement_is_printed_with_its_counts(profile, browse):
    agreed = [{"source": "Tranco", "count": 1234, "rho": 0.714}, {"source": "<b>Moz</b>", "count": 2, "rho": None}]
    add_run(scores={TARGET: 40.0}, facts={"agreement": agreed})
    assert _table(_page(browse, profile), "agreement") == [["Tranco", "1,234", "0.71"], ["<b>Moz</b>", "2", "–"]]


def test_popularity_and_age_are_shown_with_source_and_date(profile, browse):
    batch = index.Batch(0, index.new_batch_id(), "popularity", "tranco", "list")
    index.begin(batch)
    index.popularity.add(
        batch, name="tranco", day=date(2026, 9, 2), signal="traffic",
        columns={"domain": [TARGET], "rank": [54321]}, block=0,
    )  # fmt: skip
    index.popularity.publish(batch)
    index.days.note_days(0, "commoncrawl", {TARGET: (date(2019, 5, 1), date(2026, 9, 30))})
    page = _page(browse, profile)
    assert _table(page, "popularity") == [["Tranco made of visitors", "rank 54,321 of 2026-09-02"]]
    age = page.select_one(".card:has(#age)").get_text(" ", strip=True)
    assert "First seen on 2019-05-01" in age
    assert ["Common Crawl", "2019-05-01 – 2026-09-30"] in _table(page, "age")


def test_what_a_registry_told_stands_beside_the_age_and_nothing_where_it_is_unknown(profile, browse):
    told = {"looked_up_at": datetime(2026, 11, 5, 9, tzinfo=UTC), "registrar": "Names & <b>Sons</b>"}
    row = Registration.objects.create(domain=TARGET, state="known", registered_on=date(2001, 2, 3), **told)
    card = _page(browse, profile).select_one(".card:has(#age)")
    assert card.select_one("#registration").get_text() == (
        "Registered on 2001-02-03 with Names & <b>Sons</b>: RDAP, looked up on 2026-11-05."
    )
    row.registered_on = None
    row.save()
    assert "Registered with Names" in _page(browse, profile).select_one("#registration").get_text()
    for state, registrar in (("known", ""), ("absent", ""), ("failed", ""), ("waiting", "")):
        Registration.objects.update(state=state, registrar=registrar)
        assert not _page(browse, profile).select("#registration")
    assert not _page(browse, profile, target="news.example").select("#registration")


def test_what_comes_from_files_is_escaped(profile, browse):
    evil = "<script>alert(1)</script>"
    add_run(
        scores={TARGET: 40.0}, release=evil, version="A1", facts={"agreement": [{"source": evil, "count": 1, "rho": 1}]}
    )
    body = browse(profile.viewer).get(url_of(profile.project, "why/")).content.decode()
    assert evil not in body
    assert "&lt;script&gt;alert(1)" in body


def test_visits_of_another_clients_site_are_not_seen_nor_counted_back(profile, browse):
    """A client reads competitors; one of them may be another client of the agency."""
    workspace = profile.workspace.pk
    batch = index.Batch(workspace, index.new_batch_id(), "popularity", "visits", "visits")
    index.begin(batch)
    columns = {"domain": ["rival.example"], "visits": [777_777.0]}
    index.popularity.add(batch, name="visits", day=date(2026, 9, 2), signal="traffic", columns=columns, block=0)
    index.popularity.publish(batch)
    open_graph(WEB)
    computed(workspace)
    address = url_of(profile.project, "why/")
    seen = {
        role: browse(getattr(profile, role)).get(address, {"target": "rival.example"}).content.decode()
        for role in ("viewer", "client")
    }
    assert "777,777 visits" in seen["viewer"]
    assert "777,777" not in seen["client"] and "rests on visits of another client" in seen["client"]
    (beside,) = [row for row in _table(_page(browse, profile, "client"), "compared") if row[0] == "rival.example"]
    assert beside[1] not in ("", "\N{EN DASH}") and set(beside[2:-2]) == {"\N{EN DASH}"}


def test_vendors_scores_stand_under_their_own_names_and_dates(profile, browse):
    add_run(scores={"news.example": 71.0})
    metrics = {"ahrefs_dr": 62.0, "semrush_domain_as": 41.0, "ahrefs_ur": 30.0}
    fill(profile, [{"source": "https://news.example/m", "target": f"https://{TARGET}/m", "metrics": metrics}])
    page = _page(browse, profile, target="news.example")
    assert _table(page, "vendors") == [["Ahrefs DR", "62 of 2026-03-01"], ["Semrush AS", "41 of 2026-03-01"]]
    assert "No import names it" in _page(browse, profile).select_one(".card:has(#vendors)").get_text()


def test_another_workspaces_figures_are_not_seen(profile, browse):
    secret = {"source": "https://news.example/s", "target": "https://client.example/s", "metrics": {"ahrefs_dr": 99.0}}
    from_other = Cast(**{**_fields(profile), "workspace": profile.other_workspace})
    fill(from_other, [secret])
    add_run(scores={"news.example": 88.8}, workspace=profile.other_workspace.pk)
    page = _page(browse, profile, target="news.example")
    assert "99" not in page.select_one(".card:has(#vendors)").get_text()
    assert "88.8" not in page.get_text() and page.select_one(".empty-state")
