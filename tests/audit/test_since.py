"""What has changed since the audit before, alerts, and audits that start by themselves."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone

from audit import auditing, reauditing, since, tasks
from audit.models import Alert, Audit, ReviewSettings
from backlinks import index
from projects import runs
from projects.models import Run
from seoapp.celery import app
from seoapp.lib.listquery import ListQuery
from tests.conftest import Cast, Hold
from tests.factories import add_links

DAY = date(2026, 3, 10)
TARGET = "client.example"
BEFORE = {
    "stays": ("live", 10),
    "fades": ("live", 70),
    "comes": ("lost", 10),
    "dead": ("lost", 0),
    "leaves": ("live", 65),
}
NOW = {"stays": ("live", 62), "fades": ("lost", 44), "comes": ("live", 80), "dead": ("lost", 0)} | {
    f"new{at}": ("live", 75 if at < 7 else 20) for at in range(9)
}
HAPPENED = {"fades": "lost", "comes": "back", "leaves": "gone"} | {f"new{at}": "new" for at in range(9)}


def domains_of(rows: dict[str, tuple[str, int]], first_seen: date) -> pa.Table:
    count = len(rows)
    texts = pa.array([[]] * count, pa.list_(pa.string()))
    return pa.table(
        {
            "source_domain": [f"{name}.example" for name in rows],
            "links": pa.array([1] * count, pa.uint64()),
            "sharing": pa.array([1] * count, pa.uint64()),
            "state": [state for state, _ in rows.values()],
            "country": [""] * count,
            "first_seen": pa.array([first_seen] * count),
            "last_seen": pa.array([DAY] * count),
            "authority": pa.array([-1.0] * count, pa.float32()),
            "risk": pa.array([risk for _, risk in rows.values()], pa.uint8()),
            "confidence": pa.array([0.5] * count, pa.float32()),
            "band": ["toxic" if risk >= 60 else "none" for _, risk in rows.values()],
            "gates": pa.array([0] * count, pa.uint8()),
            "link_id": pa.array(range(count), pa.uint64()),
            "markers": texts,
            "kinds": texts,
            "points": pa.array([[]] * count, pa.list_(pa.float32())),
        }
    )


def add_run(cast: Cast, number: int, rows: dict[str, tuple[str, int]], first_seen: date) -> None:
    """The findings of a run: a network of its newcomers, which lie in a spike."""
    names = [f"{name}.example" for name in rows]
    new = [name for name in names if name.startswith("new")]
    place = (TARGET, cast.workspace.pk, number)
    index.audits.add("audit_domains", *place, domains_of(rows, first_seen), block=0)
    spike = {
        "source_domain": new,
        "marker": ["PRO01"] * len(new),
        "unit": ["domains"] * len(new),
        "page": [""] * len(new),
    }
    numbers = {
        "link_id": pa.array([0] * len(new), pa.uint64()),
        "value": pa.array([9.0] * len(new), pa.float32()),
        "said": [""] * len(new),
        "day": pa.array([DAY] * len(new)),
        "cluster": pa.array([0] * len(new), pa.uint64()),
    }
    index.audits.add("audit_findings", *place, pa.table(spike | numbers), block=0)
    networks = [new[:6], new[:4]]
    index.audits.add(
        "audit_clusters",
        *place,
        pa.table(
            {
                "marker": ["", ""],
                "cluster": pa.array([1, 2], pa.uint64()),
                "what": ["", ""],
                "domains": [["stays.example", *one] for one in networks],
                "things": [["Same URL path: /x"], []],
            }
        ),
        block=0,
    )


def twice_audited(cast: Cast, held_index: Hold) -> Audit:
    """The second of two audits of the client's project, with findings made up by hand."""

    def fill() -> None:
        add_run(cast, 1, BEFORE, DAY)
        add_run(cast, 2, NOW, DAY)

    held_index(("two audits", cast.workspace.pk), fill)
    for number in (1, 2):
        made = Audit.objects.create(project=cast.project, number=number, as_of=DAY, finished_at=timezone.now())
    return made


@pytest.fixture
def two(cast: Cast, held_index: Hold) -> Audit:
    return twice_audited(cast, held_index)


def changed(run: index.auditlists.AuditRun, **asked: str) -> dict[str, Any]:
    query = ListQuery.parse(index.auditchanges.FIELDS, asked, sort=index.auditchanges.SORT)
    rows = list(index.auditchanges.every_row(run, query))
    assert [row["source_domain"] for row in index.auditchanges.rows(run, query).rows] == [
        row["source_domain"] for row in rows
    ]
    return {row["source_domain"].removesuffix(".example"): row for row in rows}


def test_two_runs_are_compared_domain_by_domain(cast: Cast, two: Audit) -> None:
    run = since.run_since(two)
    assert (run.run, run.before) == (2, 1)
    rows = changed(run)
    assert {name: row["happened"] for name, row in rows.items()} == HAPPENED
    assert (rows["fades"]["risk"], rows["fades"]["risk_before"]) == (44, 70)
    assert (rows["leaves"]["risk"], rows["leaves"]["band"]) == (65, "toxic")
    assert rows["new8"]["risk_before"] == -1
    assert set(changed(run, happened="new", risk_min="60")) == {f"new{at}" for at in range(7)}
    assert since.figures(run) == {
        "new": 9, "new_toxic": 7, "lost": 1, "lost_toxic": 0, "back": 1, "back_toxic": 1, "gone": 1, "gone_toxic": 1,
        "number": 1,
    }  # fmt: skip


