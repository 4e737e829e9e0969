"""Why an anchor has its class, in words, and whether evidence may rest on it."""

from collections.abc import Mapping
from typing import Any

from django.utils.timezone import localdate

from backlinks import index

from .classes import LABELS
from .models import AnchorClass

STANDINGS = {
    index.anchorreview.REVIEW: "To review",
    index.anchorreview.CONFIRMED: "Reviewed",
    index.anchorreview.CERTAIN: "Certain by rule",
    index.anchorreview.GUESS: "Nothing rests on it",
}
CERTAIN = {
    "brand": "A brand term as it is listed, or the name of the domain.",
    "exact": "A keyword as it is listed.",
    "naked": "An address.",
    "generic": "On the list of generic texts.",
}
GUESSES = {
    "brand": "Has a brand term in it.",
    "compound": "Has a brand term and a keyword in it.",
    "other": "No rule knows these words.",
}


def why(row: Mapping[str, Any], terms: index.Terms, domain: str, said: AnchorClass | None) -> str:
    """Of a row of the review of anchors; `said` is what somebody made of it."""
    if said is not None:
        return _by_hand(row, said)
    kind = row["anchor_class"]
    if row["standing"] == index.anchorreview.CERTAIN:
        return CERTAIN.get(kind, "")
    if kind == "exact":
        is_name = index.same_words(domain.partition(".")[0], row["words"])
        return "A keyword that is the name of the domain." if is_name else "A keyword with a brand term in it."
    if kind == "partial":
        held = index.keyword_in(row["words"], terms)
        return f"Has the words of “{held}” among others." if held else "Has the words of a keyword among others."
    return GUESSES.get(kind, "")


def _by_hand(row: Mapping[str, Any], said: AnchorClass) -> str:
    who = str(said.made_by) if said.made_by else "Somebody who left"
    ruled = row["rule_class"]
    rule = "as the rules do" if ruled == said.kind else f"the rules say {LABELS.get(ruled, ruled).lower()}"
    return f"{who} said so on {localdate(said.made_at):%Y-%m-%d}; {rule}."
