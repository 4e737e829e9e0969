"""Pictures for tests: what is asked, with the usual size unless told otherwise."""

from typing import Any

from backlinks import index
from backlinks.network.choose import Size
from backlinks.network.picture import Asked, Dot, Picture, draw
from tests.backlinks.index.observed import TARGET, link
from tests.backlinks.index.observed import asked as asked_links

OWN = 7


def asked(*, target: str = TARGET, size: Size | None = None, only: tuple[str, ...] | None = None, **more: Any) -> Asked:
    params = {"graph": "off"} if more.pop("graph_off", False) else {}
    query = index.pin(asked_links(OWN, target=target, **params))
    return Asked(query, index.Sight(OWN, only), size or Size(), **more)


def drawn(**options: Any) -> Picture:
    return draw(asked(**options))


def dots(picture: Picture) -> dict[str, Dot]:
    return {one.node.domain: one for one in picture.dots}


def signs(picture: Picture, domain: str) -> set[str]:
    """Names of the reasons of a domain."""
    return {one.name for one in dots(picture)[domain].judgement.reasons}


def links_of(source: str, target: str = TARGET, count: int = 1, **fields: Any) -> list[dict[str, Any]]:
    """So many links of a domain, each from another page."""
    return [link(f"{source}/p{number}", f"{target}/", last_seen=300, **fields) for number in range(count)]
