"""What it costs to lift a weak domain by 20 points: under our score, and under plain PageRank scaled the same way.

Makes a web-like graph by itself (weblike.py) with a trusted core, a list of visited sites and a network for every
domain; takes a weak domain in the middle of the field; and looks for the number of domains that lifts it by 20 points,
to within 10 %. Plain PageRank is undamped, and its score is that of the position: 100 · (ln N - ln position) /
ln(max(N, ten million)). A cost is how many domains the attacker makes, buys, spams or exchanges links with. Where the
whole purse does not do it, the points that it brings are printed instead.

    python bench/spamfarm.py [--domains 200000] [--votes 1000000] [--purse 25600] [--only WORD]

What is not known of an attack is not held against it: rel flags and addresses are unknown, networks are known.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from weblike import weblike  # noqa: E402

from backlinks.authority import harmonic  # noqa: E402
from backlinks.authority.formula import PARTS, PENALTIES, of_position, score  # noqa: E402
from backlinks.authority.graph import Known, Votes, build, distinct  # noqa: E402
from backlinks.authority.measures import Ranked  # noqa: E402
from backlinks.authority.positions import positions  # noqa: E402
from backlinks.authority.seeds import Seeds, shipped  # noqa: E402
from backlinks.authority.solve import flow_of, rank  # noqa: E402

LIFT = 20.0
NEAR = 1.1  # how near the two ends of a search come
LISTED = 0.01  # of all domains are in the list of visited sites
CORE = 0.0005  # of all domains are controlled or hand-picked, all of them of the upper tenth
POPULAR_SEEDS = 0.0001  # 10,000 of the open web's 121 million
CLIQUE = 20
WALKS = 256  # for harmonic centrality; fewer than the score takes, to save time


@dataclass(frozen=True)
class Web:
    """The world before an attack; pairs of (target, source)."""

    targets: np.ndarray
    sources: np.ndarray
    networks: np.ndarray
    popularity: np.ndarray
    seeds: Seeds
    weak: int
    dice_of: int

    @property
    def nodes(self) -> int:
        return len(self.networks)


@dataclass(frozen=True)
class Attack:
    """Votes that are added; `fresh` domains with their networks; domains that lose all their other links."""

    targets: np.ndarray
    sources: np.ndarray
    networks: np.ndarray
    emptied: np.ndarray


def world(domains: int, votes: int) -> Web:
    made = weblike(domains, votes)
    dice = np.random.default_rng(8)
    visited = np.argsort(np.log1p(made.places) + dice.normal(0, 1, domains))[: int(domains * LISTED)]
    popularity = np.full(domains, np.nan)
    popularity[visited] = np.arange(1, len(visited) + 1)
    given = np.bincount(made.sources, minlength=domains)
    able = np.flatnonzero((made.places < domains // 10) & (given > 0))
    core = dice.choice(able, int(domains * CORE), replace=False)
    names = tuple(f"d{number:08d}.com" for number in core)
    seeds = replace(shipped(), sites=tuple(sorted(names)), popular_rank=max(1, int(domains * POPULAR_SEEDS)))
    networks = np.where(made.networks >= 0, made.networks, 10_000_000 + np.arange(domains) // 3).astype(np.int32)
    return Web(made.targets, made.sources, networks, popularity, seeds, _weak(made, domains), 9)


def _weak(made: "weblike", domains: int) -> int:
    """A domain in the middle of the field with three votes and no links."""
    received = np.bincount(made.targets, minlength=domains)
    given = np.bincount(made.sources, minlength=domains)
    able = np.flatnonzero((received == 3) & (given == 0))
    return int(able[np.argmin(np.abs(made.places[able] - domains // 2))])


def attacked(web: Web, attack: Attack | None) -> Votes:
    """The votes after an attack."""
    targets, sources, networks = web.targets, web.sources, web.networks
    if attack is not None:
        kept = np.ones(web.nodes, np.bool_)
        kept[attack.emptied] = False
        stays = kept[sources]
        targets = np.concatenate([targets[stays], attack.targets]).astype(np.int32)
        sources = np.concatenate([sources[stays], attack.sources]).astype(np.int32)
        networks = np.concatenate([networks, attack.networks]).astype(np.int32)
        targets, sources = distinct(targets, sources)
    return _votes(web, targets, sources, networks)


def _votes(web: Web, targets: np.ndarray, sources: np.ndarray, networks: np.ndarray) -> Votes:
    nodes = len(networks)
    fresh = nodes - web.nodes
    names = pa.array([f"com.d{n:08d}" for n in range(web.nodes)] + [f"com.f{n:08d}" for n in range(fresh)])
    keys = np.random.default_rng(3).integers(0, 2**63, nodes, dtype=np.uint64)
    subnets, share = _subnets(targets, networks[sources], nodes)
    known = Known(
        subnets=subnets,
        subnet_share=share,
        addresses=np.bincount(targets, minlength=nodes).astype(np.int32),
        popularity=np.append(web.popularity, np.full(fresh, np.nan)),
        lists_loaded=True,
        years=np.append(np.full(web.nodes, 5.0), np.zeros(fresh)).astype(np.float32),
    )
    return Votes(names, targets, sources, keys, networks, known)


def _subnets(targets: np.ndarray, networks: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct networks that vote for each domain, and the share of the commonest."""
    pairs, together = np.unique(targets.astype(np.int64) << 32 | networks, return_counts=True)
    owner = pairs >> 32
    most = np.zeros(nodes, np.int64)
    np.maximum.at(most, owner, together)
    received = np.bincount(targets, minlength=nodes)
    return np.bincount(owner, minlength=nodes).astype(np.int32), (most / np.maximum(received, 1)).astype(np.float32)


