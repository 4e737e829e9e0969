"""Every column of a frozen profile: what it holds, in which unit, and from whom it comes.

Decided: markers name the columns they need, so that "unknown" can say which data is missing and what would bring it.
Days are counted from 1970-01-01. A column that an installation cannot fill stays unknown.
"""

from dataclasses import dataclass

from .profile import DOMAINS, LINKS, PAGES

NUMBER, TEXT, LIST, PRINT = "number", "text", "list", "print"
# What fills a column, and what a user does to have it.
SOURCES = {
    "ledger": "Import exports of this site's links.",
    "visit": "Let the crawler visit the linking pages (check links).",
    "graph": "Load Common Crawl's web graph and compute authority scores.",
    "popularity": "Load a popularity list.",
    "registry": "Look up registrations (RDAP).",
    "addresses": "Load address tables, or import exports that name addresses.",
    "topics": "Let topics be judged.",
    "malware": "Load a list of malware or phishing sites (import_blocklist).",
    "blocklist": "Load a blocklist (import_blocklist).",
    "search": "No source of search results is connected.",
    "visits": "Import visits from your own analytics (Audit settings).",
    "anchors": "Review the anchors on whose class evidence would rest (Anchor classes).",
    "peers": "Name competitors and import their links.",
    "keywords": "Name the keywords of this project.",
    "languages": "Name the languages of this project.",
    "markets": "Name the countries or languages of this project.",
    "categories": "Name what this project is about.",
    "decisions": "Review three other projects, or share with other workspaces (Audit settings).",
}

# How a source is called where something is unknown for want of it.
SOURCE_NAMES = {
    "ledger": "Something in the exports",
    "visit": "A visit of the linking page",
    "graph": "The web graph",
    "popularity": "A popularity list",
    "registry": "The registry's record",
    "addresses": "Addresses",
    "topics": "Topics",
    "malware": "A malware list",
    "blocklist": "A blocklist",
    "search": "Search results",
    "visits": "Visits from your analytics",
    "anchors": "Reviewed anchors",
    "peers": "Competitors",
    "keywords": "Keywords",
    "languages": "Languages",
    "markets": "Markets",
    "categories": "The project's categories",
    "decisions": "Decisions elsewhere",
}


@dataclass(frozen=True, slots=True)
class Column:
    """`source` is a key of SOURCES."""

    unit: str
    name: str
    kind: str
    source: str
    about: str


def _of(unit: str, kind: str, source: str, /, **columns: str) -> list[Column]:
    return [Column(unit, name, kind, source, about) for name, about in columns.items()]


