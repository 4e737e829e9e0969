"""What is kept of long disavow files: its stamps change with every decision, also where one is taken back."""

from audit import readings, review
from tests.conftest import Cast


def test_a_step_back_behind_another_decision_is_another_list(cast: Cast, link_index: None) -> None:
    review.decide(cast.project, ["a.test"], "keep", "", cast.admin)
    review.decide(cast.project, ["a.test"], "disavow", "bought", cast.editor)
    review.decide(cast.project, ["b.test"], "keep", "", cast.owner)
    before = readings.list_stamp(cast.project), readings.around_stamp(cast.project)
    review.undo(cast.project, cast.editor)  # a.test is kept again, and b.test is still what was decided last
    after = readings.list_stamp(cast.project), readings.around_stamp(cast.project)
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert after == (readings.list_stamp(cast.project), readings.around_stamp(cast.project))
