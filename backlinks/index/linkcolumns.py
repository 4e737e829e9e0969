"""The columns of a link: what its claims say, what our own crawl found on both pages, and what follows from them.

Decided: a value that nobody said is unknown, never "no". Ours and a vendor's word for one thing stay two columns, each
under its own name. What would only repeat another column (is it an image, is it follow) is a filter of that one.
"""

from backlinks.topics.taxonomy import NONE, topic_ids

from .anchorwords import EXACT_WORDS, LANGUAGE, OF_CLASS
from .column import KINDS, PLACEMENTS, STATES, VENDORS, Column, aside, count_of, flag, label, metric, said
from .networks import HAS_ADDRESS
from .platforms import SAYS
from .terms import CLASSES

NEW_DAYS = 30
SITEWIDE_PAGES = 10  # of one host that link alike: then the link is taken for sitewide
# Answers that may be meant for us only: nothing is said about the target.
REFUSALS = "(401, 402, 403, 407, 408, 425, 429, 451)"
TLD_CLASSES = ("generic", "new", "country", "restricted", "international")
# Names that are for everybody and older than 2013, and those that are kept for use without a registry. What is neither
# here nor restricted, of a country or international came with the programme that opened in 2013 (over a thousand).
OLD_GENERIC = """('com', 'net', 'org', 'info', 'biz', 'name', 'pro', 'asia', 'cat', 'jobs', 'mobi', 'tel', 'travel',
    'xxx', 'example', 'test', 'invalid', 'localhost', 'local', 'onion', 'internal', 'alt')"""

CLASS_HELP = "What kind of words it is, by the project's brand terms and keywords; the page Anchors says the rules."
WORDS_HELP = "Without case, accents and signs; the filter finds whole words in this order."
PLATFORM_HELP = "What the host is made with: as most of its pages show that our crawler read, else as Ahrefs says."
AS_ORDER = "toUInt32OrZero(asn)"
ASN_HELP = "The number of that network, as 64500 or AS64500; empty where no table places the address."
NETWORK_HELP = "Who announces the address, by RouteViews."

AUTHORITY = Column(
    "authority",
    "Authority",
    "score",
    "number",
    default=True,
    known="authority >= 0",
    help="Authority Score of the referring domain, 0 to 100, by our published formula.",
)

# --- Expressions ----------------------------------------------------------------------------------------------------
# The key of the referring page as `weburl` makes it: without scheme and one leading www.
PAGE_KEY = """substring(source_url, if(startsWith(source_url, 'https'), 9, 8)
    + if(startsWith(source_host, 'www.') AND countSubstrings(source_host, '.') > 1, 4, 0))"""
OF_GOOGLE = """SELECT source_domain FROM edges WHERE workspace = {owner:UInt32}
    AND target_domain = {target_domain:String} AND generation = {generation:UInt64} AND has(sources, 'gsc')"""
HAS_GOOGLE = f"(SELECT count() > 0 FROM ({OF_GOOGLE}))"
KNOWN_TO_GOOGLE = f"multiIf(has(sources, 'gsc') OR source_domain IN ({OF_GOOGLE}), 1, {HAS_GOOGLE}, 0, -1)"
GOOGLE_HELP = (
    "Yes: a Search Console list names the page or its domain. No: such a list was imported for this target and does "
    "not. Unknown: none was imported."
)
TLD_CLASS = f"""multiIf(empty(tld), '', startsWith(tld, 'xn--'), 'international', equals(length(tld), 2), 'country',
    tld IN ('aero', 'arpa', 'coop', 'edu', 'gov', 'int', 'mil', 'museum', 'post'), 'restricted',
    tld IN {OLD_GENERIC}, 'generic', 'new')"""
IS_ADDRESS = "isIPv4String(source_domain) OR startsWith(source_domain, '[')"
IS_NEW = f"""multiIf(first_seen <= toDateTime(0, 'UTC'), -1,
    toDate(first_seen) >= toDate(now('UTC')) - {NEW_DAYS}, 1, 0)"""
