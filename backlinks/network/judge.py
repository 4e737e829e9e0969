"""What is wrong with a domain or a link in the picture, and what is right: reasons, each with the value it rests on.

Decided: a reason is strong (two points) or weak (one); two points make a domain or a link red, so no weak sign
condemns anybody by itself. Red goes before green: a relevant site that sells links is dangerous. A domain of which
nothing is known is neither neutral nor clean: it is `unknown`, and every other one says what was not checked of it.
Refused: a score, which would hide which sign spoke; shared networks of hosters where neighbours are strangers.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from backlinks import index
from backlinks.topics.taxonomy import group_of, label_of, sensitive_ids
from seoapp.lib.words import counted

from .choose import Node
from .facts import Facts

STRONG, WEAK = 2, 1
RED_AT = 2
NEAR_BAD = 0.1
SPAM_HIGH = {"ahrefs_is_spam": 1.0, "moz_spam": 61.0, "semrush_toxic": 60.0}
SPAM_MEDIUM = {"moz_spam": 31.0, "semrush_toxic": 45.0}
SPAM_LABELS = {"ahrefs_is_spam": "Ahrefs' spam flag", "moz_spam": "Moz Spam Score", "semrush_toxic": "Semrush toxicity"}
LEAST_NEIGHBOURS = 3  # domains of the picture in one network
LEAST_SET = 5  # domains of a set that others have too
REPEATED_LINKS, REPEATED_SHARE = 20, 0.9
# Hosters and networks of copies where neighbours are strangers, by how they announce themselves.
STRANGERS = ("akamai", "amazon", "automattic", "cloudflare", "fastly", "google", "microsoft", "shopify", "squarespace",
    "wix")  # fmt: skip
RED, GREEN, GREY, UNKNOWN = "red", "green", "grey", "unknown"
KINDS = {RED: "Dangerous", GREEN: "Relevant", GREY: "Neutral", UNKNOWN: "Nothing known"}
# Reason -> (points, how it is called, what it means).
MEANINGS: dict[str, tuple[int, str, str]] = {
    "bad_seed": (STRONG, "Known bad", "The operator's list of bad sites names it."),
    "near_bad": (STRONG, "Leads to known bad", "A tenth or more of its votes end at a listed bad site in two steps."),
    "vendor_spam": (STRONG, "Vendor's spam flag", "Ahrefs' flag, Moz Spam Score from 61, or Semrush toxicity from 60."),
    "vendor_doubt": (WEAK, "Vendor in doubt", "Moz Spam Score 31 to 60, or Semrush toxicity 45 to 59."),
    "same_set": (STRONG, "Identical outbound sets", "Another one here links to exactly the same five or more domains."),
    "same_profile": (STRONG, "Identical profile", "Other domains have exactly the same referring domains."),
    "closed_group": (STRONG, "Closed community", "From 80 % of its votes come out of its own dense community."),
    "narrow_votes": (WEAK, "Votes of one network", "From 5 % of its referring domains on one address, or 10 % in one "
        "network."),
    "shared_network": (WEAK, "Shared network", "Three or more domains here lie in one /24 (IPv6 /48)."),
    "reciprocal": (WEAK, "Exchanged links", "It is linked back by the one it links to."),
    "dense_group": (WEAK, "Dense group", "One of five or more domains here that have half of all links they could have "
        "among themselves."),
    "anchor_repeated": (WEAK, "Repeated anchor", "Twenty links or more to the same domain, nine in ten with one "
        "anchor: sitewide."),
    "sensitive_topic": (WEAK, "Sensitive topic", "It is about gambling, adult content, pills, fast money or selling "
        "links, and the target is not."),
    "from_red": (STRONG, "From a dangerous domain", "The domain that links is red itself."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign; `text` is a sentence with the value it rests on."""

    name: str
    text: str

    @property
    def points(self) -> int:
        return MEANINGS[self.name][0]

    @property
    def label(self) -> str:
        return MEANINGS[self.name][1]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`kind` is one of `KINDS`; `shared` are the words that make it relevant, `unchecked` what nobody could look at."""

    kind: str
    reasons: tuple[Reason, ...] = ()
    shared: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def is_red(reasons: Sequence[Reason]) -> bool:
    return sum(one.points for one in reasons) >= RED_AT


# --- Domains ----------------------------------------------------------------------------------------------------------
def judge_node(node: Node, facts: Facts, shared: Sequence[str], dense: Mapping[str, int]) -> Judgement:
    """`shared` are words in common with the target, `dense` the size of the dense group that a domain is in."""
    unchecked = tuple(_unchecked(node, facts))
    if node.tier == 0:
        return Judgement(GREY, (), (), unchecked)
    reasons = tuple(reason for sign in SIGNS for reason in sign(node, facts))
    if node.domain in dense:
        reasons += (
            Reason("dense_group", f"In a group of {dense[node.domain]} domains here that link to one another."),
        )
    if is_red(reasons):
        return Judgement(RED, reasons, tuple(shared), unchecked)
    if shared:
        return Judgement(GREEN, reasons, tuple(shared), unchecked)
    return Judgement(UNKNOWN if len(unchecked) == len(CHECKS) else GREY, reasons, (), unchecked)


def _score(node: Node, facts: Facts, name: str) -> float:
    """What the score lost for an unnatural sign; 0 where nothing or not checked."""
    row = facts.scores.get(node.domain)
    return max(0.0, row["penalties"][index.PENALTIES.index(name)]) if row else 0.0


def _bad(node: Node, facts: Facts) -> Iterator[Reason]:
    if node.domain in facts.bad:
        yield Reason("bad_seed", "The list of bad sites of this installation names it.")
        return
    row = facts.scores.get(node.domain)
    if row and row["bad_share"] >= NEAR_BAD:
        yield Reason("near_bad", f"{row['bad_share']:.0%} of its votes end at a listed bad site within two steps.")


def _spam(node: Node, facts: Facts) -> Iterator[Reason]:
    figures = spam_of(node, facts)
    for name, value in sorted(figures.items()):
        shown = "set" if name == "ahrefs_is_spam" else f"{value:g}"
        if value >= SPAM_HIGH[name]:
            yield Reason("vendor_spam", f"{SPAM_LABELS[name]}: {shown}.")
        elif value >= SPAM_MEDIUM.get(name, SPAM_HIGH[name]):
            yield Reason("vendor_doubt", f"{SPAM_LABELS[name]}: {shown}.")


def spam_of(node: Node, facts: Facts) -> dict[str, float]:
    """Vendors' spam figures of a domain: of its row and of its links to its parent, the greater one."""
    own = node.found.metrics if node.found else {}
    found = {name: own[name] for name in SPAM_HIGH if name in own}
    pair = facts.pairs.get((node.domain, node.parent))
    for name, value in (pair.spam if pair else {}).items():
        found[name] = max(value, found.get(name, 0))
    return found


