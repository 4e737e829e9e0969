"""Scores out of the index and into it: what votes, who sees which score, and that half a run shows nothing."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from backlinks import index
from backlinks.authority import compute, formula, gather
from backlinks.authority.change import last_change
from backlinks.authority.explain import NoScore, explain
from backlinks.authority.sites import ranks
from projects import runs
from projects.models import Run
from seoapp.lib.weburl import Target
from tests.backlinks.index.observed import asked, domain, head, link, observe, rows_of
from tests.factories import make_project, make_workspace

from .scored import computed, open_graph, rays, rows_of_run, star

pytestmark = [pytest.mark.usefixtures("link_index"), pytest.mark.django_db(transaction=True)]
WS, OTHER, NOBODY = 7, 8, 9
CLIENT = "client.example"
SOURCES = [f"s{number}.example" for number in range(6)]


def points_add_up(workspace: int, name: str) -> bool:
    found = explain(workspace, Target.parse(name))
    lost = sum(one.points or 0 for one in found.penalties)
    return sum(one.points for one in found.parts) - lost + found.limits == pytest.approx(found.score, abs=1e-9)


def test_only_follow_and_unknown_links_of_others_that_are_not_lost_vote() -> None:
    rows = [
        *rays(CLIENT, ["follow.example", "blog.client.example"]),
        *rays(CLIENT, ["unknown.example"], nofollow=-1),
        *rays(CLIENT, ["nofollow.example"], nofollow=1),
        *rays(CLIENT, ["gone.example"], lost_at=330, lost_reason="removedfromhtml"),
    ]
    observe(WS, rows)
    observe(WS, [domain("named.example", last_seen=320)], table="domain_links")
    rows = rows_of_run(computed(WS))
    assert set(rows) == {CLIENT, "follow.example", "unknown.example", "named.example"}
    assert rows[CLIENT]["votes"] == 3


def test_every_domain_has_a_score_that_its_parts_add_up_to_and_the_same_input_gives_the_same_bytes() -> None:
    observe(WS, [*rays(CLIENT, SOURCES), *rays("rival.example", SOURCES[:2])])
    first, second = computed(WS, days_ago=1), computed(WS)
    rows = rows_of_run(second)
    assert set(rows) == {CLIENT, "rival.example", *SOURCES}, "whoever votes or is voted for"
    assert sum(row["pagerank"] for row in rows.values()) == pytest.approx(1, abs=1e-9)
    assert max(rows.values(), key=lambda row: row["score"])["domain"] == CLIENT
    assert rows[CLIENT]["votes"] == 6 and rows[SOURCES[-1]]["linked_domains"] == 1
    assert all(points_add_up(WS, name) for name in rows)
    assert first.run != second.run and rows_of_run(first) == rows
    named = ("graph_sha256", "known_sha256", "seeds", "technical_sha256", "lists", "alpha", "tolerance")
    assert {name: first.facts[name] for name in named} == {name: second.facts[name] for name in named}
    history_keeps_the_scores_of_domains_in_profiles(second)


def history_keeps_the_scores_of_domains_in_profiles(run: index.ScoreRun) -> None:
    day = max(index.score_days(WS, CLIENT), key=lambda one: one["day"])
    assert day["score"] == index.score_rows([run.key], [CLIENT])[CLIENT]["score"]
    assert sum(day["parts"].values()) == pytest.approx(day["score"], abs=1e-6)
    assert len(index.score_days(WS, SOURCES[0])) == 2, "one a day"


def test_a_workspace_sees_its_own_scores_and_those_of_open_data_never_those_of_others() -> None:
    star(0, "open.example", ["a.example", "b.example"])
    star(WS, CLIENT, SOURCES)
    star(OTHER, "secret.example", SOURCES)
    computed(0)
    compute.compute(NOBODY, lambda _: None)
    assert not index.score_runs(NOBODY), "without links of its own there is nothing to compute"
    assert set(index.scores_of(NOBODY, ["open.example"])) == {"open.example"}
    for workspace in (WS, OTHER):
        computed(workspace)
    assert set(index.scores_of(WS, [CLIENT, "secret.example", "open.example"])) == {CLIENT, "open.example"}
    assert set(index.scores_of(0, [CLIENT, "secret.example", "open.example"])) == {"open.example"}
    assert head(WS, "secret.example").authority is None
    own = explain(WS, Target.parse("open.example"))
    assert own.is_own and own.domains == 10  # the open graph joined with what the workspace knows
    with pytest.raises(NoScore, match=r"secret\.example is not in the links that were imported and crawled"):
        explain(WS, Target.parse("secret.example"))


def test_visits_alone_are_enough_for_a_computation_of_ones_own() -> None:
    open_graph([("a.example", CLIENT), ("b.example", CLIENT)])
    computed(0)
    batch = index.Batch(WS, index.new_batch_id(), "popularity", "visits", "test")
    index.begin(batch)
    columns = {"domain": [CLIENT], "visits": [5_000_000.0]}
    index.popularity.add(
        batch, name="visits", day=formula.date(2026, 11, 1), signal="traffic", columns=columns, block=0
    )
    index.popularity.publish(batch)
    computed(WS)
    found = explain(WS, Target.parse(CLIENT))
    assert found.is_own and found.parts[4].value == 5_000_000
    assert explain(0, Target.parse(CLIENT)).parts[4].value is None


def test_half_a_computation_shows_nothing_and_scores_go_when_nothing_of_their_input_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batches = [star(WS, CLIENT, SOURCES)]
    before = computed(WS)
    batches.append(star(WS, "new.example", SOURCES))

    def dies(*_: object, **__: object) -> None:
        raise index.IndexUnavailable("gone")

    with monkeypatch.context() as patched, pytest.raises(index.IndexUnavailable):
        patched.setattr(index, "publish_scores", dies)
        compute.compute(WS, lambda _: None)
    assert index.score_runs(WS)[0].run == before.run
    assert not index.scores_of(WS, ["new.example"])
    computed(WS)
    assert index.scores_of(WS, ["new.example"])
    for batch in batches:
        index.remove(batch)
    compute.compute(WS, lambda _: None)
    assert not index.score_runs(WS) and not index.scores_of(WS, [CLIENT])
    assert index.score_days(WS, CLIENT)


def test_two_versions_stand_side_by_side_and_one_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(measures: Any) -> formula.Scores:
        made = formula.a1(measures)
        return formula.Scores(**{**{name: getattr(made, name) for name in made.__slots__}, "version": "A0"})

    monkeypatch.setitem(formula.FORMULAS, "A0", doubled)
    monkeypatch.setitem(formula.RETIRING, "A0", formula.date(2999, 1, 1))
    star(WS, CLIENT, SOURCES)
    run = computed(WS)
    assert run.version == "A1"
    assert index.score_rows([(WS, run.run, "A0")], [CLIENT]) and index.score_rows([run.key], [CLIENT])
    assert {row["version"] for row in index.score_days(WS, CLIENT)} == {"A0", "A1"}
    assert compute.versions_on(formula.date(2999, 1, 2)) == ["A1"]


def test_the_open_graph_joins_the_votes_without_its_technical_hosts() -> None:
    open_graph(
        [("a.example", "b.example"), ("c.example", CLIENT), ("a.example", "gmpg.org"), ("a.example", "a.example")]
    )
    star(WS, CLIENT, ["a.example"])
    rows = rows_of_run(computed(WS))
    assert rows[CLIENT]["votes"] == 2 and rows["a.example"]["linked_domains"] == 2
    assert rows["gmpg.org"]["votes"] == 0
    assert index.score_runs(WS)[0].release == "cc-main-2026-apr-may-jun"


def test_agreement_with_the_ranks_of_the_release_and_of_vendors_is_kept() -> None:
    names = [f"d{number}.example" for number in range(5)]
    edges = [(one, other) for place, other in enumerate(names) for one in names[place + 1 :]]
    open_graph(edges, {name: place + 1 for place, name in enumerate(names)})
    rows = [
        link(f"{name}/", metrics={"ahrefs_dr": 50 - place}, nofollow=0, last_seen=320)
        for place, name in enumerate(names)
    ]
    observe(WS, rows, "ahrefs")
    found = {one["source"]: one for one in computed(WS).facts["agreement"]}
    assert found["Common Crawl PageRank"]["count"] == 5 and found["Common Crawl PageRank"]["rho"] > 0.8
    assert found["Ahrefs DR"]["count"] == 5 and found["Ahrefs DR"]["rho"] > 0.8


def test_a_graph_that_is_too_large_is_refused_with_the_way_out() -> None:
    open_graph([("a.example", "b.example")])
    with pytest.raises(gather.TooLarge, match="Raise AUTHORITY_MEMORY_MB, or import the release with --neighbourhood"):
        gather.gather(0, compute.operators_seeds(), 100, lambda _: None)


# --- Why it has changed ---------------------------------------------------------------------------------------------
def test_the_causes_of_a_change_add_up_to_it() -> None:
    observe(WS, [*rays(CLIENT, SOURCES[:2], first_seen=100), *rays("rival.example", SOURCES)])
    computed(WS, days_ago=1)
    assert last_change(WS, CLIENT) is None
    star(WS, CLIENT, [f"more{number}.example" for number in range(5)], first_seen=200)
    computed(WS)
    found = last_change(WS, CLIENT)
    assert found is not None and found.points > 0
    computed(WS)
    assert last_change(WS, CLIENT).points == found.points, "another run of the day hides nothing"
    assert sum(one.points for one in found.causes) == pytest.approx(found.after - found.before, abs=1e-9)
    assert found.causes[0].label == "Its own link power"


def test_when_only_others_have_moved_the_change_says_so() -> None:
    star(WS, CLIENT, SOURCES[:3])
    computed(WS, days_ago=1)
    star(WS, "rival.example", [f"r{number}.example" for number in range(40)])
    computed(WS)
    found = last_change(WS, CLIENT)
    assert found is not None
    moved = {label: sum(one.points for one in found.causes if one.label.startswith(label)) for label in ("The", "Its")}
    assert abs(moved["The"]) > 3 * abs(moved["Its"])


def test_when_nothing_but_the_release_changed_it_says_so() -> None:
    edges = [(f"x{number}.example", f"y{number}.example") for number in range(30)]
    open_graph([*edges, ("x0.example", CLIENT)])
    computed(0, days_ago=1)
    more = [("x1.example", f"y{number}.example") for number in range(5, 12)]
    open_graph([*edges, ("x0.example", CLIENT), *more], name="cc-main-2026-may-jun-jul")
    computed(0)
    found = last_change(0, "y29.example")
    assert found is None or found.points == 0 or found.only_graph
    assert sum(one.points for one in found.causes) == pytest.approx(found.after - found.before, abs=1e-9)


# --- Pages and hosts ------------------------------------------------------------------------------------------------
def test_a_page_holds_a_share_of_its_domain_by_its_links() -> None:
    rows = [link(f"{one}/", f"{CLIENT}/best", nofollow=0, last_seen=320) for one in SOURCES]
    rows += [link(f"{SOURCES[0]}/2", f"shop.{CLIENT}/other", nofollow=1, last_seen=320)]
    observe(WS, rows)
    computed(WS)
    whole = explain(WS, Target.parse(CLIENT)).score
    pages = {row["target_url"]: row["authority"] for row in rows_of(asked(WS, "pages"))}
    assert pages[f"https://{CLIENT}/best"] == pytest.approx(whole)
    assert whole * 0.4 < pages[f"https://shop.{CLIENT}/other"] < whole
    other = explain(WS, Target.parse(f"shop.{CLIENT}/other"))
    assert other.score == pytest.approx(pages[f"https://shop.{CLIENT}/other"], abs=0.01)
    assert explain(WS, Target.parse(f"shop.{CLIENT}", "host")).score < whole
    assert head(WS, f"{CLIENT}/best", "exact").authority == pytest.approx(whole, abs=0.01)
    with pytest.raises(NoScore, match="Neither links nor a crawl know"):
        explain(WS, Target.parse(f"{CLIENT}/nobody-knows-it"))


def test_pages_of_a_crawled_site_are_ranked_by_its_own_links() -> None:
    keys = [f"{CLIENT}/{name}" for name in ("", "a", "b", "c")]
    rows = {"target_domain": [CLIENT] * 4, "source_key": [*keys[1:], keys[0]], "target_key": [keys[0]] * 3 + [keys[1]]}
    rows |= {"row": [1, 2, 3, 4], "anchor": [""] * 4, "nofollow": [0] * 4, "kind": ["text"] * 4, "placement": [""] * 4}
    batch = index.Batch(WS, index.new_batch_id(), "crawl", "site", "test")
    index.begin(batch)
    index.add(batch, "internal_links", rows, block=0)
    index.complete(batch)
    ((name, links),) = index.crawled_sites(WS)
    found = ranks(links)
    assert name == CLIENT and sum(found.values()) == pytest.approx(1)
    assert max(found, key=found.__getitem__) == keys[0] and set(found) == set(keys)
    star(WS, CLIENT, SOURCES)
    computed(WS)
    known_by_crawl = explain(WS, Target.parse(f"https://{CLIENT}/a")).score
    assert 0 < known_by_crawl < explain(WS, Target.parse(CLIENT)).score


# --- Reports --------------------------------------------------------------------------------------------------------
def test_reports_sort_and_filter_by_authority() -> None:
    nofollow = rays(CLIENT, ["nofollow.example"], nofollow=1)
    observe(WS, [*rays(CLIENT, SOURCES), *rays(SOURCES[0], SOURCES[1:]), *nofollow])
    computed(WS)
    for report in ("links", "domains", "hosts"):
        sorted_and_filtered(report)


def sorted_and_filtered(report: str) -> None:
    page = index.fetch(asked(WS, report, sort="-authority")).rows
    scores = [row["authority"] for row in page]
    assert page[0]["source_domain"] == SOURCES[0] and scores == sorted(scores, reverse=True)
    assert page[-1]["source_domain"] == "nofollow.example" and scores[-1] == -1
    shown = index.fetch(asked(WS, report)).rows
    assert {row["source_domain"]: row["authority"] for row in shown} == {
        row["source_domain"]: row["authority"] for row in page
    }
    best = asked(WS, report, authority_min=f"{scores[0] - 0.01:.2f}")
    assert [row["source_domain"] for row in rows_of(best)] == [SOURCES[0]]
    if report == "links":
        assert index.count(best) == 1
        grouped = index.fetch(asked(WS, report, sort="-authority", group="domain")).rows
        assert grouped[0]["source_domain"] == SOURCES[0]


def test_domains_of_the_open_graph_count_as_referring_domains_until_they_are_left_out() -> None:
    star(WS, CLIENT, ["a.example"])
    before = head(WS)
    open_graph([("a.example", CLIENT), ("b.example", CLIENT), ("c.co.uk", CLIENT), (CLIENT, "b.example")])
    joined = head(WS)
    assert (joined.referring_domains, joined.graph_domains) == (before.referring_domains + 2, 2)
    assert (joined.links, joined.lost, joined.unknown) == (before.links, before.lost, before.unknown)
    rows = {row["source_domain"]: row for row in rows_of(asked(WS, "domains"))}
    assert set(rows) == {"a.example", "b.example", "c.co.uk"}
    assert rows["a.example"]["sources"] == ["commoncrawl", "semrush"]
    assert (rows["b.example"]["links"], rows["b.example"]["state"], rows["c.co.uk"]["tld"]) == (0, "unknown", "uk")
    assert [row["source_domain"] for row in rows_of(asked(WS, "domains", graph="off"))] == ["a.example"]
    assert index.headline(asked(WS, graph="off")).graph_domains == 0
    overlaps = {one.sources: one.domains for one in index.overlap(asked(WS, "domains"))}
    assert overlaps == {("commoncrawl", "semrush"): 1, ("commoncrawl",): 2}


def test_a_domain_that_only_the_open_graph_knows_has_a_profile_of_domains() -> None:
    open_graph([("a.example", "nowhere.example"), ("b.example", "nowhere.example")])
    found = head(WS, "nowhere.example")
    assert (found.referring_domains, found.graph_domains, found.links) == (2, 2, 0)
    assert not rows_of(asked(WS, "links", "nowhere.example"))


# --- Commands -------------------------------------------------------------------------------------------------------
def printed(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_commands_print_their_contract() -> None:
    project = make_project(workspace=make_workspace(name="Agency"), domain=CLIENT)
    star(project.workspace_id, CLIENT, SOURCES)
    made = printed("compute_authority", "--project", str(project.pk))
    assert (made["version"], made["domains"]) == ("A1", 7) and made["seconds"] > 0
    found = printed("explain_authority", CLIENT, "--project", str(project.pk))
    assert found["version"] == "A1" and 0 < found["score"] <= 100
    assert {"name", "value", "position", "weight", "points"} <= set(found["parts"][0])
    values = [printed("explain_authority", name, "--project", str(project.pk)) for name in (CLIENT, *SOURCES)]
    assert sum(one["parts"][0]["value"] for one in values) == pytest.approx(1, abs=1e-6)
    assert printed("show_profile", CLIENT, "--project", str(project.pk))["authority"] == found["score"]
    with pytest.raises(CommandError, match="No scores have been computed yet"):
        printed("explain_authority", CLIENT)


def test_a_computation_that_waits_is_not_queued_twice_and_a_failed_one_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = compute.start(None)
    assert compute.start(None).pk == first.pk
    open_graph([("a.example", "b.example")])
    monkeypatch.setattr(gather, "BYTES_AN_EDGE", 1 << 60)
    with pytest.raises(CommandError, match="AUTHORITY_MEMORY_MB"):
        printed("compute_authority")
    assert Run.objects.get(pk=first.pk).state == Run.State.FAILED
    runs.retry(first)


def test_a_part_that_becomes_known_moves_the_weights_of_the_others_in_one_cause() -> None:
    star(WS, CLIENT, SOURCES)
    computed(WS, days_ago=1)
    batch = index.Batch(0, index.new_batch_id(), "popularity", "tranco", "test")
    index.begin(batch)
    columns = {"domain": [CLIENT], "rank": [500]}
    index.popularity.add(
        batch, name="tranco", day=formula.date(2026, 11, 1), signal="traffic", columns=columns, block=0
    )
    index.popularity.publish(batch)
    computed(WS)
    found = last_change(WS, CLIENT)
    assert found is not None
    causes = {one.label: one for one in found.causes}
    assert causes["Traffic"].points > 0 and causes["Traffic"].detail == "This part is known now."
    assert causes["Weights"].points < 0 and causes["Weights"].detail.startswith("Traffic became known")
    assert sum(one.points for one in found.causes) == pytest.approx(found.after - found.before, abs=1e-9)