COLUMNS: tuple[Column, ...] = (
    *_of(LINKS, PRINT, "ledger", id="identity of the link"),
    *_of(
        LINKS, NUMBER, "ledger",
        anchor_known="1: somebody says what the anchor is, also that it is empty",
        nofollow="1 or 0", ugc="1 or 0", sponsored="1 or 0",
        is_lost="1: lost, 0: live or unknown", first_seen="day", last_seen="day", lost_at="day",
        left_words="words of the text before the link", right_words="words of the text behind it",
    ),
    *_of(
        LINKS, TEXT, "ledger",
        anchor="as it stands on the page", anchor_class="brand, exact, partial, naked, generic, compound, …",
        kind="text, image, form, frame, redirect", alt="of an image", target="the linked page, by its key",
        target_url="the linked page", redirect="the chain from the link to the target", lost_reason="why it is lost",
    ),
    *_of(LINKS, NUMBER, "anchors", anchor_sure="1: the anchor's class is certain by rule, or confirmed"),
    *_of(
        LINKS, TEXT, "visit",
        placement="content, navigation, header, footer, sidebar, comment, signature, author, widget",
        hidden="why nobody sees it", paid="the wording of a paid post near it", pixel="size of a tiny image",
        frame="inside noscript, template or iframe",
    ),
    *_of(LINKS, NUMBER, "ledger", sitewide="1: a vendor says that it stands on all pages of the site"),
    *_of(
        LINKS, NUMBER, "visit",
        link_words="share of link words among the words around it", shown_to_bots="1 or 0",
        checked_at="day of our last check",
        inserted="day of the first visit that had it, where an earlier one of the page had not",
        moved_bits="bits of the print of the page's text that changed between these visits, of 64",
    ),
    *_of(
        PAGES, TEXT, "ledger",
        url="address", key="the address without scheme and www", host="", path="path of the URL", title="",
        language="without region", ip="address of the host",
    ),
    *_of(PAGES, NUMBER, "ledger", status="HTTP status, newest claim", external="external links",
         internal="internal links", last_seen="day of the newest claim"),
    *_of(
        PAGES, NUMBER, "visit",
        fetched="day", words="words of the main text", text_share="visible text / HTML", external_domains="different",
        noindex="1 or 0", has_canonical="1 or 0", canonical_elsewhere="1 or 0", title_length="characters",
        description_length="characters", keywords_length="characters", published="day",
        repetition="share of three-word runs that repeat", common_word="share of the commonest of its longer words",
        forced_redirect="1 or 0", ad_frames="places for advertisements",
        hidden_links="external links nobody sees", hidden_block="external links of the largest hidden block",
        hidden_poison="1: words of ill repute in its hidden blocks",
        foreign_share="share of letters of a foreign script in a hidden or last block",
        contact="ways to reach the owner", has_favicon="1 or 0",
        trackers="analytics, tag managers, pixels, font services", parked="1 or 0",
        directory="1: listing page of a directory", robots_closed="1: robots.txt closes it",
        soft_404="1: it says that it is not there, with status 200",
        links_in="links to it that are known, of its own site and of others",
    ),
    *_of(PAGES, NUMBER, "malware", malware="1: a list names it, its host or its domain; 0: none does"),
    *_of(PAGES, TEXT, "malware", malware_by="the entry, its list and the day of that"),
    *_of(PAGES, NUMBER, "blocklist", blocked="1 or 0, as malware"),
    *_of(PAGES, TEXT, "blocklist", blocked_by="the entry, its list and the day of that"),
    *_of(PAGES, NUMBER, "search", title_rank="position for its own title; 0: not among those looked at"),
    *_of(PAGES, TEXT, "visit", theme="theme and its author", generator="", poison_text="first hit in the text",
         unsupported="1: no word lists for its language"),
    *_of(
        PAGES, LIST, "visit",
        ids="accounts: ga:…, gtm:…, adsense:…", poison="category:times of words of ill repute in title and text",
        popups="networks of pop-ups that it loads, and what its own scripts do of the kind (window.open, popunder)",
    ),
    *_of(
        PAGES, PRINT, "visit",
        text_print="SimHash of the main text", skeleton="hash of the tags",
        favicon="hash of its address, where another site keeps it",
    ),
    *_of(DOMAINS, TEXT, "ledger", name="registrable domain", tld="", country="of most of its links", state=""),
    *_of(
        DOMAINS, NUMBER, "ledger",
        links="", live="", lost="", follow="", nofollow="", hosts="", first_seen="day", last_seen="day",
        outbound="domains it links to, in the ledger", gets_back="domains that the target links back to: 1 or 0",
    ),
    *_of(DOMAINS, LIST, "addresses", ips="", networks="/24 and /48 networks", shared="shared networks that it is in"),
    *_of(
        DOMAINS, LIST, "ledger",
        linked="domains it links to, in the ledger",
        sources="who knows it: vendors whose files name it, our crawler, Common Crawl",
    ),
    *_of(
        DOMAINS, NUMBER, "graph",
        authority="0 to 100", pagerank="share", trust="share", trust_at="position by trust", pagerank_at="position",
        bad_share="share of its votes that end at bad sites", votes="referring domains",
        linked_domains="domains it links to",
        follow_share="share of follow among known votes", twins="domains with the same referring domains",
        closed="share of votes out of its own dense community", reciprocal="share of mutual votes",
        hops="links from the nearest trusted seed", traffic_residual="links above traffic, in standard deviations",
        scored_on="day", releases="graph releases that know it", known_since="first day any source knows it",
        one_network="share of votes from one network", pages="pages that a whole crawl of the site found",
        trust_top="share of the scored domains that have more trust; 1: trust does not reach it",
        bad_top="share of the scored domains with a greater bad_share; unknown while nobody has listed a bad site",
    ),
    *_of(DOMAINS, PRINT, "graph", votes_print="print of the set of domains that link to it"),
    *_of(DOMAINS, TEXT, "graph", community="first name of the closed community of referring domains that it is in"),
    *_of(DOMAINS, NUMBER, "popularity", popularity="best rank in a list; 0: in none", visits="by lists"),
    *_of(DOMAINS, NUMBER, "registry", registered="day", expires="day", absent="1: its registry has no such name"),
    *_of(DOMAINS, TEXT, "registry", registrar="", registrant="organisation, without privacy services"),
    *_of(DOMAINS, LIST, "registry", name_servers=""),
    *_of(DOMAINS, LIST, "visit", certificate="names in the TLS certificates of its hosts"),
    *_of(DOMAINS, LIST, "topics", topics="of its pages, the weightiest first", sensitive="sensitive ones among them"),
    *_of(
        DOMAINS, NUMBER, "topics",
        bad_neighbours="share of the domains it links to, of those with a known topic, about gambling, adult or loans",
        judged_neighbours="domains it links to whose topic is known",
        topic_changed="1: its first topic is another than years ago",
    ),
    *_of(DOMAINS, NUMBER, "decisions", disavowed="share of the other projects that know it which disavowed it"),
    *_of(DOMAINS, NUMBER, "search", indexed="1 or 0", rankings="keywords"),
    *_of(DOMAINS, NUMBER, "visits", own_visits="sessions from it in our own analytics"),
)  # fmt: skip
BY_NAME = {f"{one.unit}.{one.name}": one for one in COLUMNS}