_BARE_HOST = "if(startsWith(source_host, 'www.'), substring(source_host, 5), source_host)"
_SUBDOMAIN = f"""if(equals({_BARE_HOST}, source_domain) OR NOT endsWith(source_host, concat('.', source_domain)), '',
    substring(source_host, 1, length(source_host) - length(source_domain) - 1))"""
_HOME = "match(source_url, '^https?://[^/?#]*/?$')"
SCHEMES = ("https", "http")
_SCHEME = "if(startsWith(source_url, 'https:'), 'https', 'http')"
_PORT = """toInt64(multiIf(port(source_url) > 0, port(source_url), startsWith(source_url, 'https:'), 443, 80))"""
_HOPS = """multiIf(redirect_chain = '', 0, startsWith(redirect_chain, '['), toInt64(JSONLength(redirect_chain)),
    toInt64(length(splitByChar(' ', redirect_chain))) - 1)"""
_REDIRECT_CODE = "if(startsWith(redirect_chain, '['), JSONExtractInt(redirect_chain, 1, 'status'), 0)"
_CONTEXT = "trimBoth(concat(context_left, ' ', anchor, ' ', context_right))"
_CANONICAL_ELSEWHERE = f"""multiIf(page_read <= toDateTime(0, 'UTC'), -1, page_canonical = '', 0,
    replaceRegexpOne(page_canonical, '^https?://(?:www\\\\.([^/:]*\\\\.))?', '\\\\1') != {PAGE_KEY})"""
_BROKEN = f"multiIf(target_status = 0 OR target_status IN {REFUSALS}, -1, target_status >= 400)"


def _flagged(word: str) -> str:
    return f"has(splitByChar(' ', flags), '{word}')"


_BY_REDIRECT = "state = 'lost' AND lost_reason IN ('lostredirect', 'pageredirected')"
# Two of the ways in which a redirect breaks, by Ahrefs' names; the others say nothing of it when our crawler sees them.
REDIRECT_BREAKS = ("codechanged", "targetchanged")
_SITEWIDE = f"{_flagged('sitewide')} OR alike_pages >= {SITEWIDE_PAGES}"
_RENDERED = f"multiIf({_flagged('found_rendered')}, 1, {_flagged('found_raw')}, 0, -1)"
_RAW = f"multiIf({_flagged('found_raw')}, 1, {_flagged('found_rendered')}, 0, -1)"
_IN_CONTENT = f"multiIf({_flagged('in_content')}, 1, placement = '', -1, placement = 'content')"

# --- What a team says -----------------------------------------------------------------------------------------------
MARKS = (
    aside("tags", "Tags", "list", "marks", sortable=False, help="Of your team; those of a domain hold for its links."),
    aside("note", "Note", "text", "marks", help="Of your team: the link's own, else its domain's."),
    aside("whitelisted", "Whitelisted", "bool", "marks", help="Your team vouches for it."),
)

# --- What its site is about -----------------------------------------------------------------------------------------
TOPICS = Column(
    "topics",
    "Topics",
    "list",
    "choice",
    (*topic_ids(), NONE),
    sortable=False,
    beside="topics",
    help="What the referring domain is about, by titles, anchors, contexts and its name, or as your team says.",
)

