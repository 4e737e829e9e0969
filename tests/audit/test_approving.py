"""The second person: what counts before and after, who may not, and taking it back."""

import pytest

from audit import approving, disavowing, review
from audit.models import Comment, ReviewSettings
from audit.review import Undecided
from tests.conftest import Cast

PAIR = ("a.example", "b.example")


@pytest.fixture
def decided(cast: Cast) -> Cast:
    ReviewSettings.objects.create(project=cast.project, needs_second=True)
    review.decide(cast.project, PAIR, "disavow", "bought", cast.editor)
    return cast


def entries(cast: Cast) -> list[str]:
    return [one.value for one in disavowing.planned(cast.project).entries]


def test_nothing_waits_where_nobody_asks(cast: Cast) -> None:
    review.decide(cast.project, PAIR, "disavow", "bought", cast.editor)
    assert entries(cast) == list(PAIR)
    assert disavowing.planned(cast.project).waiting == 0
    with pytest.raises(Undecided, match="no second person"):
        approving.approve(cast.project, PAIR, cast.admin)


def test_a_disavowal_counts_once_somebody_else_approved_it(decided: Cast) -> None:
    assert (entries(decided), disavowing.planned(decided.project).waiting) == ([], 2)
    with pytest.raises(Undecided, match="Somebody else"):
        approving.approve(decided.project, PAIR, decided.editor)
    assert approving.approve(decided.project, PAIR[:1], decided.admin).about == "Approved: a.example"
    assert (entries(decided), disavowing.planned(decided.project).waiting) == (["a.example"], 1)
    one = review.decided(decided.project)["a.example"]
    assert (one.made_by, one.approved_by) == (decided.editor, decided.admin)
    with pytest.raises(Undecided, match="None of these"):
        approving.approve(decided.project, PAIR[:1], decided.owner)


def test_deciding_anew_asks_anew_and_undo_brings_the_approval_back(decided: Cast) -> None:
    approving.approve(decided.project, PAIR, decided.admin)
    before = review.decided(decided.project)["a.example"]
    review.decide(decided.project, PAIR[:1], "disavow", "another reason", decided.editor)
    assert entries(decided) == ["b.example"]
    review.undo(decided.project, decided.editor)
    after = review.decided(decided.project)["a.example"]
    assert (after.approved_by, after.approved_at, after.made_at) == (decided.admin, before.approved_at, before.made_at)
    assert review.undo(decided.project, decided.admin) == "Approved: 2 domains"
    assert entries(decided) == []
    assert disavowing.planned(decided.project).waiting == 2


def test_a_refusal_takes_the_decision_away_and_says_why(decided: Cast) -> None:
    approving.refuse(decided.project, PAIR[:1], " an honest blog ", decided.admin)
    assert set(review.decided(decided.project)) == {"b.example"}
    said = Comment.objects.get()
    assert (said.domain, said.user, said.text) == ("a.example", decided.admin, "Refused to disavow: an honest blog")
    review.undo(decided.project, decided.admin)
    assert review.decided(decided.project)["a.example"].reason == "bought"


def test_without_a_second_person_nothing_is_proposed_either(cast: Cast) -> None:
    ReviewSettings.objects.create(project=cast.project, needs_second=True)
    plan = disavowing.planned(cast.project)
    assert (plan.entries, plan.is_proposal) == ((), False)
