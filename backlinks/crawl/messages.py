"""What the process that reads pages is asked, and what it answers: plain typed messages."""

from dataclasses import dataclass, field
from typing import Any

Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Job:
    """A body to read. kind: page, sitemap or feed.

    `targets`: domains whose links alone are kept ((): all other sites). `wanted`: keys of target pages whose links are
    looked at closely. `terms`: words that mean a brand, whose site is `site`; with them, a page that names one and
    does not link to the site is a mention. `row`: the number of the visit. `with_text`: give the main text too.
    """

    url: str
    body: bytes
    kind: str = "page"
    status: int = 200
    at: int = 0
    ip: str = ""
    content_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    is_cut: bool = False
    terms: tuple[str, ...] = ()
    site: str = ""
    row: int = 0
    with_text: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """An address that a page, sitemap or feed names."""

    url: str
    key: str
    host: str
    domain: str
    anchor: str = ""
    nofollow: bool = False


@dataclass(frozen=True, slots=True)
class SeenLink:
    """A link of a page, as a check compares it; `snippet` is the HTML around it."""

    url: str
    key: str
    domain: str
    kind: str
    anchor: str
    alt: str
    nofollow: bool
    ugc: bool
    sponsored: bool
    placement: str
    hidden: str
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; `refused` says in words why nothing was.

    `wanted`: the links of the job's `wanted` keys that are there; `others`: further links to the same domains.
    """

    refused: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    observations: Columns = field(default_factory=dict)
    inside: Columns = field(default_factory=dict)
    mentions: Columns = field(default_factory=dict)
    follow: tuple[Found, ...] = ()
    canonical: Found | None = None
    refresh: Found | None = None
    feeds: tuple[Found, ...] = ()
    nofollow: bool = False
    links: int = 0
    wanted: tuple[SeenLink, ...] = ()
    others: tuple[SeenLink, ...] = ()
    page_hash: str = ""
    text: str = ""
