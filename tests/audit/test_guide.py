"""Where each combination of answers leads."""

from itertools import product

import pytest

from audit.guide import ENDINGS, ending

ANSWERS = ("yes", "no", "unknown")


@pytest.mark.parametrize(
    ("manual", "bought", "fell", "name"),
    [
        ("no", "no", "", "nothing"), ("no", "unknown", "", "ask"), ("unknown", "no", "", "look"),
        ("unknown", "unknown", "", "look"), ("yes", "", "", "manual"), ("yes", "yes", "no", "manual"),
        ("no", "yes", "", "bought"), ("unknown", "yes", "", "bought"), ("no", "no", "no", "watch"),
        ("no", "no", "unknown", "watch"), ("no", "unknown", "no", "watch"), ("no", "no", "yes", "precaution"),
        ("unknown", "no", "yes", "look"),
    ],
)  # fmt: skip
def test_where_answers_lead(manual: str, bought: str, fell: str, name: str) -> None:
    found = ending({"manual": manual, "bought": bought, "fell": fell}, attack=bool(fell))
    assert found and found.name == name


def test_most_answers_say_that_nothing_is_to_be_disavowed() -> None:
    every = [ending({"manual": one, "bought": two}, attack=False) for one, two in product(ANSWERS, ANSWERS)]
    calm = [one for one in every if one and not one.prepares]
    assert len(calm) == 4 and all("disavow" in f"{one.title} {one.words}" for one in calm)
    for one in ENDINGS.values():
        assert one.prepares == one.title.startswith("Prepare")
        assert one.prepares or "ignore" in one.words or "nothing should be disavowed" in one.words


def test_what_is_missing_or_unknown_leads_nowhere() -> None:
    assert ending({}, attack=False) is None
    assert ending({"manual": "no", "bought": "maybe"}, attack=False) is None
    assert ending({"manual": "no", "bought": "no"}, attack=True) is None
    unseen = ending({"manual": "no", "bought": "no"}, attack=False, audited=False)
    assert unseen and unseen.name == "unseen" and "audited yet" in unseen.words
