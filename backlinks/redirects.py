"""Where a page that answers with an error could redirect to, and the rules that make it so.

Decided: likeness = 45 % words of the path that both have (of all that either has) + 35 % likeness of the last part of
the path (1 less the edits and swaps that turn one into the other, by the longer one's length; 0 where both have numbers
and not the same: page 2 is not page 3) + 20 % words of the anchors that lead to the broken page, found in the path or
the title of the other. Where no anchor says anything, the two others share its weight. Below LEAST nothing is suggested
but the nearest folder above that answers. The home page is never suggested: to search engines a redirect to it is an
error in disguise. Rules are for whoever reads them first: every character of an address that a server's file could take
for its own is escaped. Refused: embeddings, because nobody could say why.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from rapidfuzz import process
from rapidfuzz.distance import OSA

PATH, SLUG, SAID = 45, 35, 20
LEAST = 35
ABOVE = 30  # the score of a folder above
LONG_BEGINS = 4
COMPARED = 25  # candidates of a page that are compared in full
WORD = re.compile(r"[^\W_]+")
ENDINGS = frozenset(("html", "htm", "php", "asp", "aspx", "jsp", "index"))
SAYS_NOTHING = frozenset(
    ("the", "a", "an", "and", "of", "to", "in", "for", "here", "click", "www", "https", "http", "com")
)


@dataclass(frozen=True, slots=True)
class SitePage:
    """A page of the site: its key, its URL, and the words that are said of it (title, or anchors of its links)."""

    key: str
    url: str
    said: str = ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """`likeness` is 0 to 100; `why` says what is alike, in words."""

    url: str
    likeness: int
    why: tuple[str, ...]


# --- What is alike ----------------------------------------------------------------------------------------------------
def path_words(url: str) -> list[str]:
    """The words of a path, without endings such as .html."""
    found = WORD.findall(unquote(urlsplit(url).path).casefold())
    return [one for one in found if one not in ENDINGS]


def needles(urls: Iterable[str]) -> list[str]:
    """What pages that are like these may have in their URL: the words of the paths, long ones by how they begin."""
    words = {word for url in urls for word in path_words(url)}
    return sorted({word[:LONG_BEGINS] if len(word) > LONG_BEGINS else word for word in words})


def folders_above(key: str) -> list[str]:
    """Keys of the folders that a page lies in, the nearest first; the home page is none of them."""
    host, _, path = key.partition("/")
    parts = [one for one in path.split("?")[0].split("/") if one][:-1]
    made = []
    for length in range(len(parts), 0, -1):
        folder = f"{host}/{'/'.join(parts[:length])}"
        made += [f"{folder}/", folder]
    return made


def suggest(broken: Sequence[SitePage], good: Sequence[SitePage]) -> list[StandIn | None]:
    """For each broken page the page that is most like it, or None."""
    offered = [one for one in good if urlsplit(one.url).path.strip("/") or urlsplit(one.url).query]
    site = _Site(offered)
    slugs = [_slug(one.url) for one in broken]
    alike = process.cdist(slugs, site.slugs, scorer=OSA.normalized_similarity) if offered and broken else ()
    return [_best(one, site, alike[number]) if offered else None for number, one in enumerate(broken)]


class _Site:
    """The pages that could stand in, by the words of their paths."""

    def __init__(self, pages: Sequence[SitePage]) -> None:
        self.pages = pages
        self.slugs = [_slug(one.url) for one in pages]
        self.words = [frozenset(path_words(one.url)) for one in pages]
        self.places = {one.key: number for number, one in enumerate(pages)}
        self.with_word: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self.words):
            for word in words:
                self.with_word[word].append(number)


def _slug(url: str) -> str:
    """The last part of a path, without its ending."""
    parts = [one for one in unquote(urlsplit(url).path).casefold().split("/") if one]
    last = parts[-1] if parts else ""
    stem, _, ending = last.rpartition(".")
    return stem if stem and ending in ENDINGS else last


def _best(page: SitePage, site: _Site, slugs: Sequence[float]) -> StandIn | None:
    words = frozenset(path_words(page.url))
    said = frozenset(WORD.findall(page.said.casefold())) - SAYS_NOTHING
    shared = Counter(number for word in words for number in site.with_word.get(word, ()))
    nearest = sorted(range(len(site.pages)), key=lambda number: -slugs[number])[:COMPARED]
    chosen = {number for number, _ in shared.most_common(COMPARED)} | set(nearest)
    chosen -= {site.places.get(page.key, -1)}
    own = _numbers(_slug(page.url))
    made = [
        _compared(words, said, site, number, 0.0 if _differ(own, site.slugs[number]) else float(slugs[number]))
        for number in chosen
    ]
    best = max(made, key=lambda one: (one.likeness, one.url), default=None)
    return best if best is not None and best.likeness >= LEAST else _above(page, site)


def _numbers(slug: str) -> list[str]:
    return re.findall(r"[0-9]+", slug)


def _differ(numbers: list[str], slug: str) -> bool:
    other = _numbers(slug)
    return bool(numbers and other) and numbers != other


def _compared(words: frozenset[str], said: frozenset[str], site: _Site, number: int, slug: float) -> StandIn:
    other = site.pages[number]
    both, either = words & site.words[number], words | site.words[number]
    told = said & (site.words[number] | frozenset(WORD.findall(other.said.casefold())))
    parts = [(PATH, len(both) / len(either) if either else 0.0), (SLUG, slug)]
    parts += [(SAID, len(told) / len(said))] if said else []
    likeness = sum(weight * value for weight, value in parts) / sum(weight for weight, _ in parts)
    why = [f"same words in the path: {', '.join(sorted(both))}"] if both else []
    why += [f"last part {slug:.0%} alike"] if slug >= 0.5 else []
    why += [f"anchors say: {', '.join(sorted(told)[:5])}"] if told else []
    return StandIn(other.url, round(100 * likeness), tuple(why))


def _above(page: SitePage, site: _Site) -> StandIn | None:
    found = next((site.places[key] for key in folders_above(page.key) if key in site.places), None)
    return None if found is None else StandIn(site.pages[found].url, ABOVE, ("nothing is alike: the folder above",))


# --- Rules ------------------------------------------------------------------------------------------------------------
Pair = tuple[str, str]  # from one URL to another
SAFE = re.compile(r"[^A-Za-z0-9/_.~:?=&%,@+-]")
PLAIN = re.compile(r"[A-Za-z0-9/_-]")


def is_safe(pair: Pair) -> bool:
    """Whether both are addresses of printable ASCII, as the index keeps them."""
    return all(one.isascii() and one.isprintable() and " " not in one and urlsplit(one).netloc for one in pair)


def nginx(pairs: Iterable[Pair]) -> Iterator[str]:
    """A map of addresses for the http block, and what to put into the server block."""
    yield "# Redirects of broken pages. This map belongs into the http block:\n"
    yield 'map "$host$request_uri" $moved_to {\n    default "";\n'
    for source, target in filter(is_safe, pairs):
        parts = urlsplit(source)
        address = parts.netloc + parts.path + (f"?{parts.query}" if parts.query else "")
        yield f'    "{_quoted(address)}" "{_escaped(target)}";\n'
    yield "}\n# and this into the server block:\n# if ($moved_to) { return 301 $moved_to; }\n"


def apache(pairs: Iterable[Pair]) -> Iterator[str]:
    """Conditions on the raw request, because rules see paths that were decoded already."""
    yield "# Redirects of broken pages, for the configuration of the site or its .htaccess.\nRewriteEngine On\n"
    for source, target in filter(is_safe, pairs):
        parts = urlsplit(source)
        address = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        yield f'RewriteCond "%{{HTTP_HOST}}" "^{_pattern(parts.netloc)}$" [NC]\n'
        yield f'RewriteCond "%{{THE_REQUEST}}" "^[A-Z]+ {_pattern(address)} HTTP/"\n'
        yield f'RewriteRule "^" "{_escaped(target).replace("%", chr(92) + "%")}" [R=301,L,NE,QSD]\n'


RULES: dict[str, Callable[[Iterable[Pair]], Iterator[str]]] = {"nginx": nginx, "apache": apache}


def _quoted(text: str) -> str:
    """Inside double quotes of nginx; a map takes its keys as they stand."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _escaped(url: str) -> str:
    """A URL in which nothing is left that a file of rules takes for a variable, a quote or an end."""
    return SAFE.sub(lambda found: f"%{ord(found.group()):02X}", url)


def _pattern(text: str) -> str:
    """A regular expression for exactly this text: all but plain characters by their number."""
    return "".join(one if PLAIN.fullmatch(one) else f"\\x{ord(one):02X}" for one in text)
