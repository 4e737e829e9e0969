"""Standings by trust and distrust, and figures that the rows of scores keep as points."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from audit.gather import freeze, standings
from audit.markers import dom, tru
from audit.markers.marker import CLEAR, FIRED, UNKNOWN, by_id
from audit.profile import Profile
from backlinks import index
from backlinks.authority import formula
from backlinks.models import Registration
from projects.models import Project
from tests.audit.profiles import AS_OF, states
from tests.backlinks.scored import add_run
from tests.factories import add_links, make_project, make_user, make_workspace

MARKED = by_id((*dom.MARKERS, *tru.MARKERS))
NAMES = ("bad", "clean", "first", "follow", "lost", "third", "unreached", "unscored")
SCORED: dict[str, dict[str, Any]] = {
    "bad": {"bad_share": 0.5, "trust_at": 5.0},
    "clean": {"bad_share": 0.0, "penalties": [-1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0], "trust_at": 4.0},
    "first": {"trust_at": 1.0, "bad_share": 0.2, "hops": 0},
    "follow": {"hops": 5, "trust_at": 2.0, "penalties": [-1.0, 8 * 0.9, 6.0, 0.0, 3.0, 1.0, 2.0, 4.0]},
    "third": {"trust_at": 3.0, "penalties": [-1.0, 8 * 0.5, 1.5, 0.0, 1.5, -1.0, -1.0, 0.0]},
    "unreached": {"trust": 0.0, "trust_at": 0.0, "hops": 100},
    "lost": {"trust": -1.0, "trust_at": 0.0},
}


def profile_of(project: Project, **facts: Any) -> Profile:
    links = [{"source": f"https://{name}.example/", "target": "https://client.example/"} for name in NAMES]
    add_links(workspace=project.workspace_id, links=links)
    others = {f"other-{number}.example": {"trust_at": 6.0 + number} for number in range(13)}
    add_run(scores={f"{name}.example": row for name, row in SCORED.items()} | others, facts=facts)
    return freeze(project, AS_OF)


@pytest.fixture
def project(db: None, link_index: None) -> Project:
    return make_project(workspace=make_workspace(name="Agency", owner=make_user(email="o@a.example")))


def told(profile: Profile, column: str) -> dict[str, float | None]:
    values = profile.domains.number(column).round(3).tolist()
    return {name: None if np.isnan(value) else round(value, 3) for name, value in zip(NAMES, values, strict=True)}


def said(profile: Profile, marker: str) -> dict[str, int]:
    return dict(zip(NAMES, states(MARKED[marker], profile), strict=True))


def test_standings_by_trust(project: Project) -> None:
    """Of twenty domains."""
    profile = profile_of(project, seeds={"bad": 2}, trust_reached=10)
    assert told(profile, "trust_top") == {
        "bad": 0.2, "clean": 0.15, "first": 0, "follow": 0.05, "lost": None, "third": 0.1, "unreached": 1,
        "unscored": None,
    }  # fmt: skip
    assert said(profile, "TRU02") == {
        "bad": CLEAR, "clean": FIRED, "first": FIRED, "follow": FIRED, "lost": UNKNOWN, "third": FIRED,
        "unreached": CLEAR, "unscored": UNKNOWN,
    }  # fmt: skip
    assert said(profile, "DOM32") == dict.fromkeys(NAMES, UNKNOWN) | {
        "first": CLEAR, "follow": FIRED, "unreached": FIRED,
    }  # fmt: skip
    assert set(told(profile, "scored_on").values()) == {20_727, None}  # 2026-10-01
    distrust = told(profile, "bad_top")
    assert (distrust["bad"], distrust["first"], distrust["clean"], distrust["unscored"]) == (0, 0.05, 0.1, None)
    judged = said(profile, "DOM31")
    assert (judged["bad"], judged["first"], judged["clean"], judged["unscored"]) == (FIRED, CLEAR, CLEAR, UNKNOWN)


def test_distrust_is_unknown_while_nobody_has_listed_a_bad_site(project: Project) -> None:
    profile = profile_of(project, seeds={"bad": 0}, trust_reached=9)  # of twenty
    assert said(profile, "DOM32") == dict.fromkeys(NAMES, UNKNOWN) | {"first": CLEAR, "follow": FIRED}
    assert set(said(profile, "DOM31").values()) == {UNKNOWN}


def test_figures_by_the_points_that_they_took(project: Project) -> None:
    profile = profile_of(project)
    share = told(profile, "follow_share")
    assert (share["follow"], share["third"], share["clean"], share["unscored"]) == (0.995, 0.975, 0, None)
    residual = told(profile, "traffic_residual")
    assert (residual["follow"], residual["third"], residual["clean"]) == (4, 2.5, None)
    assert (told(profile, "one_network")["follow"], told(profile, "one_network")["third"]) == (0.4, 0.25)
    assert (told(profile, "twins")["follow"], told(profile, "twins")["third"]) == (3, None)
    assert (told(profile, "reciprocal")["follow"], told(profile, "closed")["follow"]) == (0.7, 0.95)
    for marker, third in (("DOM07", CLEAR), ("DOM28", CLEAR)):
        assert (said(profile, marker)["follow"], said(profile, marker)["third"]) == (FIRED, third)


def test_nothing_is_told_without_scores(project: Project) -> None:
    add_links(
        workspace=project.workspace_id, links=[{"source": "https://a.example/", "target": "https://client.example/"}]
    )
    profile = freeze(project, AS_OF)
    assert all(np.isnan(profile.domains.number(column)).all() for column in standings.COLUMNS)


@pytest.mark.parametrize(
    ("column", "measure", "checked", "figures"),
    [
        ("follow_share", "follow_share", {"rels": 50}, (0.951, 0.98, 1)),
        ("traffic_residual", "excess", {}, (2.01, 3, 4)),
        ("one_network", "subnet_share", {"addresses": 20}, (0.11, 0.3, 0.4)),
        ("twins", "twins", {}, (2, 3, 5)),
        ("reciprocal", "reciprocity", {"votes": 20}, (0.51, 0.7, 0.9)),
        ("closed", "inside", {}, (0.81, 0.9, 0.95)),
    ],
)
def test_lines_are_those_of_the_formula(
    column: str, measure: str, checked: dict[str, int], figures: tuple[float, ...]
) -> None:
    plain = dict.fromkeys(
        ("follow_share", "excess", "address_share", "subnet_share", "twins", "reciprocity", "inside", "visits"), 0.0
    )
    counts = dict.fromkeys(("rels", "addresses", "votes", "popularity"), 0.0) | checked
    for figure in figures:
        held = {name: np.array([value], np.float64) for name, value in (plain | counts | {measure: figure}).items()}
        measures = SimpleNamespace(**held, nodes=1, lists_loaded=True)
        lost = formula._penalties_of_a1(measures, np.zeros(1, np.float32))
        sign, *line = standings.LINES["A1"][column]
        points = lost[index.PENALTIES.index(sign)]
        assert standings.figure_of(points, *line)[0] == pytest.approx(figure, abs=1e-6)


def test_names_that_their_registry_lacks(project: Project) -> None:
    for name, state in (("bad", "absent"), ("clean", "known"), ("first", "failed")):
        Registration.objects.create(domain=f"{name}.example", state=state, registered_on=date(2020, 1, 1))
    gone = said(profile_of(project), "DOM36")
    assert (gone["bad"], gone["clean"], gone["first"], gone["third"]) == (FIRED, CLEAR, UNKNOWN, UNKNOWN)


def test_since_when_domains_are_known(project: Project) -> None:
    """Registered anew in February, three weeks after their first link, and one seen by a list two years before."""
    index.days.note_days(0, "list", {"bad.example": (date(2024, 10, 1), date(2026, 10, 1))})
    index.days.note_days(project.workspace_id, "semrush", {"clean.example": (date(2026, 10, 2), date(2026, 10, 2))})
    for name in ("bad", "clean", "first"):
        registered = date(2026, 2, 20)
        Registration.objects.create(domain=f"{name}.example", state="known", registered_on=registered)
    profile = profile_of(project)
    assert told(profile, "known_since")["bad"] == (date(2024, 10, 1) - date(1970, 1, 1)).days
    anew = said(profile, "DOM19")
    assert (anew["bad"], anew["clean"], anew["first"], anew["third"]) == (FIRED, CLEAR, CLEAR, UNKNOWN)
