"""What the process that reads pages is asked, and what it answers: plain typed messages."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

Columns = dict[str, list[Any]]
NO_COLUMNS = msgspec.Raw(msgspec.msgpack.encode({}))


@dataclass(frozen=True, slots=True)
class Job:
    """A body to read. kind: page, sitemap or feed.

    `targets`: domains whose links alone are kept ((): all other sites), or that a sitemap speaks for. `wanted`: keys of
    target pages whose links are looked at closely. `terms`: words that mean a brand, whose site is `site`; with them, a
    page that names one and does not link to the site is a mention. `row`: the number of the visit; `visit`: what is
    known of it beside the page; `certificate`: names in that of its server. `with_text`: give the main text too.
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
    visit: dict[str, Any] = field(default_factory=dict)
    certificate: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An address that a page, sitemap or feed names; `at`: when it changed or was published, as a list says."""

    url: str
    key: str
    host: str
    domain: str
    anchor: str = ""
    nofollow: bool = False
    at: int = 0


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


class Reading(msgspec.Struct, frozen=True):
    """What was read; `refused` says in words why nothing was.

    `wanted`: the links of the job's `wanted` keys that are there; `others`: further links to the same domains;
    `outward`: how many `observations` there are; `dropped`: links that were too many to be read; `visited`: the row of
    `crawled_pages`; `remembered`: that of `page_facts`. A frozen Struct where a frozen dataclass stands elsewhere: only
    its fields can be left packed.
    """

    refused: str = ""
    facts: dict[str, Any] = msgspec.field(default_factory=dict)
    observations: Columns = msgspec.field(default_factory=dict)
    inside: Columns = msgspec.field(default_factory=dict)
    mentions: Columns = msgspec.field(default_factory=dict)
    visited: Columns = msgspec.field(default_factory=dict)
    remembered: Columns = msgspec.field(default_factory=dict)
    follow: tuple[Found, ...] = ()
    canonical: Found | None = None
    refresh: Found | None = None
    feeds: tuple[Found, ...] = ()
    nofollow: bool = False
    links: int = 0
    outward: int = 0
    dropped: int = 0
    wanted: tuple[SeenLink, ...] = ()
    others: tuple[SeenLink, ...] = ()
    page_hash: str = ""
    text: str = ""


class Carried(Reading, frozen=True):
    """A reading whose rows stay packed: the worker carries them to the index and looks into none."""

    observations: msgspec.Raw = NO_COLUMNS  # type: ignore[assignment]
    inside: msgspec.Raw = NO_COLUMNS  # type: ignore[assignment]
    mentions: msgspec.Raw = NO_COLUMNS  # type: ignore[assignment]
    visited: msgspec.Raw = NO_COLUMNS  # type: ignore[assignment]
    remembered: msgspec.Raw = NO_COLUMNS  # type: ignore[assignment]

    @property
    def tables(self) -> dict[str, msgspec.Raw]:
        """What there is of each table of the index, still packed."""
        found = {
            "observations": self.observations, "internal_links": self.inside, "mentions": self.mentions,
            "crawled_pages": self.visited, "page_facts": self.remembered,
        }  # fmt: skip
        return {name: columns for name, columns in found.items() if columns != NO_COLUMNS}
