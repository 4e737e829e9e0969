"""Pages of what changed since the audit before, alerts until somebody has seen them, and settings of audits."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import since
from audit.models import Alert, Audit, ReviewSettings
from audit.pages import project_figures
from projects.models import AuditEntry, Project
from tests.audit.test_since import HAPPENED, twice_audited
from tests.backlinks.pages import csv_of, rows_of, soup_of, url_of
from tests.conftest import Cast, Hold


@pytest.fixture
def two(cast: Cast, held_index: Hold) -> Audit:
    made = twice_audited(cast, held_index)
    made.facts = {since.SINCE: since.figures(since.run_since(made))}
    Audit.objects.filter(number=1).update(as_of=made.as_of - timedelta(days=7), risk=10)
    made.risk, made.bands, made.domains = 40, {"toxic": 9, "none": 4}, 13
    made.save()
    return made


def names(page: object) -> set[str]:
    return {row.select_one("td.text").get_text(strip=True).removesuffix(".example") for row in rows_of(page)}


def test_the_overview_leads_to_what_changed(cast: Cast, two: Audit, browse: type[Client]) -> None:
    client = browse(cast.client)
    page = soup_of(client.get(url_of(cast.project, "audit/")))
    rows = page.select_one("#changes").find_parent("section").select("tbody tr")
    told = {row.th.get_text(): [one.get_text(strip=True) for one in row.select("td")] for row in rows}
    assert told == {"New": ["9", "7"], "Lost": ["1", "0"], "Came back": ["1", "1"], "No longer known": ["1", "1"]}
    for row in rows:
        for link in row.select("a"):
            assert len(names(soup_of(client.get(link["href"])))) == int(link.get_text())
    chart = json.loads(page.select_one("script#audit-trend").string)
    assert [one["name"] for one in chart["series"]] == ["Risk", "Confidence, %", "Domains with evidence"]
    assert [one["values"] for one in chart["series"]] == [[10, 40], [0, 0], [0, 9]]


def test_lists_of_changes(cast: Cast, two: Audit, browse: type[Client]) -> None:
    client, changes = browse(cast.client), url_of(cast.project, "audit/changes/")
    page = soup_of(client.get(changes))
    assert names(page) == set(HAPPENED)
    links = {row.select_one("td.text").get_text(strip=True): row.select_one("td.text a") for row in rows_of(page)}
    assert links["fades.example"]["href"] == url_of(cast.project, "audit/domains/fades.example/")
    assert links["leaves.example"] is None
    back = soup_of(client.get(f"{changes}?happened=back"))
    assert names(back) == {"comes"}
    assert back.select_one(".switch [aria-current]").get_text(strip=True) == "Came back 1"
    heads, *rows = csv_of(client.get(f"{changes}?happened=gone&export=csv"))
    assert dict(zip(heads, rows[0], strict=True))["What happened"] == "No longer known"
    new = soup_of(client.get(url_of(cast.project, "audit/domains/?new=yes")))
    assert names(new) == {name for name, what in HAPPENED.items() if what == "new"}


def test_a_single_audit_has_nothing_to_compare_with(cast: Cast, two: Audit, browse: type[Client]) -> None:
    Audit.objects.exclude(pk=two.pk).delete()
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "audit/changes/")))
    assert "Nothing to compare with yet" in page.get_text()
    assert not page.select("form[action$='audit/start/']")


def test_an_alert_is_shown_until_somebody_has_seen_it(cast: Cast, two: Audit, browse: type[Client]) -> None:
    alert = Alert.objects.create(project=cast.project, audit=two, name="attack", text="An <i>attack</i>.")
    seen, overview = url_of(cast.project, f"audit/alerts/{alert.pk}/seen/"), url_of(cast.project, "audit/")
    assert "An &lt;i&gt;attack&lt;/i&gt;." in browse(cast.viewer).get(overview).content.decode()
    assert browse(cast.viewer).post(seen).status_code == 403
    client = browse(cast.editor)
    page = soup_of(client.get(overview))
    assert page.select_one(f'form[action="{seen}"] button')
    for _ in range(2):
        client.post(seen)
    assert not soup_of(client.get(overview)).select(".audit-alert")
    assert AuditEntry.objects.filter(action="audit.alert_seen", who=cast.editor).count() == 1


def test_cards_of_projects_have_risk_and_alerts(cast: Cast, two: Audit) -> None:
    Alert.objects.create(project=cast.project, audit=two, name="attack", text="!")
    both = list(Project.objects.filter(workspace=cast.workspace).select_related("workspace").order_by("pk"))
    asked = []
    for some in (both[:1], both):
        with CaptureQueriesContext(connection) as found:
            figures = project_figures(some)
        asked.append(len(found))
    assert asked[0] == asked[1]
    note = f"of 100, {two.bands['toxic']} domains with evidence, 1 alert to see"
    assert [(one.value, one.note) for one in figures[cast.project.pk]] == [(40, note)]
    assert [(one.value, one.note) for one in figures[cast.second_project.pk]] == [(None, "not audited yet")]


def test_admins_say_how_a_project_is_audited(cast: Cast, browse: type[Client]) -> None:
    settings, client = url_of(cast.project, "audit/settings/"), browse(cast.admin)
    assert browse(cast.editor).get(settings).status_code == 403
    assert soup_of(client.get(settings)).select_one("option[selected]")["value"] == "7"
    client.post(settings, {"every_days": "0", "needs_second": "on"})
    own = ReviewSettings.objects.get(project=cast.project)
    assert (own.every_days, own.needs_second) == (0, True)
    assert AuditEntry.objects.get(action="audit.settings").detail["every_days"] == [7, 0]
    assert "never by itself" in browse(cast.viewer).get(url_of(cast.project, "audit/")).content.decode()
    assert client.post(settings, {"every_days": "5"}).status_code == 422
    ReviewSettings.objects.update(every_days=45)
    assert soup_of(client.get(settings)).select_one("option[selected]").get_text() == "Every 45 days"
