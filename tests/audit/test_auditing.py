"""An audit of a project from its links in the index to its figures and findings."""

import json
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import auditing, gather
from audit.models import Audit, WeightSet
from backlinks import index
from backlinks.models import Import
from projects import runs
from projects.models import Run
from tests.audit.audited import DAY_OF_AUDIT, FARM, HONEST, NUMBER, audited
from tests.conftest import Cast, Hold
from tests.factories import add_links


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def rows_of(cast: Cast, number: int = NUMBER) -> dict[str, dict[str, Any]]:
    found = index.audits.domains(cast.project.target.domain, cast.workspace.pk, number)
    return {row["source_domain"]: dict(row) for row in found}


def test_a_profile_is_read_whole(cast: Cast, audit: Audit) -> None:
    profile = gather.freeze(cast.project, DAY_OF_AUDIT)
    assert (profile.links.count, profile.pages.count, profile.domains.count) == (12, 12, 11)
    names = profile.domains.text("name")
    urls = profile.pages.text("url")
    for link in range(profile.links.count):
        page, domain = profile.page[link], profile.domain[link]
        assert profile.home[page] == domain
        assert names.at(domain) in urls.at(page)
    farm = next(row for row in range(profile.pages.count) if urls.at(row) == "https://farm3.example/all/938/13.html")
    assert profile.pages.text("path").at(farm) == "/all/938/13.html"
    assert profile.pages.text("title").at(farm) == "Best shoes"
    assert profile.pages.number("external")[farm] == 3_000
    link = int(np.flatnonzero(profile.page == farm)[0])
    assert profile.links.text("anchor").at(link) == "cheap shoes"
    assert profile.links.text("anchor_class").at(link) == "exact"
    assert profile.links.number("nofollow")[link] == 0
    assert profile.domains.lists("ips").at(int(profile.domain[link])) == ("203.0.113.7",)
    assert np.isnan(profile.domains.number("authority")).all()
    assert profile.links.number("is_lost").sum() == 1


def test_the_farm_carries_evidence_and_honest_sites_do_not(cast: Cast, audit: Audit) -> None:
    rows = rows_of(cast)
    assert set(rows) == {*FARM, *HONEST, "old.example"}
    for name in FARM:
        assert rows[name]["risk"] >= 60
        assert rows[name]["band"] == "toxic"
        assert {"NET02", "NET03"} <= set(rows[name]["markers"])
    for name in (*HONEST, "old.example"):
        assert rows[name]["risk"] <= 44
    assert rows["farm0.example"]["links"] == 2
    assert audit.bands["toxic"] == len(FARM)
    assert audit.domains == 11
    assert audit.links == 12


def test_evidence_says_what_where_and_with_whom(cast: Cast, audit: Audit) -> None:
    run = index.auditlists.AuditRun("client.example", cast.workspace.pk, NUMBER)
    found = {one["marker"]: one for one in index.auditlists.findings_of(run, "farm2.example")}
    assert found["NET02"]["said"] == "/all/938/13.html"
    assert found["NET02"]["value"] == 6
    assert found["NET02"]["page"] == "https://farm2.example/all/938/13.html"
    shared = {one["marker"]: one for one in index.auditlists.clusters_of(run, "farm2.example")}
    assert shared["NET02"]["domains"] == list(FARM)
    (first, second) = index.auditlists.links_of(run, "farm0.example")
    assert first["risk"] >= 60
    assert second["risk"] <= 44
    assert second["source_url"] == "https://farm0.example/quiet"
    assert "visit" in first["missing"]
    wanting = audit.facts["wanting"]
    assert set(wanting) == {row["source"] for row in index.auditlists.missing(run)}
    assert wanting["visit"]["PAG14"] == audit.links
    for row in index.auditlists.missing(run):
        assert max(wanting[row["source"]].values()) <= row["links"] <= sum(wanting[row["source"]].values())


def test_another_workspace_has_its_own(cast: Cast, audit: Audit) -> None:
    assert "leak-b.example" not in rows_of(cast)
    assert not list(index.audits.domains("client.example", cast.other_workspace.pk, NUMBER))


@pytest.fixture
def few(cast: Cast, link_index: None) -> Cast:
    add_links(
        workspace=cast.workspace.pk, links=[{"source": "https://a.example/1", "target": "https://client.example/"}]
    )
    return cast


def test_a_run_audits_and_old_findings_go(few: Cast) -> None:
    for _ in range(auditing.KEPT + 1):
        run = auditing.start(few.project, few.owner)
        runs.see_through(run)
        assert run.state == Run.State.DONE, run.error
    made = Audit.objects.filter(project=few.project)
    assert made.count() == auditing.KEPT + 1
    assert made.filter(is_kept=True).count() == auditing.KEPT
    for number, is_kept in made.values_list("number", "is_kept"):
        assert bool(list(index.audits.domains("client.example", few.workspace.pk, number))) == is_kept
    assert auditing.newest(few.project) == made.first()


def test_an_audit_waits_for_exports_that_are_being_read(few: Cast) -> None:
    run = auditing.start(few.project, few.owner)
    assert auditing.start(few.project, few.owner) == run
    reading = Import.objects.create(
        workspace=few.workspace, project=few.project, name="x.csv", size=1, batch=1, state=Import.State.RUNNING
    )
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.QUEUED
    Import.objects.filter(pk=reading.pk).update(state=Import.State.DONE)
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now())
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.error


def test_a_workspace_goes_by_its_own_weights(few: Cast) -> None:
    WeightSet.objects.create(workspace=few.workspace, number=3, data={"points": {"DOM11": 0}})
    assert auditing.weights_of(few.project).version == "M1.3"
    assert auditing.weights_of(few.other_project).version == "M1"


def test_the_command_prints_risk_bands_and_domains(few: Cast) -> None:
    out = StringIO()
    call_command("run_audit", project=f"{few.workspace.slug}/client.example", json=True, stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["risk"] == 0
    assert sum(answer["bands"].values()) == 1
    (only,) = answer["domains"]
    assert only["domain"] == "a.example"
    assert isinstance(only["risk"], int)
    assert {"id", "class", "points"} == set(only["markers"][0])


def test_a_project_without_links_has_a_number_too(cast: Cast, link_index: None) -> None:
    out = StringIO()
    call_command("run_audit", project="second.example", json=True, stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["risk"], answer["domains"]) == (0, [])
    with pytest.raises(CommandError, match="no project"):
        call_command("run_audit", project="nobody.example")
