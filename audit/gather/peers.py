"""The competitors' profiles in the figures that the project's own is compared with.

Decided: a competitor's anchors are judged by the project's keywords, because both want to be found for them, and by the
name of its own domain as brand, never by ours.
"""

from dataclasses import replace

from audit.markers.anchors import BRAND_SHARE, EXACT_SHARE
from audit.markers.pro import FOLLOW_SHARE, HOME_SHARE, LINKS_PER_DOMAIN, WEAK_SHARE
from audit.profile import Peer
from backlinks import index
from projects.models import Project

from .neighbours import rivals


def peers_of(project: Project) -> tuple[Peer, ...]:
    """Those competitors of which links are known, without what the open graph alone knows."""
    pinned = pinned_rivals(project)
    figures = index.proportions.proportions(pinned)
    shares = index.anchorshares.meaning_shares(pinned)
    return tuple(_peer(*one) for one in zip(pinned, figures, shares, strict=True))


def pinned_rivals(project: Project) -> list[index.LinkQuery]:
    """The pinned query of each competitor of which links are known."""
    terms = index.Terms(keywords=tuple(project.money_keywords))
    queries = [
        index.LinkQuery.parse(
            workspace=project.workspace_id, target=target, report="links", params={index.GRAPH: index.GRAPH_OFF}
        )
        for target in rivals(project)
    ]
    return [replace(one, terms=terms) for one in index.pin_all(queries) if one.generation]


def _peer(
    query: index.LinkQuery, figures: index.proportions.Proportions, shares: index.anchorshares.MeaningShares
) -> Peer:
    known = {
        HOME_SHARE: figures.home,
        FOLLOW_SHARE: figures.follow,
        LINKS_PER_DOMAIN: figures.links_per_domain,
        WEAK_SHARE: figures.weak,
        EXACT_SHARE: shares.of_domains(index.anchorshares.EXACT),
        BRAND_SHARE: shares.of_domains(index.anchorshares.BRANDED),
    }
    return Peer(query.target.label, figures.domains, known)
