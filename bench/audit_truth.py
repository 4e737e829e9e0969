"""Does the audit find what is bad, and leave alone what only looks it? And how sure is a risk?

Makes profiles of which the truth is known (truthscenes.py): 0 to 40 % bad, honest look-alikes among the good, from a
seed. Audits each with all sources, without visits of pages, without the graph, and with exports alone, and prints by
registrable domain: precision and recall at 60, how many honest small sites are called toxic (aim: below 1 %), scene by
scene what was said, how often each risk is right, and which markers stand behind what went wrong. Beside it a naive
score, the sum of the points of all markers that fired, at the same threshold and at its best one.

    python bench/audit_truth.py [--seeds 4] [--first 0] [--launch 0.35] [--plot FILE.svg] [--markers] [--reviewed]

A domain is bad where its links were placed to rank and pass something on. Spam comments that pass nothing on are
neither good nor bad and are shown only. Nobody has reviewed the anchors, unless `--reviewed` says that somebody
confirmed the class of each.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from truthplot import draw  # noqa: E402
from truthscenes import profile as sites_of  # noqa: E402
from truthsites import ABOUT, BAD, GOOD, PRODUCT, Site, told  # noqa: E402

from audit import score  # noqa: E402
from audit.columns import COLUMNS  # noqa: E402
from audit.markers import MARKERS  # noqa: E402
from audit.markers.marker import CONTEXT, EVIDENCE, FIRED, KNOCK_OUT, Found  # noqa: E402
from audit.profile import Profile, Rows, Words, of_links  # noqa: E402
from audit.record import Judged, parts_of  # noqa: E402
from audit.weights import Weights  # noqa: E402
from tests.audit.profiles import frozen  # noqa: E402

AIM = 0.01
PROPOSED = 0.5  # confidence from which a file proposes a domain
PROFILES = ((150, 0.0), (1_500, 0.0), (300, 0.1), (800, 0.05), (1_200, 0.2), (2_000, 0.4))  # domains, share of bad
SETTINGS: Mapping[str, frozenset[str]] = {
    "all sources": frozenset(),
    "no visits": frozenset(("visit",)),
    "no graph": frozenset(("graph", "popularity", "topics")),
    "exports alone": frozenset(("visit", "graph", "popularity", "topics", "registry", "addresses")),
}
NAMED = "product a brand"  # all sources, and the project calls its product a brand, not a keyword
BINS = range(0, 100, 10)
Said = Callable[["Verdict"], float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one domain, and the truth. `parts`: what fired at its riskiest link, (marker, class)."""

    profile: str
    setting: str
    scene: str
    truth: str
    is_small: bool
    risk: int
    confidence: float
    naive: float
    gates: int
    parts: tuple[tuple[str, str], ...]

    @property
    def evidence(self) -> list[str]:
        return [name for name, kind in self.parts if kind in (EVIDENCE, KNOCK_OUT)]


# --- Audits -----------------------------------------------------------------------------------------------------------
def profile_of(sites: Sequence[Site]) -> Profile:
    """Frozen, with all that the sources say."""
    links, pages = [], {}
    for _, url, page, link in told(sites):
        pages.setdefault(url, page)
        links.append({"source": url, "target": str(link["target_url"]).partition("://")[2], **link})
    return frozen(links, pages=pages, domains={site.name: _whole(site) for site in sites}, about=ABOUT)


def _whole(site: Site) -> dict[str, object]:
    first = min(link["first_seen"] for _, link in site.links)
    return {"first_seen": first, "links": len(site.links), "hosts": 1, "state": "live"} | site.facts


def without(profile: Profile, sources: frozenset[str]) -> Profile:
    """The same profile where these sources are missing."""
    units = {unit: _fewer(profile.rows(unit), unit, sources) for unit in ("links", "pages", "domains")}
    about = replace(profile.about, offered=profile.about.offered - sources)
    return replace(profile, about=about, **units)


def _fewer(rows: Rows, unit: str, sources: frozenset[str]) -> Rows:
    gone = {one.name for one in COLUMNS if one.unit == unit and one.source in sources}
    kept = ({name: one for name, one in table.items() if name not in gone} for table in _tables(rows))
    return Rows(rows.count, *kept)


