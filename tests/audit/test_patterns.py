"""Scores from what is kept of an audit, beside those from its profile."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from numpy.random import Generator, default_rng

from audit import gather, patterns, score
from audit.auditing import judge
from audit.markers import MARKERS
from audit.markers.marker import BESIDE, CLEAR, FIRED, UNKNOWN, Cluster, Found
from audit.models import Audit
from audit.profile import DOMAINS, About, Profile
from audit.views.asked import run_of
from audit.weights import CAPS, STARTS, BadWeights, Weights, read
from backlinks import index
from tests.audit.audited import DAY_OF_AUDIT, audited
from tests.audit.profiles import frozen
from tests.conftest import Cast, Hold

DOMAINS_OF = 40
KINDS = 12  # how many ways there are for a link: so that some are alike


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def random_weights(chance: Generator) -> Weights:
    """Some markers off, some light, some heavy; other caps; links that pass nothing on count, or do not."""
    points = {
        name: float(chance.choice([0, 0, 0.5, 1, 2])) * start for name, start in STARTS.items() if chance.random() < 0.5
    }
    caps = {group: float(chance.integers(0, 101)) for group in CAPS}
    data = {"points": {name: max(-100.0, min(100.0, value)) for name, value in points.items()}, "caps": caps}
    return read("R", {**data, "further": float(chance.random()), "counts_nofollow": bool(chance.random() < 0.5)})


def random_profile(chance: Generator) -> Profile:
    links = [
        {
            "source": f"https://d{chance.integers(DOMAINS_OF)}.example/{chance.integers(4)}",
            "nofollow": int(chance.random() < 0.2), "ugc": int(chance.random() < 0.1), "sponsored": 0,
            "is_lost": int(chance.random() < 0.1), "last_seen": int(20_000 + 10 * chance.integers(90)),
        }
        for _ in range(400)
    ]  # fmt: skip
    return frozen(links, about=About(target="client.example", offered=frozenset({"malware"})))


def random_findings(chance: Generator, profile: Profile) -> dict[str, Found]:
    """Every marker says something of every row; rows repeat each other, as pages of one site do. Some have clusters."""
    found = {}
    for one in MARKERS:
        count = profile.rows(one.unit).count
        fires = chance.choice([0.02, 0.3])
        kinds = chance.choice([UNKNOWN, CLEAR, FIRED, BESIDE], KINDS, p=[0.3, 0.6 - fires, fires, 0.1])
        state = kinds[np.arange(count) % KINDS].astype(np.uint8)
        if not score.applies(one, profile):
            state[:] = UNKNOWN
        cluster, clusters = None, ()
        if one.unit == DOMAINS and one.id.startswith(("NET", "DOM")):
            clusters = (Cluster("a", tuple(range(DOMAINS_OF // 2))),)
            cluster = np.where(np.arange(count) < DOMAINS_OF // 2, 0, -1).astype(np.int32)
        found[one.id] = Found(state, np.full(count, np.nan, np.float32), None, cluster, clusters)
    return found


def kept_of(profile: Profile, facts: score.Facts, number: np.ndarray) -> patterns.Kept:
    """What the index would give back."""
    rows, flags = patterns.domains_of(profile, facts, number), patterns.flags_of(facts, number)
    words = [np.array(one, np.uint64) for one in flags["words"].to_pylist()]
    coded = rows["source_domain"].combine_chunks().dictionary_encode()
    pattern = rows["pattern"].to_numpy().astype(np.int64)
    known = patterns.facts_from(zip(flags["flag"].to_pylist(), words, strict=True), int(pattern.max()) + 1)
    nothing = np.zeros(0, np.uint8)
    codes, freshness = coded.indices.to_numpy().astype(np.int64), rows["freshness"].to_numpy()
    return patterns.Kept(coded.dictionary, nothing, nothing.astype(str), known, codes, pattern, freshness)


@pytest.mark.parametrize("seed", range(4))
def test_random_findings_score_the_same_by_any_weights(seed: int) -> None:
    chance = default_rng(seed)
    profile = random_profile(chance)
    findings = random_findings(chance, profile)
    facts = score.facts_of(profile, findings)
    assert facts.together
    number = patterns.numbered(profile, findings, facts)
    assert len(np.unique(number)) < facts.count
    kept = kept_of(profile, facts, number)
    names = profile.domains.text("name")
    order = [list(names.values).index(name) for name in kept.names.to_pylist()]
    for weights in (Weights(), *(random_weights(chance) for _ in range(12))):
        whole = score.score(profile, findings, weights)
        assert np.array_equal(score.of_facts(kept.facts, weights).risk[number], whole.links.risk)
        again = patterns.rescored(kept, weights)
        assert np.array_equal(again.risk, whole.domains.risk[order])
        assert np.array_equal(again.confidence, whole.domains.confidence[order])
        assert score.of_profile(again.risk, again.confidence)[::2] == (whole.risk, dict(whole.bands))


def test_links_have_one_pattern_where_every_marker_says_the_same() -> None:
    chance = default_rng(9)
    profile = random_profile(chance)
    findings = random_findings(chance, profile)
    facts = score.facts_of(profile, findings)
    number = patterns.numbered(profile, findings, facts)
    columns = [*facts.states.values(), *facts.together.values(), facts.lost, facts.silent]
    told = [tuple(int(column[row]) for column in columns) for row in range(facts.count)]
    assert len(set(told)) == len(np.unique(number)) == len(set(zip(told, number.tolist(), strict=True)))


def test_an_audit_is_scored_anew_from_the_index(cast: Cast, audit: Audit) -> None:
    kept = patterns.kept(run_of(audit))
    assert kept is not None
    profile = gather.freeze(cast.project, DAY_OF_AUDIT)
    names = [profile.domains.text("name").at(row) for row in range(profile.domains.count)]
    order = [names.index(name) for name in kept.names.to_pylist()]
    chance = default_rng(3)
    for weights in (Weights(), *(random_weights(chance) for _ in range(5))):
        whole = judge(profile, weights).scores
        again = patterns.rescored(kept, weights)
        assert np.array_equal(again.risk, whole.domains.risk[order])
        assert np.array_equal(again.confidence, whole.domains.confidence[order])
    assert np.array_equal(kept.risk, patterns.rescored(kept, Weights()).risk)
    assert set(kept.band[kept.risk >= 60]) == {"toxic"}


def test_an_audit_without_patterns_is_not_scored_anew(cast: Cast, audit: Audit) -> None:
    old = replace(run_of(audit), run=audit.number + 1)
    row = {"source_domain": ["a.example"], "risk": pa.array([60], pa.uint8()), "band": ["toxic"]}
    index.audits.add("audit_domains", old.target, old.workspace, old.run, pa.table(row), block=0)
    assert index.audits.bands(old.target, old.workspace, old.run).num_rows == 1
    assert patterns.kept(old) is None
    index.audits.forget(old.target, old.workspace, [old.run])
    assert len(patterns.kept(old).names) == 0


def test_what_is_no_number_is_refused() -> None:
    for value in (float("nan"), float("inf"), True, "3", 101):
        with pytest.raises(BadWeights):
            read("M1.1", {"points": {"NET02": value}})
