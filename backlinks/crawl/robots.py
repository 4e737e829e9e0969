"""What a host's robots.txt says to us: may a URL be fetched, how long to wait, where the sitemaps are.

Decided: RFC 9309. Google's parser is the judge of what a file means, Protego does the matching, and a small pass before
it keeps only what concerns us: the groups of our agent and of `*`. The pass mends where Protego differs: lines that are
no rule do not end a group, an agent value may carry a version or name several agents, lines end with CR or LF alone.
`Crawl-delay` belongs to its group and ends the list of agents, as for Bing and unlike for Google, else a delay for
everyone followed by a ban of one bad bot would ban everyone. The kept text reads back to the same rules, so it is what
a crawler stores. Refused: urllib.robotparser (a quarter of its verdicts on real files are wrong).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from protego import Protego

from seoapp.lib.weburl import BadUrl
from seoapp.lib.weburl import parse as parse_url

AGENT = "LinkledgerBot"
MAX_BYTES = 500 * 1024
MAX_LINE = 16_663  # bytes of a line that Google reads
MAX_DELAY = 30.0  # a host that asks for more is left alone
MAX_SITEMAPS = 1_000
UNAVAILABLE = ("too_many_redirects", "bad_redirect")  # RFC 9309 2.3.1.2: as if there were no file
LINE_END = re.compile(rb"\r\n|\n|\r")
# Keys as sites spell them; Google accepts any key that starts like this.
KEYS = {
    "agent": re.compile(r"user-agent|useragent|user agent", re.IGNORECASE),
    "allow": re.compile(r"allow", re.IGNORECASE),
    "disallow": re.compile(r"disallow|dissallow|dissalow|disalow|diasllow|disallaw", re.IGNORECASE),
    "delay": re.compile(r"crawl-delay|crawl delay", re.IGNORECASE),
    "sitemap": re.compile(r"sitemap|site-map", re.IGNORECASE),
}
TOKEN = re.compile(r"[A-Za-z_-]+")
DELAY = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9}")
MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one host for us. `state`: "rules", "all" (everything is allowed) or "none" (nothing is)."""

    state: str
    text: str = ""  # what of the file concerns us, in the file's own words
    reason: str = ""
    delay: float | None = None
    skip_host: bool = False  # asks for more than 30 seconds between two requests
    sitemaps: tuple[str, ...] = ()
    agent: str = AGENT

    def allowed(self, url: str) -> bool:
        if self.state != "rules":
            return self.state == "all"
        return _matcher(self.text).can_fetch(url, self.agent)


def rules_of(status: int, body: bytes, content_type: str = "", *, failed: str = "") -> Rules:
    """The rules that an answer to GET /robots.txt stands for; `failed` is the code of a fetch that gave none."""
    if failed:
        return _unreachable(failed)
    if status == 429 or status >= 500:
        return Rules("none", reason=f"robots.txt answered {status}: nothing is fetched until it answers.")
    if 400 <= status < 500:
        return Rules("all", reason=f"robots.txt answered {status}: there is no file.")
    if status == 304 or not 200 <= status < 400:
        return Rules("none", reason=f"robots.txt answered {status}, which says nothing.")
    if status >= 300:
        return Rules("all", reason="robots.txt redirects to nowhere: there is no file.")
    if not body.strip():
        return Rules("all", reason="robots.txt is empty.")
    rules = parse(body)
    says_html = "html" in content_type.lower() and rules.state == "all" and not rules.sitemaps
    if says_html or MARKUP.match(body):
        return Rules("all", reason="robots.txt is a web page, not a list of rules.")
    return rules


def _unreachable(failed: str) -> Rules:
    if failed in UNAVAILABLE:
        return Rules("all", reason="robots.txt redirects to nowhere: there is no file.")
    return Rules("none", reason=f"robots.txt could not be fetched ({failed}): nothing is fetched until it can be.")


def parse(body: bytes, agent: str = AGENT) -> Rules:
    """The rules of a file for an agent."""
    return _rules("\n".join(_kept(body[:MAX_BYTES], agent)), agent)


def kept(state: str, text: str = "", reason: str = "") -> Rules:
    """Rules as they were stored: `state`, `text` and `reason` of what `rules_of` gave."""
    return _rules(text) if text else Rules(state, reason=reason)


@lru_cache(maxsize=4_096)
def _rules(text: str, agent: str = AGENT) -> Rules:
    matcher = _matcher(text)
    sitemaps = tuple(matcher.sitemaps)
    if "\nallow:" not in text and "\ndisallow:" not in text and "\ncrawl-delay:" not in text:
        return Rules("all", text, "robots.txt has no rule for us.", sitemaps=sitemaps, agent=agent)
    delay = matcher.crawl_delay(agent)
    reason = f"robots.txt asks for {delay:g} seconds between two requests." if delay else ""
    return Rules("rules", text, reason, delay, (delay or 0) > MAX_DELAY, sitemaps, agent)


@lru_cache(maxsize=4_096)
def _matcher(text: str) -> Protego:
    return Protego.parse(text)


# --- The pass before Protego ----------------------------------------------------------------------------------------
def _kept(body: bytes, agent: str) -> Iterator[str]:
    """The lines that concern an agent, in Protego's spelling: its groups, those of `*`, and the sitemaps at the end."""
    sitemaps: dict[str, None] = {}
    ours, in_rules = False, False
    for key, value in _lines(body):
        if key == "agent":
            ours, in_rules = ours and not in_rules, False
            for name in _names_us(value, agent):
                ours = True
                yield f"user-agent: {name}"
        elif key == "sitemap":
            sitemaps[value] = None
        else:
            in_rules = True
            if ours:  # a rule without a value says nothing, but it ends the list of agents
                yield f"{key}: {value}".rstrip() if key != "crawl-delay" or DELAY.fullmatch(value) else "disallow:"
    yield from (f"sitemap: {url}" for url in _absolute(sitemaps))


def _lines(body: bytes) -> Iterator[tuple[str, str]]:
    """(kind of line, value); lines that are none of ours are left out, so that they end no group."""
    for raw in LINE_END.split(body.removeprefix(b"\xef\xbb\xbf")):
        line = raw[:MAX_LINE].decode("utf-8", "replace").replace("\0", "").partition("#")[0].strip()
        key, colon, value = line.partition(":")
        if not colon:
            words = line.split()
            key, value = words if len(words) == 2 else ("", "")
        kind = next((name for name, pattern in KEYS.items() if pattern.match(key)), "")
        if kind:
            yield "crawl-delay" if kind == "delay" else kind, " ".join(value.strip().splitlines())


def _names_us(value: str, agent: str) -> list[str]:
    """`*` or the agent where an agent line means it; a line may list several with commas."""
    names = []
    for one in value.split(","):
        token = TOKEN.match(one.strip())
        if one.split()[:1] == ["*"]:
            names.append("*")
        elif token and token.group().lower() == agent.lower():
            names.append(agent)
    return names


def _absolute(urls: dict[str, None]) -> Iterator[str]:
    for url in list(urls)[:MAX_SITEMAPS]:
        try:
            yield parse_url(url).url
        except BadUrl:
            continue