def named(profile: Profile) -> Profile:
    """The same profile of a project whose product is one of its brands."""
    links, product = profile.links, PRODUCT.lower()
    texts, kinds = links.text("anchor"), links.text("anchor_class")
    is_named = texts.each(lambda text: product in text.lower()) == 1
    classes = ["brand" if brand else kinds.at(row) for row, brand in enumerate(is_named.tolist())]
    about = replace(
        profile.about,
        brands=(*profile.about.brands, product),
        keywords=tuple(one for one in profile.about.keywords if one != product),
    )
    return replace(profile, about=about, links=replace(links, texts={**links.texts, "anchor_class": Words.of(classes)}))


def confirmed(profile: Profile) -> Profile:
    """The same profile with reviewed anchors."""
    sure = Rows(profile.links.count, {"anchor_sure": np.ones(profile.links.count, np.float32)})
    return replace(profile, links=profile.links.joined(sure))


def _tables(rows: Rows) -> tuple[Mapping[str, object], ...]:
    return rows.numbers, rows.texts, rows.sets, rows.prints


def audited(name: str, setting: str, profile: Profile, sites: Sequence[Site]) -> list[Verdict]:
    findings = {one.id: one.test(profile, one.limits) for one in MARKERS}
    weights = Weights()
    scores = score.score(profile, findings, weights)
    naive = _naive(profile, findings, weights)
    by_name = {site.name: site for site in sites}
    names, verdicts = profile.domains.text("name"), []
    parts = _parts(Judged(profile, findings, weights, scores))
    for row in range(profile.domains.count):
        site, link = by_name[names.at(row)], int(scores.domains.first[row])
        verdicts.append(
            Verdict(
                name, setting, site.scene, site.truth, site.is_small,
                int(scores.domains.risk[row]), float(scores.domains.confidence[row]), float(naive[row]),
                int(scores.links.gates[link]), parts[row],
            )
        )  # fmt: skip
    return verdicts