def _sets(node: Node, facts: Facts) -> Iterator[Reason]:
    linked = facts.sets.get(node.domain)
    if linked and linked.others >= LEAST_SET and facts.twins[linked.print] > 1:
        others = counted(facts.twins[linked.print] - 1, "other site")
        yield Reason("same_set", f"Links to the same {linked.others} domains as {others} here.")


def _unnatural(node: Node, facts: Facts) -> Iterator[Reason]:
    """What the score has found unnatural in its votes; votes of one address are votes of one network, too."""
    told: set[str] = set()
    for name, of_score, text in (
        ("same_profile", "identical_profile", "has exactly the referring domains that others have"),
        ("closed_group", "closed_community", "gets most votes out of its own dense community"),
        ("narrow_votes", "one_network", "gets votes from one network"),
        ("narrow_votes", "one_address", "gets votes from one address"),
    ):
        lost = _score(node, facts, of_score)
        if lost and name not in told:
            told.add(name)
            yield Reason(name, f"It {text}: its score lost {lost:.1f} points for it.")


def _network(node: Node, facts: Facts) -> Iterator[Reason]:
    for network in facts.networks.get(node.domain, ()):
        crowd, host = facts.crowds[network], facts.hosts.get(network, "")
        if crowd >= LEAST_NEIGHBOURS and not is_of_strangers(host):
            of = f" ({host})" if host else ""
            yield Reason("shared_network", f"In {network}{of} with {crowd - 1} other domains here.")
            return


