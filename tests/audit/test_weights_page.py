"""Weights of a workspace: the page, what would change, saving, earlier versions."""

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from audit import auditing, patterns, weighing
from audit.auditing import weights_of
from audit.models import Audit, Decision, WeightSet
from audit.score import bands_of
from audit.views.asked import run_of
from audit.weights import BadWeights, Weights, read
from projects.models import AuditEntry
from tests.audit.audited import FARM, audited
from tests.backlinks.pages import soup_of, url_of
from tests.conftest import Cast, Hold

OFF = {"points": {"NET02": 0, "NET03": 0, "NET17": 0, "ANC03": 0}}


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def form_of(page: object) -> dict[str, str]:
    """What the form of the weights would send."""
    fields = page.select("form#weights input")
    return {one["name"]: one["value"] for one in fields if one.get("type") != "checkbox" or one.has_attr("checked")}


def hidden_of(page: object) -> dict[str, str]:
    saving = page.select_one("form[action$='weights/save/']")
    return {one["name"]: one["value"] for one in saving.select("input[name]")}


def test_the_form_holds_the_weights_in_use_and_others_read_them(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    page = soup_of(browse(cast.admin).get(url_of(cast.project, "audit/weights/")))
    assert form_of(page) == weighing.fields(Weights())
    assert form_of(page)["points.PLC13"] == "70"
    assert not page.select("form[action$='weights/save/']")
    page = soup_of(browse(cast.viewer).get(url_of(cast.project, "audit/weights/?points.NET02=0&version=0")))
    assert not page.select("form#weights input, #tried")
    assert "An admin of the workspace changes them" in page.get_text()


def test_a_preview_names_domains_that_change_band_and_saves_nothing(
    cast: Cast, audit: Audit, browse: type[Client]
) -> None:
    client = browse(cast.admin)
    path = url_of(cast.project, "audit/weights/")
    form = form_of(soup_of(client.get(path))) | {f"points.{name}": "0" for name in OFF["points"]}
    page = soup_of(client.get(path, form))
    tried = page.select_one("#tried").find_parent("section")
    expected = weighing.outcome(audit, read("", OFF))
    assert {one.domain for one in expected.changes} == set(FARM)
    assert f"{len(FARM)} domains of 11 would change their band" in tried.get_text(" ", strip=True)
    shown = page.select("details tbody tr")
    assert sorted(row.a.get_text(strip=True) for row in shown) == list(FARM)
    for row in shown:
        before, after = (int(cell.get_text()) for cell in row.select("td.num"))
        assert before >= 60 > after
    assert form_of(page)["points.NET02"] == "0"
    assert not WeightSet.objects.exists()
    assert weights_of(cast.project) == Weights()


def test_what_was_tried_is_saved_as_a_version_and_an_audit_goes_by_it(
    cast: Cast, audit: Audit, browse: type[Client]
) -> None:
    client = browse(cast.admin)
    path = url_of(cast.project, "audit/weights/")
    page = soup_of(client.get(path, {"points.NET02": "12.3456789", "cap.DOM": " 30,5 ", "further": "0.5"}))
    form = hidden_of(page) | {"note": "  too loud "}
    answer = client.post(url_of(cast.project, "audit/weights/save/"), form, follow=True)
    row = WeightSet.objects.get()
    assert (row.number, row.note, row.created_by, row.workspace) == (1, "too loud", cast.admin, cast.workspace)
    assert row.data == {"points": {"NET02": 12.3456789}, "caps": {"DOM": 30.5}, "further": 0.5}
    assert weights_of(cast.project).of("NET02") == 12.3456789
    assert weights_of(cast.project).version == "M1.1"
    text = soup_of(answer).select_one("#versions").find_parent("section").get_text(" ", strip=True)
    assert "NET02 Same URL path: 25 to 12.3456789" in text
    entry = AuditEntry.objects.get(action="weights.saved")
    assert "NET02: 25 to 12.3456789" in entry.detail["changed"]
    assert (entry.who, entry.workspace) == (cast.admin, cast.workspace)
    again = client.post(url_of(cast.project, "audit/weights/save/"), form, follow=True)
    assert "Nothing differs" in again.content.decode()
    assert WeightSet.objects.count() == 1


def test_an_earlier_version_is_made_current_as_a_new_one(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    client = browse(cast.admin)
    path, save = url_of(cast.project, "audit/weights/"), url_of(cast.project, "audit/weights/save/")
    first = weighing.save(cast.workspace, {"points": {"NET02": 5}}, "", cast.admin)
    weighing.save(cast.workspace, {"points": {"NET03": 5}, "counts_nofollow": True}, "", cast.admin)
    page = soup_of(client.get(path, {"version": "1"}))
    assert page.select_one("#tried ~ ul").get_text(" ", strip=True).count(" to ") == 3
    client.post(save, hidden_of(page))
    newest = WeightSet.objects.order_by("-number").first()
    assert (newest.number, newest.data, newest.note) == (3, first.data, "Version 1 again")
    client.post(save, hidden_of(soup_of(client.get(path, {"version": "0"}))))
    assert weights_of(cast.project) == Weights("M1.4")
    assert WeightSet.objects.get(number=1).data == {"points": {"NET02": 5.0}}
    for number in ("77", "²", "9" * 40, "-1", "x"):
        assert client.get(path, {"version": number}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"points.NET02": "many"}, "is no number"),
        ({"points.NET02": "nan"}, "is no number from"),
        ({"points.NET02": "-5"}, "must add to the risk"),
        ({"points.TRU01": "5"}, "must take from the risk"),
        ({"cap.DOM": "-1"}, "a cap is 0 or more"),
        ({"further": "1.5"}, "a share from 0 to 1"),
    ],
)
def test_what_cannot_be_weights_is_said(
    cast: Cast, index_process: None, browse: type[Client], fields: dict[str, str], words: str
) -> None:
    client = browse(cast.admin)
    page = soup_of(client.get(url_of(cast.project, "audit/weights/"), fields))
    assert words in page.select_one(".alert-danger").get_text()
    assert not page.select("form[action$='weights/save/']")
    (name, text), *_ = fields.items()
    assert form_of(page)[name] == text
    answer = client.post(url_of(cast.project, "audit/weights/save/"), fields, follow=True)
    assert words in answer.content.decode()
    assert not WeightSet.objects.exists()


