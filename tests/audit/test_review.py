"""Decisions about domains and the file that comes of them."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import disavowing, gather, review, steps
from audit.disavow.checks import NotConfirmed, NotWritten
from audit.models import Audit, Decision, DisavowVersion, ReviewStep
from audit.review import Undecided, Verdict
from audit.views.asked import run_of
from tests.audit.audited import FARM, audited
from tests.conftest import Cast, Hold


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def verdicts(cast: Cast) -> dict[str, str]:
    return {domain: one.verdict for domain, one in review.decided(cast.project).items()}


def test_a_decision_keeps_the_evidence_that_was_on_the_table(cast: Cast, audit: Audit) -> None:
    review.decide(cast.project, FARM[:2], "disavow", " bought links ", cast.editor, run_of(audit))
    made = review.decided(cast.project)["farm1.example"]
    assert (made.reason, made.made_by) == ("bought links", cast.editor)
    assert {"NET02", "NET03"} <= set(made.evidence)
    assert made.risk >= 60


def test_steps_are_taken_back_one_by_one(cast: Cast) -> None:
    review.decide(cast.project, ["a.example"], "keep", "", cast.editor)
    review.decide(cast.project, ["a.example", "b.example"], "disavow", "spam", cast.editor)
    review.decide(cast.project, ["b.example"], "", "", cast.editor)
    assert verdicts(cast) == {"a.example": "disavow"}
    assert review.undo(cast.project, cast.editor) == "Undecided again: b.example"
    assert verdicts(cast) == {"a.example": "disavow", "b.example": "disavow"}
    assert review.undo(cast.project, cast.editor) == "Disavow: 2 domains"
    assert verdicts(cast) == {"a.example": "keep"}
    assert review.undo(cast.project, cast.editor) == "Keep: a.example"
    assert verdicts(cast) == {}
    with pytest.raises(Undecided, match="nothing to take back"):
        review.undo(cast.project, cast.editor)


def test_undo_takes_back_what_one_did_oneself(cast: Cast) -> None:
    review.decide(cast.project, ["a.example"], "keep", "", cast.editor)
    with pytest.raises(Undecided):
        review.undo(cast.project, cast.admin)
    assert verdicts(cast) == {"a.example": "keep"}


def test_undo_leaves_what_somebody_else_has_decided_since(cast: Cast) -> None:
    review.decide(cast.project, ["a.example", "b.example"], "disavow", "spam", cast.editor)
    review.decide(cast.project, ["a.example"], "keep", "a partner", cast.admin)
    review.decide(cast.project, ["c.example"], "disavow", "spam", cast.editor)
    review.decide(cast.project, ["c.example"], "", "", cast.admin)
    with pytest.raises(Undecided, match="stays: somebody else"):
        review.undo(cast.project, cast.editor)
    assert review.undo(cast.project, cast.editor) == "Disavow: 2 domains, but for 1 domain that others changed since"
    assert verdicts(cast) == {"a.example": "keep"}
    with pytest.raises(Undecided, match="nothing to take back"):
        review.undo(cast.project, cast.editor)


def test_what_the_audit_does_not_know_is_not_decided(cast: Cast, audit: Audit) -> None:
    review.decide(cast.project, ["gone.example"], "keep", "", cast.editor)  # of an earlier audit
    odd = ["a/b", "co.uk", "a.example\ndomain:b.example", "x" * 100_000, "<script>", "FARM1.EXAMPLE"]
    with pytest.raises(Undecided, match="knows none"):
        review.decide(cast.project, odd, "remove", "", cast.editor, run_of(audit))
    review.decide(cast.project, [*odd, "gone.example", FARM[0]], "disavow", "spam", cast.editor, run_of(audit))
    assert verdicts(cast) == {"gone.example": "disavow", FARM[0]: "disavow"}


def test_only_the_last_steps_are_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "KEPT", 3)
    for number in range(5):
        review.decide(cast.project, [f"d{number}.example"], "keep", "", cast.editor)
    assert [one.about for one in ReviewStep.objects.all()] == [f"Keep: d{number}.example" for number in (4, 3, 2)]


@pytest.mark.parametrize(
    ("domains", "verdict", "reason", "words"),
    [
        ([], "keep", "", "No domain"),
        (["a.example"], "burn", "", "Choose what"),
        (["a.example"], "disavow", "  ", "Say why"),
        ([f"d{number}.example" for number in range(5_001)], "keep", "", "5,000"),
    ],
)
def test_what_cannot_be_decided_says_why(cast: Cast, domains: list[str], verdict: str, reason: str, words: str) -> None:
    with pytest.raises(Undecided, match=words):
        review.decide(cast.project, domains, verdict, reason, cast.editor)
    assert not verdicts(cast)


def test_kept_domains_are_partners_of_the_next_audit(cast: Cast) -> None:
    review.decide(cast.project, ["a.example"], "keep", "", cast.editor)
    review.decide(cast.project, ["b.example"], "disavow", "spam", cast.editor)
    assert gather.about_project(cast.project).partners == frozenset(("a.example",))


# --- The file ---------------------------------------------------------------------------------------------------
def test_the_file_holds_what_was_decided_with_who_when_and_why(cast: Cast, index_process: None, tmp_path: Path) -> None:
    review.decide(cast.project, ["spam.example", "worse.example"], "disavow", "bought\nlinks", cast.editor)
    review.decide(cast.project, ["fine.example"], "keep", "", cast.editor)
    review.decide(cast.project, ["asked.example"], "remove", "", cast.editor)
    out, file = StringIO(), tmp_path / "disavow.txt"
    call_command("export_disavow", project=str(cast.project.pk), out=str(file), json=True, stdout=out)
    answer = json.loads(out.getvalue())
    text = file.read_bytes().decode("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines == ["domain:spam.example", "domain:worse.example"]
    assert f"# Who: {cast.editor}, When: {timezone.now().date().isoformat()}" in text
    assert (answer["domains"], answer["urls"], answer["lines"]) == (2, 0, text.count("\n"))
    assert answer["bytes"] == len(file.read_bytes())
    version = DisavowVersion.objects.get()
    assert (version.text, version.number, version.is_proposal) == (text, 1, False)


def test_own_and_kept_domains_never_go_in(cast: Cast, index_process: None) -> None:
    for domain in ("client.example", "second.example"):
        Decision.objects.all().delete()
        review.decide(cast.project, [domain], "disavow", "no", cast.editor)
        with pytest.raises(NotWritten, match=domain):
            disavowing.write(cast.project, cast.owner, {})
    assert not DisavowVersion.objects.exists()


def test_a_protected_name_wants_a_word(cast: Cast, index_process: None) -> None:
    review.decide(cast.project, ["youtube.com"], "disavow", "a bad channel", cast.editor)
    with pytest.raises(NotConfirmed, match=r"youtube\.com"):
        disavowing.write(cast.project, cast.owner, {})
    with pytest.raises(CommandError, match="by name"):
        call_command("export_disavow", project=str(cast.project.pk))
    made = disavowing.write(cast.project, cast.owner, {"youtube.com": "the owner wants it", "a\0b": "asked by nobody"})
    assert made.confirmed == {"youtube.com": "the owner wants it"}


def test_what_was_uploaded_is_compared_with(cast: Cast, index_process: None) -> None:
    names = [f"spam{number}.example" for number in range(10)]
    review.decide(cast.project, names, "disavow", "spam", cast.editor)
    first = disavowing.write(cast.project, cast.owner, {})
    assert disavowing.uploaded(cast.project) is None
    DisavowVersion.objects.filter(pk=first.pk).update(uploaded_at=timezone.now())
    review.decide(cast.project, names[:1], "", "", cast.editor)
    with pytest.raises(NotConfirmed, match=r"spam0\.example"):
        disavowing.write(cast.project, cast.owner, {})
    assert disavowing.write(cast.project, cast.owner, {"removals": "a mistake"}).number == 2


def test_undecided_projects_get_the_proposal_of_the_audit(
    cast: Cast, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disavowing, "LEAST_CONFIDENCE", 0.0)
    plan = disavowing.planned(cast.project)
    assert plan.is_proposal
    assert [one.value for one in plan.entries] == list(FARM)
    assert "Same URL path (NET02)" in plan.entries[0].reason
    monkeypatch.setattr(disavowing, "LEAST_CONFIDENCE", 1.1)
    assert not disavowing.planned(cast.project).entries
    review.decide(cast.project, ["a.example"], Verdict.KEEP, "", cast.editor)
    assert not disavowing.planned(cast.project).is_proposal