def _parts(judged: Judged) -> list[tuple[tuple[str, str], ...]]:
    """(marker, class) of what fired at the riskiest link of each domain."""
    sizes, parts = parts_of(judged, judged.scores.domains.first)
    pairs = list(zip(parts["markers"].to_pylist(), parts["kinds"].to_pylist(), strict=True))
    ends = np.cumsum(sizes).tolist()
    return [tuple(pairs[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _naive(profile: Profile, findings: Mapping[str, Found], weights: Weights) -> np.ndarray:
    """Of each domain the largest sum of the points of whatever fired at one of its links."""
    total = np.zeros(profile.links.count)
    for one in MARKERS:
        total += weights.of(one.id) * (of_links(profile, one.unit, findings[one.id].state) == FIRED)
    largest = np.zeros(profile.domains.count)
    np.maximum.at(largest, profile.domain, np.clip(total, 0, 100))
    return largest


# --- Figures ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Rates:
    """At one threshold; NaN where there is nothing to divide by. `wrong` is the share of honest small sites."""

    precision: float
    recall: float
    wrong: float

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], said: Said, threshold: float) -> "Rates":
        counts = Counter((one.truth, said(one) >= threshold, one.is_small) for one in verdicts)

        def count(truth: str, called: bool, *small: bool) -> int:  # noqa: FBT001
            return sum(counts[truth, called, one] for one in small or (False, True))

        hits, alarms = count(BAD, True), count(GOOD, True)
        small = count(GOOD, True, True) + count(GOOD, False, True)
        return cls(
            _share(hits, hits + alarms), _share(hits, hits + count(BAD, False)), _share(count(GOOD, True, True), small)
        )

    @property
    def both(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)

    def __str__(self) -> str:
        return f"{_percent(self.precision)} {_percent(self.recall)} {_percent(self.wrong, 2)}"


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def _percent(value: float, digits: int = 1) -> str:
    return f"{'-':>8}" if value != value else f"{100 * value:7.{digits}f}%"


def of_risk(one: Verdict) -> float:
    return one.risk


def of_proposal(one: Verdict) -> float:
    """What a file proposes where nobody has decided."""
    return one.risk if one.confidence >= PROPOSED else 0


def of_naive(one: Verdict) -> float:
    return one.naive


def best_threshold(verdicts: Sequence[Verdict]) -> int:
    """Of the naive sum, by the harmonic mean of precision and recall."""
    return max(range(1, 101), key=lambda limit: np.nan_to_num(Rates.of(verdicts, of_naive, limit).both))


def mild_threshold(verdicts: Sequence[Verdict], most: float) -> int:
    """Of the naive sum the lowest at which no more honest small sites are called toxic than this share; 100, its
    highest, where it has none."""
    return next((limit for limit in range(1, 100) if Rates.of(verdicts, of_naive, limit).wrong <= most), 100)


# --- Tables -----------------------------------------------------------------------------------------------------------
def print_rates(verdicts: Sequence[Verdict], aside: Sequence[Verdict]) -> None:
    best = best_threshold(verdicts)
    print(f"{'':30} {'ours at 60':^26}   {'naive at 60':^26}   {f'naive at {best}, its best':^26}")
    print(f"{'':30}" + 3 * f" {'precis.':>8} {'recall':>8} {'small':>8}  ")
    for setting in SETTINGS:
        chosen = [one for one in verdicts if one.setting == setting]
        for name in dict.fromkeys(one.profile for one in chosen):
            _rates_line(f"  {name}", [one for one in chosen if one.profile == name], best)
        _rates_line(setting, chosen, best)
    _rates_line("in all", verdicts, best)
    _rates_line(f"aside: {NAMED}", aside, best)
    mild = mild_threshold(verdicts, Rates.of(verdicts, of_risk, score.TOXIC).wrong)
    print(f"{f'naive at {mild}, at its mildest':30} {Rates.of(verdicts, of_naive, mild)}")
    print(f"{f'confidence from {PROPOSED}':30} {Rates.of(verdicts, of_proposal, score.TOXIC)}  (a file proposes these)")


def _rates_line(name: str, verdicts: Sequence[Verdict], best: int) -> None:
    tried = ((of_risk, score.TOXIC), (of_naive, score.TOXIC), (of_naive, best))
    print(f"{name:30}" + "  ".join(f" {Rates.of(verdicts, said, limit)}" for said, limit in tried), flush=True)


def print_scenes(verdicts: Sequence[Verdict]) -> None:
    """What was said of each scene, as shares of its domains."""
    print(f"\n{'scene':28} {'truth':6}" + "".join(f"{name:>16}" for name in (*SETTINGS, NAMED)) + f"{'naive, all':>16}")
    print(f"{'':28} {'':6}" + (len(SETTINGS) + 1) * f"{'from 60':>9}{'45-59':>7}" + f"{'from 60':>16}")
    scenes = sorted({(one.truth, one.scene) for one in verdicts})
    for truth, scene in scenes:
        cells = ""
        chosen = [one for one in verdicts if (one.truth, one.scene) == (truth, scene)]
        for setting in (*SETTINGS, NAMED):
            risks = [one.risk for one in chosen if one.setting == setting]
            toxic, doubtful = (sum(low <= one < high for one in risks) for low, high in ((60, 101), (45, 60)))
            cells += f"{100 * toxic / len(risks):8.1f}%{100 * doubtful / len(risks):6.1f}%"
        naive = [one.naive >= score.TOXIC for one in chosen if one.setting == "all sources"]
        print(f"{scene:28} {truth:6}{cells}{100 * np.mean(naive):15.1f}%")


def calibration(verdicts: Sequence[Verdict], said: Said) -> list[tuple[int, int, float]]:
    """(lower end, domains, share bad) of each bin of a score; inert ones are left out."""
    judged = [one for one in verdicts if one.truth in (GOOD, BAD)]
    found = []
    for low in BINS:
        inside = [one.truth == BAD for one in judged if low <= said(one) < low + 10 + (low == BINS[-1])]
        found.append((low, len(inside), float(np.mean(inside)) if inside else float("nan")))
    return found


def print_calibration(ours: Sequence[tuple[int, int, float]], naive: Sequence[tuple[int, int, float]]) -> None:
    print(f"\n{'score':8} {'ours: domains':>14} {'bad':>8} {'naive: domains':>16} {'bad':>8}")
    for (low, count, share), (_, naively, wrong) in zip(ours, naive, strict=True):
        name = f"{low}-{low + 9 + (low == BINS[-1])}"
        print(f"{name:8} {count:14,} {_percent(share)} {naively:16,} {_percent(wrong)}")


def print_causes(verdicts: Sequence[Verdict]) -> None:
    """The evidence behind false alarms, and what held misses back."""
    alarms = [one for one in verdicts if one.truth == GOOD and one.risk >= score.TOXIC]
    misses = [one for one in verdicts if one.truth == BAD and one.risk < score.TOXIC]
    print(f"\n{len(alarms):,} false alarms by evidence, {len(misses):,} misses by what held them back")
    _print_most("  alarms", Counter((one.scene, "+".join(sorted(one.evidence))) for one in alarms))
    _print_most("  misses", Counter((one.scene, _held(one)) for one in misses))


def _held(one: Verdict) -> str:
    gates = [name for bit, name in enumerate(score.GATES) if one.gates >> bit & 1]
    groups = {name[:3] for name in one.evidence}
    why = ", ".join(gates) or ("no evidence", "one group", "too few points")[min(len(groups), 2)]
    return f"{why}: {'+'.join(sorted(one.evidence)) or 'nothing'}"


def _print_most(name: str, counts: Counter[tuple[str, str]]) -> None:
    for (scene, why), times in counts.most_common(14):
        print(f"{name} {times:6,}  {scene:24} {why}")


def print_markers(verdicts: Sequence[Verdict]) -> None:
    """Of each marker the share of bad among the domains at whose riskiest link it fired, with all sources."""
    fired: dict[str, Counter[str]] = defaultdict(Counter)
    for one in verdicts:
        if one.setting == "all sources":
            for marker, _ in one.parts:
                fired[marker][one.truth] += 1
    print(f"\n{'marker':40} {'class':5} {'bad':>7} {'good':>7} {'share bad':>10}")
    for one in MARKERS:
        bad, good = fired[one.id][BAD], fired[one.id][GOOD]
        if bad + good and (one.kind != CONTEXT or bad + good > 20):
            print(f"{one.id + ' ' + one.name:40} {one.kind:5} {bad:7,} {good:7,} {_percent(bad / (bad + good)):>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4, help="how many profiles of each size and share")
    parser.add_argument("--first", type=int, default=0, help="number of the first seed")
    parser.add_argument("--launch", type=float, default=0.35, help="share of a product's links in its first week")
    parser.add_argument("--plot", type=Path, help="where the calibration is drawn, as SVG")
    parser.add_argument("--reviewed", action="store_true", help="somebody has confirmed the class of every anchor")
    parser.add_argument("--markers", action="store_true", help="print each marker's share of bad")
    asked = parser.parse_args()
    began, verdicts, aside = time.process_time(), [], []
    for seed in range(asked.first, asked.first + asked.seeds):
        for number, (count, bad) in enumerate(PROFILES):
            sites = sites_of(100 * seed + number, count, bad, asked.launch)
            whole = confirmed(profile_of(sites)) if asked.reviewed else profile_of(sites)
            name = f"{count:,} domains, {bad:.0%} bad"
            for setting, sources in SETTINGS.items():
                verdicts += audited(name, setting, without(whole, sources), sites)
            aside += audited(name, NAMED, named(whole), sites)
    print_rates(verdicts, aside)
    print_scenes([*verdicts, *aside])
    ours, naive = (calibration(verdicts, said) for said in (of_risk, of_naive))
    print_calibration(ours, naive)
    print_causes(verdicts)
    if asked.markers:
        print_markers(verdicts)
    if asked.plot:
        asked.plot.write_text(draw({"risk": ours, "sum of all points": naive}))
    wrong = Rates.of(verdicts, of_risk, score.TOXIC).wrong
    print(
        f"\nhonest small sites called toxic: {wrong:.2%} (aim below {AIM:.0%}); {time.process_time() - began:.0f} s CPU"
    )


if __name__ == "__main__":
    main()