def test_only_an_admin_saves(cast: Cast, index_process: None, browse: type[Client]) -> None:
    for user in (cast.client, cast.viewer, cast.editor):
        answer = browse(user).post(url_of(cast.project, "audit/weights/save/"), {"points.NET02": "5"})
        assert answer.status_code == 403
    assert browse(cast.client).get(url_of(cast.project, "audit/weights/")).status_code == 403
    assert not WeightSet.objects.exists()


def test_other_audits_of_the_workspace_are_counted_those_without_patterns_named(
    cast: Cast, audit: Audit, browse: type[Client]
) -> None:
    done = {"as_of": audit.as_of, "finished_at": timezone.now(), "links": 1}
    Audit.objects.create(project=cast.second_project, number=1, domains=5, **done)
    Audit.objects.create(project=cast.other_project, number=2, **done)
    earlier = Audit.objects.create(project=cast.project, number=audit.number + 7, **done)
    Audit.objects.filter(pk=earlier.pk).update(finished_at=timezone.now() - timezone.timedelta(days=1))
    audits = weighing.others([cast.project, cast.second_project], audit)
    assert [one.number for one in audits] == [1, earlier.number]
    same = Audit(project=cast.project, number=audit.number, links=12, domains=11)
    found, left = weighing.outcomes([same, Audit(project=cast.project, number=3, links=9_000_000)], read("", OFF))
    assert ([one.count for one in found], left) == ([len(FARM)], 1)


def test_an_outcome_is_what_an_audit_would_say(cast: Cast, audit: Audit) -> None:
    new = read("", OFF)
    made = weighing.outcome(audit, new)
    scores = auditing.judge(auditing.freeze(cast.project, audit.as_of), new).scores
    assert (made.risk, dict(made.bands)) == (scores.risk, dict(scores.bands))
    assert made.count == len(FARM)
    kept = patterns.kept(run_of(audit))
    again = patterns.rescored(kept, Weights())
    assert np.array_equal(bands_of(again.risk, again.confidence), kept.band)
    same = weighing.outcome(audit, Weights())
    assert (same.count, same.risk_only, same.changes, same.risk) == (0, 0, (), audit.risk)


def test_proposals_are_taken_into_the_form_and_no_further(cast: Cast, audit: Audit, browse: type[Client]) -> None:
    decided = [("keep", f"good{at}.example") for at in range(37)] + [("disavow", f"bad{at}.example") for at in range(3)]
    Decision.objects.bulk_create(
        Decision(project=cast.project, domain=domain, verdict=verdict, evidence=["PAG13"], made_at=timezone.now())
        for verdict, domain in decided
    )
    client = browse(cast.admin)
    path = url_of(cast.project, "audit/weights/")
    page = soup_of(client.get(path))
    row = page.select_one("#proposals").find_parent("section").select_one("tbody tr")
    assert "3 of 40" in row.get_text()
    assert form_of(page)["points.PAG13"] == "4"
    page = soup_of(client.get(path, {"accept": [row.input["value"], "NET02"]}))
    assert form_of(page)["points.PAG13"] == "2"
    assert form_of(page)["points.NET02"] == "25"
    assert not WeightSet.objects.exists()
    client.post(url_of(cast.project, "audit/weights/save/"), hidden_of(page))
    assert WeightSet.objects.get().data == {"points": {"PAG13": 2.0}}
    assert not soup_of(client.get(path)).select("#proposals")


def test_nothing_different_is_no_version(cast: Cast) -> None:
    with pytest.raises(BadWeights, match="Nothing differs"):
        weighing.save(cast.workspace, {"points": {"NET02": 25}, "further": 0.6}, "", cast.admin)
    assert not WeightSet.objects.exists()