# --- Sections -------------------------------------------------------------------------------------------------------
_PAGE = (
    Column("source_url", "Referring page", "url", "text", default=True, help="The page that links."),
    Column("title", "Page title", "text", "text"),
    AUTHORITY,
    Column(
        "language", "Language", "text", "text", exact=f"{LANGUAGE} = {{}}", help="Of the page; “is en” finds en-GB."
    ),
    count_of("http_status", "HTTP", default=False, known="http_status > 0"),
    count_of(
        "ext_links",
        "External links",
        default=False,
        known="ext_links >= 0",
        help="Outbound links on the referring page.",
    ),
    count_of("int_links", "Internal links", default=False, known="int_links >= 0"),
    Column(
        "source_scheme", "Scheme", "text", "choice", SCHEMES, where=_SCHEME, help="Of the referring page's address."
    ),
    Column(
        "source_port",
        "Port",
        "int",
        "number",
        where=_PORT,
        help="Of the referring page's address, 443 or 80 where it names none.",
    ),
    flag("is_home", "Home page", _HOME, "The referring page is the home page of its host."),
)
_SITE = (
    Column("source_domain", "Referring domain", "text", "text", help="Registrable domain of the referring page."),
    Column("source_host", "Host", "text", "text"),
    Column("subdomain", "Subdomain", "text", "text", where=_SUBDOMAIN, help="What stands before the domain, but www."),
    flag("is_root", "On the root host", f"{_BARE_HOST} = source_domain", "The host is the domain itself, or its www."),
    flag("domain_is_ip", "Domain is an IP", IS_ADDRESS),
    Column("tld", "TLD", "text", "text"),
    Column("tld_class", "TLD class", "text", "choice", TLD_CLASSES, where=TLD_CLASS),
    Column("country", "Country", "text", "text"),
    Column("ip", "IP", "text", "text"),
    Column("subnet", "Subnet", "text", "text", help="/24 of an IPv4 address (class C), /48 of an IPv6 address."),
    aside("network", "Network", "text", "network", help=NETWORK_HELP),
    Column("asn", "AS number", "text", "text", exact=HAS_ADDRESS, order=AS_ORDER, beside="network", help=ASN_HELP),
    aside("platform", "Site's platform", "text", "platform", help=PLATFORM_HELP),
    Column("platform_by", "Platform known by", "text", "choice", SAYS, beside="platform"),
)
_READ = (
    aside("page_read", "Read by us", "date", "page", help="When our crawler last read the referring page."),
    aside("page_noindex", "Noindex", "bool", "page", help="The page asks search engines to leave it out."),
    aside("page_canonical", "Canonical", "url", "page", help="What the page names as its original."),
    flag("page_is_copy", "Canonical elsewhere", _CANONICAL_ELSEWHERE, "It names another page as its original.", "page"),
    aside("page_words", "Words", "int", "page", help="Words of the main text."),
    aside("page_text_share", "Text share, %", "int", "page", help="Visible text in what the page's source holds."),
    aside("page_domains", "Linked domains", "int", "page", help="Other sites that the page links to."),
    aside("page_platform", "Platform", "text", "page", help="What the page is made with, as our crawler read it."),
    aside("page_generator", "Generator", "text", "page", help="What the page itself says it is made with."),
    aside("page_types", "Types", "list", "page", help="Types that the page's linked data (JSON-LD) names."),
    aside("page_published", "Published", "date", "page", help="When the page says that it was published."),
    aside("page_language", "Page language", "text", "page", help="The language that the page states."),
    aside("page_bytes", "Size, bytes", "int", "page", help="Of the page's source."),
    aside("page_depth", "Clicks", "int", "page", help="Clicks from the first page of its crawl."),
)
_LINK = (
    Column("target_url", "Target page", "url", "text", default=True, exact="target_key = {}"),
    Column("target_host", "Target host", "text", "text"),
    Column("anchor", "Anchor", "text", "text", default=True, help="Visible text of the link."),
    Column("anchor_known", "Anchor known", "bool", "flag", help="No: no source says which text the link has."),
    Column("anchor_class", "Anchor class", "text", "choice", CLASSES, sortable=False, exact=OF_CLASS, beside="kinds",
           help=CLASS_HELP),
    Column("anchor_words", "Words of the anchor", "text", "text", sortable=False, exact=EXACT_WORDS, beside="kinds",
           help=WORDS_HELP),
    Column("alt", "Image alt text", "text", "text"),
    label("semrush_image_url", "Image", "Address of the linked image; it is never loaded.", kind="url"),
    Column("context", "In context", "marked", "text", where=_CONTEXT, help="The anchor with the text around it."),
    Column("context_left", "Text before", "text", "text"),
    Column("context_right", "Text after", "text", "text"),
    label("heading", "Under the heading", "The heading above the link, as our crawler read it."),
    Column("kind", "Kind", "text", "choice", KINDS, default=True),
    Column("placement", "Placement", "text", "choice", PLACEMENTS, help="Where on the page the link stands."),
    flag("in_content", "In the content", _IN_CONTENT, "By our crawler's placement, or as a vendor says."),
    label("hidden", "Hidden", "Why readers cannot see the link, as our crawler read it."),
    Column("nofollow", "Nofollow", "bool", "flag", default=True),
    Column("ugc", "UGC", "bool", "flag"),
    Column("sponsored", "Sponsored", "bool", "flag"),
    flag("sitewide", "Sitewide", _SITEWIDE, f"A vendor says so, or {SITEWIDE_PAGES} pages of the host link alike.",
         "alike"),
    aside("alike_pages", "Alike on the host", "int", "alike",
          help="Links from this host to the same page with the same anchor and kind."),
    aside("copies", "Times on the page", "int", "sights", help="How often the newest reading or file lists the link."),
    Column("occurrences", "Claims", "int", "number", help="Different anchors and kinds seen for this link."),
    Column("group_count", "In group", "int", "number"),
    Column("flags", "Flags", "text", "text"),
    flag("found_rendered", "Seen by a browser", _RENDERED, "A vendor found it after running the page's scripts."),
    flag("found_raw", "Seen in the source", _RAW, "A vendor found it in the page's source."),
)  # fmt: skip
_REDIRECTS = (
    flag("is_indirect", "Indirect", "redirect_chain != ''", "The link reaches the target over redirects."),
    Column("redirect_chain", "Redirects", "steps", "text", sortable=False, help="Step by step, with their answers."),
    Column("redirect_hops", "Steps", "int", "number", where=_HOPS, help="Redirects between the link and the target."),
    Column("redirect_code", "First redirect", "int", "number", where=_REDIRECT_CODE, known=f"{_REDIRECT_CODE} > 0",
           help="The answer of the first redirect."),
    label("ahrefs_redirect_kind", "Ahrefs redirect kind"),
    aside("target_status", "Target HTTP", "int", "target", known="target_status > 0",
          help="The target's newest answer: to a check of a link, or to a crawl of the site."),
    flag("target_broken", "Broken target", _BROKEN, "The target's newest answer is an error.", "target"),
    aside("target_redirect", "Target redirects to", "url", "target"),
    Column("target_authority", "Target's authority", "score", "number", known="target_authority >= 0",
           beside="own", help="Authority Score of the domain that is linked to, by our published formula."),
    Column("redirect_broken", "Redirect broken because", "text", "choice", REDIRECT_BREAKS, beside="redirect",
           help="Of a link that was a redirect to the target: what our crawler met there last."),
    aside("redirect_now", "Redirects now to", "url", "redirect", help="Where such a broken redirect leads instead."),
    label("ahrefs_broken_redirect_reason", "Ahrefs: redirect broken because"),
    label("ahrefs_broken_redirect", "Ahrefs: broken redirect", "The redirect that Ahrefs found broken.", "url"),
    label("ahrefs_broken_redirect_to", "Ahrefs: leads now to", "Where that redirect leads now, by Ahrefs.", "url"),
)  # fmt: skip
_TIME = (
    Column(
        "state", "State", "state", "choice", STATES, default=True,
        help="Live, lost, or unknown: nobody has looked lately.",
    ),
    Column("lost_reason", "Lost because", "text", "text"),
    flag("lost_by_redirect", "Lost by a redirect", _BY_REDIRECT, "The page, or the way to the target, redirects now."),
    Column("first_seen", "First seen", "date", "date", default=True),
    aside("previous_sight", "Seen before that", "date", "sights", help="The day before last on which a source saw it."),
    Column("last_seen", "Last seen", "date", "date", default=True),
    Column("lost_at", "Lost on", "date", "date"),
    flag("is_new", f"New in {NEW_DAYS} days", IS_NEW, f"First seen within {NEW_DAYS} days."),
    aside("is_original", "On the first visit", "bool", "visits",
          help="Our crawler saw it on the oldest of its visits to the page that are kept."),
    label("ahrefs_discovered", "Discovered", "Ahrefs: with its page, on a known page, or again (restored)."),
    Column("sources", "Known by", "list", "choice", VENDORS, default=True, sortable=False),
    flag("known_to_google", "Known to Google", KNOWN_TO_GOOGLE, GOOGLE_HELP),
)  # fmt: skip
_VENDORS = (
    metric("ahrefs_dr", "Ahrefs DR"),
    metric("ahrefs_ur", "Ahrefs UR"),
    metric("ahrefs_rank", "Ahrefs rank"),
    metric("ahrefs_domain_traffic", "Ahrefs domain traffic"),
    metric("ahrefs_page_traffic", "Ahrefs page traffic"),
    metric("ahrefs_keywords", "Ahrefs page keywords"),
    metric("ahrefs_page_refdomains", "Ahrefs page ref. domains"),
    metric("ahrefs_page_linked_domains", "Ahrefs page linked domains"),
    metric("ahrefs_page_backlinks", "Ahrefs page backlinks"),
    metric("ahrefs_refdomains", "Ahrefs domain ref. domains"),
    metric("ahrefs_linked_domains", "Ahrefs domain linked domains"),
    metric("ahrefs_page_size", "Ahrefs page size"),
    metric("ahrefs_port", "Ahrefs port"),
    metric("ahrefs_target_dr", "Ahrefs target DR"),
    metric("ahrefs_target_ur", "Ahrefs target UR"),
    metric("ahrefs_target_rank", "Ahrefs target rank"),
    metric("ahrefs_target_refdomains", "Ahrefs target ref. domains"),
    metric("ahrefs_target_linked_domains", "Ahrefs target linked domains"),
    flag("ahrefs_is_spam", "Ahrefs: spam", said("ahrefs_is_spam"), "What Ahrefs takes for spam."),
    label("ahrefs_platform", "Ahrefs platform"),
    label("ahrefs_author", "Ahrefs author"),
    label("ahrefs_published", "Ahrefs publish date"),
    label("ahrefs_page_type", "Ahrefs page type"),
    label("ahrefs_page_category", "Ahrefs page category"),
    label("ahrefs_encoding", "Ahrefs encoding"),
    label("ahrefs_backlink_status", "Ahrefs status"),
    metric("semrush_page_as", "Semrush page AS"),
    metric("semrush_domain_as", "Semrush domain AS"),
    metric("semrush_toxic", "Semrush toxic"),
    label("semrush_toxic_markers", "Semrush toxic markers"),
    label("semrush_anchor_type", "Semrush anchor type"),
    metric("semrush_source_size", "Semrush page size"),
    label("semrush_target_title", "Semrush target title"),
    metric("semrush_page_score", "Semrush page score"),
    metric("semrush_page_trust", "Semrush page trust"),
    label("semrush_comment", "Semrush comment"),
    metric("majestic_source_tf", "Majestic TF"),
    metric("majestic_source_cf", "Majestic CF"),
    metric("majestic_target_tf", "Majestic target TF"),
    metric("majestic_target_cf", "Majestic target CF"),
    metric("majestic_domain_tf", "Majestic domain TF"),
    metric("majestic_domain_cf", "Majestic domain CF"),
    label("majestic_topic", "Majestic topic"),
    metric("majestic_topical_tf", "Majestic topical TF"),
    label("majestic_domain_topic", "Majestic domain topic"),
    metric("majestic_domain_topical_tf", "Majestic domain topical TF"),
    label("majestic_link_subtype", "Majestic link subtype"),
    metric("moz_pa", "Moz PA"),
    metric("moz_da", "Moz DA"),
    metric("moz_spam", "Moz spam"),
    metric("moz_page_refdomains", "Moz page ref. domains"),
    metric("moz_domain_refdomains", "Moz domain ref. domains"),
    label("moz_origin", "Moz origin"),
)

LINK_SECTIONS: tuple[tuple[str, tuple[Column, ...]], ...] = (
    ("Referring page", _PAGE),
    ("Its site", (*_SITE, TOPICS)),
    ("Link", _LINK),
    ("Redirects and target", _REDIRECTS),
    ("State and dates", _TIME),
    ("Your team", MARKS),
    ("Read by our crawler", _READ),
    ("Vendors' figures", _VENDORS),
)
LINKS = tuple(one for _, columns in LINK_SECTIONS for one in columns)
