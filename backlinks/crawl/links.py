"""A link of a page, as everything that looks at pages takes it."""

import msgspec

FOLLOWED = frozenset(("text", "image"))  # kinds that are counted as links of the page


class Link(msgspec.Struct, frozen=True, gc=False):
    """One link of a page. `hidden` says why nobody sees it; "" for a link that is seen.

    A frozen Struct where a frozen dataclass stands elsewhere: a page has hundreds, and this is made ten times as fast.
    """

    url: str
    key: str
    host: str
    domain: str
    kind: str  # text image form frame redirect canonical alternate rss
    nofollow: bool
    ugc: bool
    sponsored: bool
    rel: str
    anchor: str
    alt: str
    context_left: str
    context_right: str
    heading: str
    placement: str
    sure: float
    hidden: str
    internal: bool
    position: int