# --- Attacks: from a number of domains to votes ---------------------------------------------------------------------
Plan = Callable[[Web, int], Attack]
NONE = np.zeros(0, np.int64)


def _own_networks(web: Web, count: int) -> np.ndarray:
    return 50_000_000 + np.arange(count)


def _few_networks(web: Web, count: int) -> np.ndarray:
    return 50_000_000 + np.arange(count) % 10


def _shared_hosting(web: Web, count: int) -> np.ndarray:
    """All on the fullest network there is."""
    return np.full(count, np.bincount(web.networks[web.networks < 10_000_000]).argmax())


def star(where: Callable[[Web, int], np.ndarray]) -> Plan:
    """Fresh domains that vote for the weak one."""

    def plan(web: Web, count: int) -> Attack:
        farm = web.nodes + np.arange(count)
        return Attack(np.full(count, web.weak), farm, where(web, count), NONE)

    return plan


def ring(web: Web, count: int) -> Attack:
    """Fresh domains that vote for the next one and for the weak one, which votes for the first."""
    farm = web.nodes + np.arange(count)
    targets = np.concatenate([np.full(count, web.weak), np.roll(farm, 1), farm[:1]])
    sources = np.concatenate([farm, farm, [web.weak]])
    return Attack(targets, sources, _own_networks(web, count), NONE)


def cliques(web: Web, count: int) -> Attack:
    """Fresh domains that all vote for all of their twenty, and for the weak one, which votes for all of them."""
    farm = web.nodes + np.arange(count)
    near = [farm[start : start + CLIQUE] for start in range(0, count, CLIQUE)]
    targets = np.concatenate([np.repeat(part, len(part)) for part in near] + [np.full(count, web.weak), farm])
    sources = np.concatenate([np.tile(part, len(part)) for part in near] + [farm, np.full(count, web.weak)])
    other = targets != sources
    return Attack(targets[other], sources[other], _own_networks(web, count), NONE)


def expired(web: Web, count: int) -> Attack:
    """Domains of others that ran out, with the votes that they have; each now votes for the weak one alone."""
    received = np.bincount(web.targets, minlength=web.nodes)
    able = np.flatnonzero((received >= 5) & (received <= 30) & np.isnan(web.popularity))
    bought = _drawn(web, able, count)
    return Attack(np.full(len(bought), web.weak), bought, NONE, bought)


def comments(web: Web, count: int) -> Attack:
    """Sites with open comments, which are linked and have much to say: one more vote of each."""
    received, given = (np.bincount(ids, minlength=web.nodes) for ids in (web.targets, web.sources))
    able = np.flatnonzero((received >= 10) & (given >= 20))
    used = _drawn(web, able[able != web.weak], count)
    return Attack(np.full(len(used), web.weak), used, NONE, NONE)


def exchange(web: Web, count: int) -> Attack:
    """Weak sites with a few votes that link to it and are linked back."""
    received, given = (np.bincount(ids, minlength=web.nodes) for ids in (web.targets, web.sources))
    able = np.flatnonzero((received >= 3) & (received <= 20) & (given > 0) & (given <= 20))
    used = _drawn(web, able[able != web.weak], count)
    weak = np.full(len(used), web.weak)
    return Attack(np.concatenate([weak, used]), np.concatenate([used, weak]), NONE, NONE)


