"""How fast pages are read beside Scrapy's LinkExtractor and BeautifulSoup, and whether html5lib finds the same links.

Reads every page of a folder (default: pages like those of blogs, made here, and the HTML manuals that this machine has)
with each engine in turn, a few pages at a time, and takes the best of several rounds, so that a busy machine hits all
alike.
Scrapy's LinkExtractor gives links only; BeautifulSoup over lxml does our work: anchor, context, heading, place.
Agreement: the set of absolute URLs of a page's links by html5lib, resolved by the WHATWG parser alone, against ours.

    python bench/page.py [FOLDER] [--pages 200] [--rounds 3] [--no-agreement] [--profile]
"""

import argparse
import cProfile
import pstats
import random
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ada_url
import html5lib
from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from scrapy.http import HtmlResponse
from scrapy.linkextractors import LinkExtractor

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from backlinks.crawl import page  # noqa: E402
from backlinks.crawl.charset import decode  # noqa: E402
from backlinks.crawl.placement import START, cue_of, inside  # noqa: E402
from backlinks.crawl.tags import BLOCKS  # noqa: E402
from seoapp.lib import weburl  # noqa: E402

MANUALS = ("/usr/share/doc", "/usr/share/gtk-doc/html", "/usr/lib/node_modules/npm/docs")
URL = "https://docs.example/manual/part/page.html"
TURN = 10  # pages
AIMS = {"links": (2.0, 8.0), "full": (1.3, 5.0)}
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
WORDS = [
    "garden",
    "tool",
    "review",
    "best",
    "cheap",
    "guide",
    "light",
    "lamp",
    "kitchen",
    "travel",
    "north",
    "river",
    "stone",
    "market",
    "paper",
    "coffee",
    "winter",
    "house",
    "bicycle",
    "repair",
    "school",
    "green",
    "energy",
    "local",
    "artist",
    "music",
    "studio",
    "wooden",
    "table",
    "smart",
    "watch",
    "running",
    "shoes",
    "summer",
    "recipe",
]


