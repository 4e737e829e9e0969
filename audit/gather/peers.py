"""The competitors' profiles in the figures that the project's own is compared with."""

from audit.markers.pro import FOLLOW_SHARE, HOME_SHARE, LINKS_PER_DOMAIN, WEAK_SHARE
from audit.profile import Peer
from backlinks import index
from projects.models import Project

from .neighbours import rivals


def peers_of(project: Project) -> tuple[Peer, ...]:
    """Those competitors of which links are known, without what the open graph alone knows."""
    queries = [
        index.LinkQuery.parse(
            workspace=project.workspace_id, target=target, report="links", params={index.GRAPH: index.GRAPH_OFF}
        )
        for target in rivals(project)
    ]
    pinned = [one for one in index.pin_all(queries) if one.generation]
    figures = index.proportions.proportions(pinned)
    return tuple(_peer(query.target.label, one) for query, one in zip(pinned, figures, strict=True))


def _peer(name: str, figures: index.proportions.Proportions) -> Peer:
    shares = {
        HOME_SHARE: figures.home,
        FOLLOW_SHARE: figures.follow,
        LINKS_PER_DOMAIN: figures.links_per_domain,
        WEAK_SHARE: figures.weak,
    }
    return Peer(name, figures.domains, shares)
