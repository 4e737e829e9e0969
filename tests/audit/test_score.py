"""Risk, confidence and gates, by the worked examples and by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from audit import score
from audit.markers import MARKERS
from audit.markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, Cluster, Found, by_id
from audit.profile import Profile
from audit.record import Judged, parts_of
from audit.score import bands_of
from audit.weights import BadWeights, Weights, read
from tests.audit.profiles import frozen

MARKED = by_id(MARKERS)
CONTEXT = {
    group: [one.id for one in MARKERS if one.group == group and one.kind == "C"]
    for group in ("ANC", "PLC", "PAG", "DOM")
}
# One link on each of four domains; the second pair shares a domain.
SITES = ("https://a.example/1", "https://b.example/1", "https://c.example/1", "https://c.example/2")


def profile_of(*facts: dict[str, object]) -> Profile:
    """Links with these columns, one on each of SITES."""
    plain = [
        {"source": site, "nofollow": 0, "ugc": 0, "sponsored": 0, "is_lost": 0, "last_seen": 20_758} for site in SITES
    ]
    return frozen([one | (facts[at] if at < len(facts) else {}) for at, one in enumerate(plain)])


def findings(profile: Profile, fired: dict[str, Sequence[int]], *, others: int = CLEAR) -> dict[str, Found]:
    """Markers that fired at these links; everywhere else, and of all other markers, `others`."""
    found = {}
    for one in MARKERS:
        rows, up = profile.rows(one.unit).count, profile.up(one.unit)
        state = np.full(rows, others, np.uint8)
        for link in fired.get(one.id, ()):
            state[link if up is None else up[link]] = FIRED
        found[one.id] = Found(state, np.full(rows, np.nan, np.float32))
    return found


def risks(fired: dict[str, Sequence[int]], *facts: dict[str, object], weights: Weights | None = None) -> list[int]:
    profile = profile_of(*facts)
    return score.score(profile, findings(profile, fired), weights or Weights()).links.risk.tolist()


def test_the_worked_examples_of_the_catalogue() -> None:
    much = [*CONTEXT["ANC"][:4], *CONTEXT["PLC"][:4], *CONTEXT["PAG"][:4]]
    assert risks({"NET02": [0], **dict.fromkeys(much, (0,))})[0] == 59  # 25 + 44, capped
    three = [CONTEXT["DOM"][0], CONTEXT["DOM"][1], CONTEXT["PAG"][0]]
    assert risks({"NET02": [0], "ANC05": [0], **dict.fromkeys(three, (0,))})[0] == 62
    assert risks(dict.fromkeys(CONTEXT["DOM"][:10], (0,)))[0] == 16


def test_further_evidence_of_a_group_counts_less_and_a_group_never_more_than_its_cap() -> None:
    assert risks({"NET02": [0]})[0] == 25
    assert risks({"NET02": [0], "NET03": [0]})[0] == 40
    assert risks({"NET02": [0], "NET03": [0], "NET04": [0], "NET05": [0]})[0] == 50
    assert risks({"ANC05": [0], "ANC10": [0], "NET02": [0], "NET03": [0]})[0] == 75  # 35 of 40, and 40


def test_sixty_needs_evidence_of_two_groups_of_which_the_whole_profile_is_one() -> None:
    dom = [one.id for one in MARKERS if one.group == "DOM" and one.kind == "E"][:3]
    context = dict.fromkeys([*CONTEXT["PLC"][:4], *CONTEXT["PAG"][:4]], (0,))
    assert risks({**dict.fromkeys(dom, (0,)), **context})[0] == 59
    assert risks({"PRO01": [0], "ANC04": [0], **context, **dict.fromkeys(CONTEXT["DOM"][:4], (0,))})[0] == 59
    assert risks({"PRO01": [0], "ANC04": [0], "NET02": [0]})[0] == 70
    assert risks({"ANC03": [0], "ANC04": [0], **context, **dict.fromkeys(CONTEXT["DOM"][:4], (0,))})[0] == 59


@pytest.mark.parametrize("fact", [{"is_lost": 1}, {"nofollow": 1}, {"ugc": 1}, {"sponsored": 1}])
def test_a_link_that_is_dead_or_passes_nothing_on_is_not_toxic(fact: dict[str, object]) -> None:
    strong = {"NET02": [0], "ANC05": [0], "PLC13": [0]}
    assert risks(strong)[0] == 100
    assert risks(strong, fact)[0] == 44


def test_whether_nofollow_counts_is_switched_and_dead_pages_stay_dead() -> None:
    strong = {"NET02": [0, 1], "ANC05": [0, 1], "NET03": [0, 1], "PAG07": [1]}
    assert risks(strong, {"nofollow": 1}, weights=Weights(counts_nofollow=True))[:2] == [65, 44]


def test_a_knock_out_makes_sixty_whatever_is_trusted() -> None:
    trusted = {one.id: [0, 1] for one in MARKERS if one.group == "TRU"}
    found = risks({"PAG16": [0], **trusted})
    assert found[0] == 60
    assert found[1] == 0


def test_trust_subtracts() -> None:
    assert risks({"NET02": [0, 1], "TRU02": [1]})[:2] == [25, 15]


def test_context_becomes_evidence_beside_evidence_of_another_group() -> None:
    assert risks({"PLC01": [0]})[0] == 4
    assert risks({"PLC01": [0], "NET02": [0]})[0] == 50
    assert risks({"NET06": [0], "NET02": [0]})[0] == 29  # of its own group: stays context
    profile = profile_of()
    found = findings(profile, {"PLC01": [0], "NET02": [0], "DOM11": [0]})
    judged = Judged(profile, found, Weights(), score.score(profile, found, Weights()))
    _, told = parts_of(judged, np.array([0]))
    ids, kinds, points = (told[name].to_pylist() for name in ("markers", "kinds", "points"))
    parts = {one: (kind, each) for one, kind, each in zip(ids, kinds, points, strict=True)}
    assert parts == {"PLC01": ("E", 25), "NET02": ("E", 25), "DOM11": ("C", 4)}


def test_context_becomes_evidence_on_the_same_set_of_domains_alone() -> None:
    profile = profile_of()
    found = findings(profile, {"PLC01": [0], "NET02": [0, 1, 2]})
    for shared, evidence in (((0, 1, 2), False), ((0, 1), True)):
        cluster = np.where(found["NET02"].fired, 0, -1).astype(np.int32)
        found["NET02"] = replace(found["NET02"], cluster=cluster, clusters=(Cluster("/all/938/13.html", shared),))
        assert bool(score.score(profile, found, Weights()).links.raised["PLC01"][0]) is evidence


def test_a_domain_has_the_risk_of_its_riskiest_link_and_says_how_many_share_it() -> None:
    profile = profile_of()
    made = score.score(profile, findings(profile, {"ANC05": [0, 3], "ANC10": [3]}), Weights()).domains
    assert made.risk.tolist() == [25, 0, 35]
    assert made.first.tolist() == [0, 1, 3]
    assert made.sharing.tolist() == [1, 1, 1]
    made = score.score(profile, findings(profile, {"ANC05": [2, 3]}), Weights()).domains
    assert made.sharing.tolist() == [1, 1, 2]


def test_confidence_is_the_weight_of_what_could_be_evaluated() -> None:
    profile = profile_of()
    everything = score.score(profile, findings(profile, {}), Weights())
    assert everything.links.confidence.tolist() == pytest.approx([1] * 4)
    nothing = score.score(profile, findings(profile, {}, others=UNKNOWN), Weights())
    assert nothing.links.confidence.tolist() == [0] * 4
    assert nothing.bands["unassessed"] == 3
    beside = score.score(profile, findings(profile, {"NET02": [0]}, others=BESIDE), Weights())
    assert beside.links.confidence.tolist() == [1, 0, 0, 0]


def test_an_old_look_lowers_confidence_by_a_third_at_most() -> None:
    profile = profile_of({}, {"last_seen": 20_758 - 455}, {"last_seen": 1}, {"last_seen": None})
    made = score.score(profile, findings(profile, {}), Weights()).links.confidence
    assert made.tolist() == pytest.approx([1, 0.7 + 0.3 * (365 - 455 + 90 + 0) / 365, 0.7, 0.7], abs=0.002)


def test_little_knowledge_is_no_all_clear_but_evidence_counts() -> None:
    risk, confidence = np.array([70, 50, 10, 10], np.uint8), np.array([0.1, 0.1, 0.1, 0.9], np.float32)
    assert bands_of(risk, confidence).tolist() == ["toxic", "potentially", "unassessed", "none"]


def test_the_profile_counts_registrable_domains() -> None:
    profile = profile_of()
    made = score.score(profile, findings(profile, {"NET02": [2, 3], "ANC05": [2, 3], "NET03": [2, 3]}), Weights())
    assert made.bands == {"toxic": 1, "potentially": 0, "none": 2, "unassessed": 0}
    assert made.risk == 100
    assert score.score(profile, findings(profile, {}), Weights()).risk == 0


def test_a_profile_without_links_has_a_number() -> None:
    profile = frozen([])
    made = score.score(profile, {one.id: one.test(profile, one.limits) for one in MARKERS}, Weights())
    assert (made.risk, made.confidence) == (0, 0.0)


def test_weights_of_a_workspace_are_checked() -> None:
    own = read("M1.2", {"points": {"NET02": 40, "DOM11": 0}, "caps": {"NET": 45}, "further": 0.5})
    assert risks({"NET02": [0], "NET03": [1], "DOM11": [0]}, weights=own)[:2] == [40, 25]
    for data, word in (
        ({"points": {"NOPE": 1}}, "no marker"),
        ({"points": {"NET02": -5}}, "add to"),
        ({"points": {"NET02": "x"}}, "no number"),
        ({"points": {"NET02": 500}}, "no number"),
        ({"caps": {"XYZ": 1}}, "no group"),
        ({"further": 2}, "share"),
    ):
        with pytest.raises(BadWeights, match=word):
            read("M1.3", data)
