"""Why, in plain words: what a crawl's code or a check's reason means to somebody who never saw one.

Decided: one place says it, so that pages, filters and exports use the same words. A code that nobody described is shown
as it is, never hidden.
"""

import re

# The seven ways in which a link is lost.
LOST = {
    "removedfromhtml": "The page no longer has the link",
    "notfound": "The page is gone (404 or 410)",
    "pageerror": "The page answers with an error",
    "pageredirected": "The page redirects to one without the link",
    "noindex": "The page asks search engines to leave it out (noindex)",
    "notcanonical": "The page names another page as the original (canonical)",
    "lostredirect": "The page no longer redirects to the target",
}
# How a redirect that led to the target broke.
REDIRECTS = {"codechanged": "The page no longer redirects", "targetchanged": "It redirects elsewhere now"}
# Why an address was not read, and so why nothing is known about its links.
CODES = {
    "robots": "robots.txt does not let us fetch it",
    "robots_unreachable": "robots.txt could not be fetched, so nothing else may be",
    "crawl_delay": "robots.txt asks for more than 30 seconds between two pages",
    "limit": "A limit of the crawl was reached first",
    "cancelled": "The crawl was cancelled before",
    "duplicate": "The same as another page; the links of many such pages are not followed",
    "not_read": "The answer is no web page that can be read",
    "bad_url": "The address is none",
    "port_refused": "The port is not one of web sites",
    "address_refused": "The name leads to no public address",
    "busy": "Too many names were being looked up",
    "timeout": "No whole answer in time",
    "dns": "The name server gave no answer",
    "connect": "No connection to the server",
    "tls": "The server's certificate or encryption is broken",
    "bad_response": "The answer breaks the rules of HTTP",
    "too_many_redirects": "Redirects without end",
    "bad_redirect": "It redirects, but not to an address of the web",
    "bad_encoding": "The answer cannot be unpacked",
    "headers_too_large": "The answer's headers are too large",
    "cut_short": "The page is too long to be read whole",
    "not_visited": "The check ended before its turn",
}
FOUND = {
    "unchanged": "The page says it has not changed since the last check",
    "target_unseen": "The link is there; its target could not be looked at",
    "target": "The same words lead to another page of the site now",
}
# What a source's own words mean, by the column that they stand in.
TOLD = {
    "flags": {
        "in_content": "in the content", "found_raw": "in the page's source",
        "found_rendered": "after the page's scripts", "no_answer": "the page did not answer",
        "vendor_lost": "the vendor calls it lost",
    },
    "ahrefs_discovered": {
        "pagefound": "with its page", "linkfound": "on a page that was known", "linkrestored": "again, after a loss",
    },
}  # fmt: skip
STATUSES = {
    301: "moved", 302: "moved for now", 303: "see another page", 304: "not changed", 307: "moved for now", 308: "moved",
    400: "bad request", 401: "log-in required", 402: "payment required", 403: "access refused", 404: "not found",
    405: "method refused", 408: "request timed out", 410: "gone", 418: "refused", 421: "wrong server",
    429: "too many requests", 451: "unavailable for legal reasons", 500: "server error", 502: "bad gateway",
    503: "unavailable", 504: "gateway timed out",
}  # fmt: skip
CHANGED = {
    "anchor": "Anchor", "nofollow": "nofollow", "ugc": "ugc", "sponsored": "sponsored", "placement": "Placement",
    "target": "Target page", "page": "Linking page", "canonical": "Canonical",
}  # fmt: skip
ROBOTS = {"rules": "Has rules for us", "all": "Everything is allowed", "none": "Nothing is allowed"}
STATES = {
    "waiting": "waiting", "live": "live", "changed": "changed", "restored": "restored", "lost": "lost",
    "broken": "broken target", "unknown": "could not look",
}  # fmt: skip
# The class that colours a state, of those that lists know.
TONES = {
    "live": "live", "restored": "live", "changed": "mapping", "lost": "lost", "broken": "lost", "failed": "lost",
    "done": "live",
}  # fmt: skip
HTTP = re.compile(r"http_([0-9]{3})")


def in_words(code: str) -> str:
    """A code or reason as a sentence without its full stop; "" for none."""
    found = HTTP.fullmatch(code)
    if found:
        return status_words(int(found.group(1)))
    return (LOST | REDIRECTS | CODES | FOUND).get(code) or code.replace("_", " ")


def status_words(status: int) -> str:
    """“It answered 404 (not found)”."""
    meaning = STATUSES.get(status, "")
    return f"It answered {status} ({meaning})" if meaning else f"It answered {status}"


def tone(state: str) -> str:
    return TONES.get(state, "unknown")


def told(column: str, value: str) -> str:
    """A source's own words as people say them; a word that nobody described loses its underscores."""
    words = TOLD[column]
    return ", ".join(words.get(one, one.replace("_", " ")) for one in value.split())