def test_a_first_audit_has_nothing_to_compare_with(cast: Cast, two: Audit) -> None:
    first = Audit.objects.get(number=1)
    run = since.run_since(first)
    assert (run.before, since.figures(run)) == (0, {})
    Audit.objects.filter(pk=first.pk).update(is_kept=False)
    assert since.before(two) is None


def test_the_list_of_domains_tells_what_is_new(cast: Cast, two: Audit) -> None:
    fields = index.auditlists.fields(())
    run = since.run_since(two)
    found = {}
    for word in ("yes", "no"):
        query = ListQuery.parse(fields, {"new": word}, sort=index.auditlists.SORT)
        found[word] = {
            row["source_domain"].removesuffix(".example") for row in index.auditlists.domain_rows(run, query).rows
        }
    assert found["yes"] == {name for name, what in HAPPENED.items() if what == "new"}
    assert found["no"] == set(NOW) - found["yes"]
    first = since.run_since(Audit.objects.get(number=1))
    assert not index.auditlists.domain_rows(first, ListQuery.parse(fields, {"new": "yes"}, sort="-risk")).rows


# --- Alerts -----------------------------------------------------------------------------------------------------------
def test_a_network_of_newcomers_in_a_spike_is_an_attack(cast: Cast, two: Audit) -> None:
    run = since.run_since(two)
    (alert,) = since.alerts(two, run, since.figures(run))
    assert (alert.name, alert.project, alert.audit) == ("attack", cast.project, two)
    assert "6 new domains of one network" in alert.text
    assert "Same URL path: /x" in alert.text
    assert not since.alerts(two, index.auditlists.AuditRun(TARGET, cast.workspace.pk, 2, 2), {})  # all known before
    two.as_of = DAY + timedelta(days=31)
    assert not since.alerts(two, run, {})


def test_more_new_toxic_domains_than_usual_are_told_of(cast: Cast) -> None:
    now = timezone.now()
    for at, count in enumerate((3, 4, 2)):
        Audit.objects.create(
            project=cast.project, number=10 + at, as_of=DAY, finished_at=now, facts={"since": {"new_toxic": count}}
        )
    row = Audit.objects.create(project=cast.project, number=20, as_of=DAY)
    assert sorted(since._earlier(row)) == [2, 3, 4]
    assert since.limit_of((2, 3, 4)) == 10
    assert since.limit_of((20, 22, 30)) == 34
    assert not list(since._toxic(10, (2, 3, 4)))
    ((name, text),) = since._toxic(11, (2, 3, 4))
    assert (name, text[:14]) == ("toxic", "11 new domains")
    assert not list(since._toxic(500, (2, 3)))
    assert not list(since._toxic(None, (2, 3, 4)))


# --- By itself --------------------------------------------------------------------------------------------------------
@pytest.fixture
def few(cast: Cast, link_index: None) -> Cast:
    add(cast, "a")
    return cast


def add(cast: Cast, name: str) -> None:
    link = {"source": f"https://{name}.example/1", "target": "https://client.example/"}
    add_links(workspace=cast.workspace.pk, links=[link])


def see_through(started: list[int]) -> list[Audit]:
    for one in started:
        run = Run.objects.get(pk=one)
        runs.see_through(run)
        assert run.state == Run.State.DONE, run.error
    return list(Audit.objects.filter(run__in=started))


def test_projects_with_links_are_audited_by_themselves(few: Cast) -> None:
    now = timezone.now()
    started = reauditing.start_due(now)
    assert [Run.objects.get(pk=one).project for one in started] == [few.project]
    assert reauditing.start_due(now) == []  # it is at work
    (first,) = see_through(started)
    assert first.generation == auditing.generation_of(few.project) > 0
    week = now + timedelta(days=7, minutes=1)
    assert reauditing.start_due(week) == []  # nothing came in
    add(few, "b")
    assert reauditing.start_due(now + timedelta(days=6)) == []
    (second,) = see_through(reauditing.start_due(week))
    assert second.facts["since"]["new"] == 1
    assert not Alert.objects.exists()


def test_what_the_settings_say_is_followed(few: Cast) -> None:
    now = timezone.now()
    own = ReviewSettings.objects.create(project=few.project, every_days=0)
    assert reauditing.start_due(now) == []
    own.every_days = 1
    own.save()
    (run,) = reauditing.start_due(now)
    Run.objects.filter(pk=run).update(state=Run.State.FAILED)
    ReviewSettings.objects.update(every_days=90)
    assert reauditing.start_due(now + timedelta(hours=20)) == []
    assert len(reauditing.start_due(now + timedelta(hours=25))) == 1


def test_the_clock_starts_audits(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tasks.start_due_audits.name in Counter(one["task"] for one in app.conf.beat_schedule.values())

    def away(*_: object) -> bool:
        raise index.IndexUnavailable("gone")

    monkeypatch.setattr(reauditing, "_has_changed", away)
    assert tasks.start_due_audits() == 0