def is_of_strangers(host: str) -> bool:
    """Whether who announces a network is a company below whose addresses strangers stand."""
    return any(name in host.casefold() for name in STRANGERS)


def _exchange(node: Node, facts: Facts) -> Iterator[Reason]:
    if (node.parent, node.domain) in facts.linked:
        yield Reason("reciprocal", f"{node.parent} links back to it.")


def _anchor(node: Node, facts: Facts) -> Iterator[Reason]:
    text = repeated(facts.pairs.get((node.domain, node.parent)))
    if text:
        yield Reason("anchor_repeated", f"{text} to {node.parent}.")


def _topic(node: Node, facts: Facts) -> Iterator[Reason]:
    """A sensitive topic that is not the target's own; nothing is said while nobody knows what the target is about."""
    odd = [one for one in facts.topics.get(node.domain, ()) if one in sensitive_ids()]
    if odd and facts.about and not {group_of(one) for one in odd} & facts.about:
        yield Reason("sensitive_topic", f"It is about {label_of(odd[0])}.")


def repeated(pair: index.neighbours.Pair | None) -> str:
    """How often one anchor is repeated, where that is a sign; else nothing."""
    if pair is None or not pair.anchor or pair.links < REPEATED_LINKS or pair.repeated < REPEATED_SHARE * pair.links:
        return ""
    return f"“{pair.anchor}” on {pair.repeated:,} of {pair.links:,} links"


SIGNS: tuple[Callable[[Node, Facts], Iterator[Reason]], ...] = (
    _bad, _spam, _sets, _unnatural, _network, _exchange, _anchor, _topic,
)  # fmt: skip
# What can be known of a domain -> whether it is.
CHECKS: dict[str, Callable[[Node, Facts], bool]] = {
    "no score": lambda node, facts: node.domain in facts.scores,
    "no address": lambda node, facts: node.domain in facts.networks,
    "no vendor's spam figure": lambda node, facts: bool(spam_of(node, facts)),
    "no title of its pages": lambda node, facts: bool(facts.titles_of(node.domain)),
}


def _unchecked(node: Node, facts: Facts) -> Iterator[str]:
    return (words for words, is_known in CHECKS.items() if not is_known(node, facts))


# --- Links ------------------------------------------------------------------------------------------------------------
def judge_link(
    link: index.neighbours.Among, facts: Facts, reds: Mapping[str, Judgement], groups: Mapping[str, int]
) -> tuple[Reason, ...]:
    """`reds` are the dangerous domains, `groups` the number of the dense group that a domain is in."""
    found = []
    if link.source in reds:
        labels = dict.fromkeys(one.label for one in reds[link.source].reasons)
        found.append(Reason("from_red", f"{link.source} is dangerous: {', '.join(labels).lower()}."))
    if (link.target, link.source) in facts.linked:
        found.append(Reason("reciprocal", "Both link to each other."))
    network = _common_network(link, facts)
    if network:
        found.append(Reason("shared_network", f"Both lie in {network}."))
    if groups.get(link.source, -1) == groups.get(link.target, -2):
        found.append(Reason("dense_group", "Both are of one group that links among itself."))
    text = repeated(facts.pairs.get((link.source, link.target)))
    return (*found, Reason("anchor_repeated", f"{text}.")) if text else tuple(found)


def _common_network(link: index.neighbours.Among, facts: Facts) -> str:
    ours, theirs = facts.networks.get(link.source, ()), set(facts.networks.get(link.target, ()))
    return next((one for one in ours if one in theirs and not is_of_strangers(facts.hosts.get(one, ""))), "")