def _drawn(web: Web, able: np.ndarray, count: int) -> np.ndarray:
    """The first `count` in an order that is the same for every number."""
    return np.random.default_rng(web.dice_of).permutation(able)[:count]


ATTACKS: tuple[tuple[str, Plan], ...] = (
    ("star of fresh domains, a network each", star(_own_networks)),
    ("star of fresh domains on ten networks", star(_few_networks)),
    ("star of fresh domains in shared hosting", star(_shared_hosting)),
    ("ring of fresh domains", ring),
    ("cliques of twenty fresh domains", cliques),
    ("expired domains with 5 to 30 votes", expired),
    ("comment spam, follow (nofollow is no vote)", comments),
    ("exchange with weak sites, linked back", exchange),
)


# --- Costs ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Cost:
    """`domains` is None where the whole purse brings less than 20 points: `gain`."""

    domains: int | None
    gain: float


def plain(web: Web, votes: Votes) -> float:
    values = rank(flow_of(build(votes))).values
    return float(of_position(Ranked(values, positions(values), len(values)))[web.weak])


def ours(web: Web, votes: Votes) -> float:
    return float(score(votes, seeds=web.seeds).score[web.weak])


def cost(web: Web, plan: Plan, scale: Callable[[Web, Votes], float], before: float, purse: int) -> Cost:
    """How many domains bring 20 points, found by halving ratios."""
    gain = scale(web, attacked(web, plan(web, purse))) - before
    if gain < LIFT:
        return Cost(None, gain)
    low, high = 1, purse
    while high > max(low * NEAR, low + 1):
        middle = min(max(round((low * high) ** 0.5), low + 1), high - 1)
        if scale(web, attacked(web, plan(web, middle))) - before < LIFT:
            low = middle
        else:
            high = middle
    return Cost(high, LIFT)


def told(found: Cost, purse: int) -> str:
    return f"{found.domains:,}" if found.domains is not None else f"> {purse:,} ({found.gain:+.1f})"


def ratio(dear: Cost, cheap: Cost, purse: int) -> str:
    if cheap.domains is None:
        return ""
    return f"{dear.domains / cheap.domains:.1f} x" if dear.domains is not None else f"> {purse / cheap.domains:.0f} x"


def explained(web: Web, votes: Votes) -> str:
    """Our score of the weak domain and what it is made of."""
    scores = score(votes, seeds=web.seeds)
    parts = zip(PARTS, scores.parts[web.weak], strict=True)
    lost = [(name, value) for name, value in zip(PENALTIES, scores.penalties[web.weak], strict=True) if value > 0]
    listed = ", ".join(f"{name} {value:.1f}" for name, value in parts)
    taken = ", ".join(f"{name} {value:.1f}" for name, value in lost) or "nothing"
    return f"{scores.score[web.weak]:.2f} = {listed}; less {taken}; {scores.votes[web.weak]:,} votes"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=200_000)
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--purse", type=int, default=25_600, help="most domains that an attacker has")
    parser.add_argument("--only", default="", help="attacks whose name has this word")
    asked = parser.parse_args()
    harmonic.LEAST_WALKS = harmonic.MOST_WALKS = WALKS
    web = world(asked.domains, asked.votes)
    votes = attacked(web, None)
    before = {"plain": plain(web, votes), "ours": ours(web, votes)}
    print(f"{web.nodes:,} domains, {len(web.targets):,} votes; a domain with three of them has")
    print(f"  plain {before['plain']:.2f}; ours {explained(web, votes)}")
    print(f"{'domains for +20 points':<44} {'plain':>16} {'ours':>18} {'ratio':>9}", flush=True)
    for name, plan in ATTACKS:
        if asked.only in name:
            cheap = cost(web, plan, plain, before["plain"], asked.purse)
            dear = cost(web, plan, ours, before["ours"], asked.purse)
            row = f"{name:<44} {told(cheap, asked.purse):>16} {told(dear, asked.purse):>18}"
            print(f"{row} {ratio(dear, cheap, asked.purse):>9}")
            print(f"  then {explained(web, attacked(web, plan(web, dear.domains or asked.purse)))}", flush=True)


if __name__ == "__main__":
    main()