# --- Pages ----------------------------------------------------------------------------------------------------------
def pages_of(folder: Path | None, wanted: int) -> list[bytes]:
    """The pages of a folder; without one, half made here and half found in this machine's manuals."""
    if folder is not None:
        return _sample(sorted(path for path in folder.rglob("*.html") if path.is_file()), wanted)
    dice = random.Random(3)
    made = [made_page(dice).encode() for _ in range(wanted // 2)]
    found = sorted(path for root in MANUALS for path in Path(root).rglob("*.html") if path.is_file())
    return made + _sample(found, wanted - len(made))


def _sample(paths: list[Path], wanted: int) -> list[bytes]:
    bodies = (path.read_bytes() for path in random.Random(3).sample(paths, min(len(paths), 2 * wanted)))
    return [body for body in bodies if 2_000 < len(body) < 1_000_000][:wanted]


def made_page(dice: random.Random) -> str:
    """A page like a blog's: a menu, an article with links in sentences, comments, a sidebar, a footer, scripts."""

    def text(words: int) -> str:
        return " ".join(dice.choice(WORDS) for _ in range(words))

    def link() -> str:
        host = f"{dice.choice(WORDS)}-{dice.choice(WORDS)}.example"
        address = dice.choice(
            (f"/{dice.choice(WORDS)}/{dice.choice(WORDS)}-{dice.randint(1, 999)}/", f"https://{host}/")
        )
        rel = dice.choice(("", ' rel="nofollow ugc"', ' rel="noopener" target="_blank"'))
        return f'<a href="{address}" class="link-{dice.randint(1, 9)}"{rel}>{text(dice.randint(1, 4))}</a>'

    menu = "".join(f'<li id="menu-item-{n}" class="menu-item menu-item-{n}">{link()}</li>\n' for n in range(24))
    body = "\n".join(
        f"<h2>{text(4)}</h2>\n" * (n % 4 == 0) + f"<p>{text(30)} {link()} <em>{text(2)}</em>, {text(25)} {link()}.</p>"
        for n in range(18)
    )
    comments = "\n".join(
        f'<li class="comment depth-1" id="comment-{n}"><article class="comment-body"><footer class="comment-meta">'
        f'<b class="fn">{link()}</b></footer><div class="comment-content"><p>{text(30)}</p></div></article></li>'
        for n in range(8)
    )
    side = "\n".join(
        f'<section class="widget widget_links"><h3 class="widget-title">{text(2)}</h3><ul>'
        + "".join(f"<li>{link()}</li>" for _ in range(8))
        + "</ul></section>"
        for _ in range(4)
    )
    script = "<script>window.data = {" + ",".join(f"'{n}':'{text(3)}'" for n in range(60)) + "};</script>"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{text(6)}</title>{script}</head><body>'
        f'<header class="site-header"><nav><ul class="menu">{menu}</ul></nav></header><main id="main"><article>'
        f'<header class="entry-header"><h1>{text(6)}</h1></header><div class="entry-content">{body}</div></article>'
        f'<div id="comments"><ol class="comment-list">{comments}</ol></div></main>'
        f'<aside class="widget-area">{side}</aside>'
        f'<footer class="site-footer"><p>{text(8)} {link()} {link()}</p></footer>{script}</body></html>'
    )


# --- Engines --------------------------------------------------------------------------------------------------------
def ours_links(body: bytes) -> int:
    return len(page.read(body, URL, content_type="text/html", links_only=True).links)


def ours_full(body: bytes) -> int:
    return len(page.read(body, URL, content_type="text/html").links)


EXTRACTOR = LinkExtractor()


def scrapy_links(body: bytes) -> int:
    return len(EXTRACTOR.extract_links(HtmlResponse(URL, body=body, headers={"Content-Type": "text/html"})))


def soup_links(body: bytes) -> int:
    """Our work done with BeautifulSoup over lxml: every link with rel, anchor, context, heading and place."""
    soup = BeautifulSoup(body, "lxml")
    made = []
    for one in soup.find_all(["a", "area"], href=True):
        try:
            address = weburl.parse(ada_url.join_url(URL, str(one["href"])))
        except ValueError:
            continue
        made.append((address, one.get("rel"), " ".join(one.get_text().split()), *_soup_context(one), _soup_place(one)))
    return len(made)


def _soup_context(one: Tag) -> tuple[str, str]:
    block = next((parent for parent in one.parents if parent.name in BLOCKS), one)
    heading = one.find_previous(HEADINGS)
    return " ".join(block.get_text().split())[:600], heading.get_text()[:300] if heading else ""


def _soup_place(one: Tag) -> str:
    region = START
    for parent in reversed(list(one.parents)):
        named = (
            f' {name}="{parent.get_attribute_list(name)[0]}"'
            for name in ("class", "id", "role")
            if parent.has_attr(name)
        )
        region = inside(region, cue_of(parent.name, "".join(named)))
    return region.place


ENGINES: dict[str, Callable[[bytes], int]] = {
    "ours, links with anchor, context, place": ours_links,
    "ours, all facts of the page": ours_full,
    "Scrapy LinkExtractor, links only": scrapy_links,
    "BeautifulSoup + lxml, links with context": soup_links,
}


def measured(pages: list[bytes], rounds: int) -> dict[str, tuple[float, int]]:
    """(CPU seconds, links) of each engine: they take turns at every few pages, and the best turn at each counts."""
    spent, links = dict.fromkeys(ENGINES, 0.0), dict.fromkeys(ENGINES, 0)
    for start in range(0, len(pages), TURN):
        some = pages[start : start + TURN]
        best = dict.fromkeys(ENGINES, float("inf"))
        for round_ in range(rounds):
            for name, engine in ENGINES.items():
                started = time.process_time()
                found = sum(map(engine, some))
                best[name] = min(best[name], time.process_time() - started)
                links[name] += found if round_ == 0 else 0
        spent = {name: spent[name] + best[name] for name in ENGINES}
    return {name: (spent[name], links[name]) for name in ENGINES}


# --- Agreement ------------------------------------------------------------------------------------------------------
ADDRESSES = {"a": "href", "area": "href", "iframe": "src", "frame": "src", "form": "action"}


def by_html5lib(text: str) -> set[str]:
    """Absolute URLs of the links that html5lib sees, without those in an inert `template`."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    base = next((one.get("href") for one in tree.iter("base") if one.get("href")), "")
    base = ada_url.join_url(URL, base) if base else URL
    return {url for tag, href in _linked(tree) if (url := _whole(base, href, tag))}


def _linked(tree: Any) -> Iterator[tuple[str, str]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        name = str(node.tag).rpartition("}")[2]
        if name == "template":
            continue
        href = node.get(ADDRESSES.get(name, ""))
        if href is not None:
            yield name, href
        waiting.extend(node)


def _whole(base: str, href: str, tag: str) -> str:
    if not href.strip() and tag not in ("a", "area"):
        return ""
    try:
        return weburl.parse(ada_url.join_url(base, href)).url
    except ValueError:
        return ""


def agreement(pages: list[bytes]) -> tuple[int, int, int]:
    """(links both see, links only html5lib sees, links only we see), counted as URLs a page."""
    both = theirs = ours = 0
    for body in pages:
        read = page.read(body, URL, content_type="text/html", links_only=True)
        mine = {one.url for one in read.links if one.kind in ("text", "image", "frame", "form")}
        wanted = by_html5lib(decode(body, "text/html")[0])
        both, theirs, ours = both + len(mine & wanted), theirs + len(wanted - mine), ours + len(mine - wanted)
    return both, theirs, ours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-agreement", action="store_true")
    parser.add_argument("--profile", action="store_true", help="print where Python spends its time")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)
    pages = pages_of(options.folder, options.pages)
    if not pages:
        sys.exit("No pages found.")
    print(f"{len(pages)} pages, {sum(map(len, pages)) / len(pages) / 1000:.0f} kB on average")
    if options.profile:
        with cProfile.Profile() as profiler:
            sum(map(ours_full, pages))
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)
    best = measured(pages, options.rounds)
    links, full, scrapy, soup = (best[name][0] for name in ENGINES)
    for name, (spent, count) in best.items():
        print(f"{name:42} {len(pages) / spent:7.0f} pages / CPU s {count:9,} links")
    for label, spent in (("links", links), ("full", full)):
        aims = AIMS[label]
        print(
            f"ratio, {label}: {scrapy / spent:.2f} x Scrapy (aim: {aims[0]}), "
            f"{soup / spent:.1f} x BeautifulSoup (aim: {aims[1]})"
        )
    if not options.no_agreement:
        both, theirs, ours = agreement(pages)
        share = both / max(1, both + theirs + ours)
        print(f"agreement with html5lib: {share:.5f} ({both:,} in both, {theirs} there, {ours} here only; aim: 0.999)")


if __name__ == "__main__":
    main()
