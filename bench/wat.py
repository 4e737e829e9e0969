"""Pages a CPU second of `import_wat` beside a bare fastwarc and orjson loop over the same file.

Makes a WAT file by itself: pages with 100 to 200 link entries each (60 % relative, 15 % absolute inside the site, 25 %
to other sites, whose hosts are skewed as on the web), with rel, anchors in several scripts, and the odd entries that
real files have. Reads it bare (every record through `orjson.loads`), then as `import_wat` does: links to other sites
only, and with the links inside each site (`--internal`). CPU is that of this process and its threads, from the first
byte to the acknowledged rows; the index is another process, and its time is printed apart (insert, settle).

    python bench/wat.py [--pages 16000] [--profile] [--no-settle] [--keep FOLDER]
"""

import argparse
import cProfile
import functools
import os
import pstats
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import compressobj

import orjson
from fastwarc.warc import ArchiveIterator, WarcRecordType

ROOT = Path(__file__).resolve().parents[1]
TEXT = (
    "garden tool review best cheap guide light lamp kitchen travel north river stone market paper coffee winter house "
    "bicycle repair school green energy local artist music studio wooden table smart watch running shoes summer recipe "
    "über straße café niño город книга новости 東京 旅行 レビュー 한국 여행 كتاب سفر"
)
WORDS = TEXT.split()
PLAIN = [word for word in WORDS if word.isascii()]
ENDINGS = ("com", "com", "com", "org", "de", "net", "co.uk", "ru", "co.jp", "com.br")
FAMOUS = (
    "www.facebook.com",
    "twitter.com",
    "www.instagram.com",
    "www.youtube.com",
    "www.linkedin.com",
    "wordpress.org",
)
HOSTS = 60_000
RELS = ("nofollow", "noopener noreferrer", "nofollow noopener", "ugc nofollow", "sponsored", "external nofollow")
EXTERNAL_ONLY, WITH_INTERNAL = 0.15, 0.04


# --- A file as Common Crawl writes it -------------------------------------------------------------------------------
def write_wat(path: Path, pages: int) -> None:
    """A file of `pages` pages, the same at every call; as in real ones, a page has three records."""
    dice = random.Random(4)
    hosts = [f"{'www.' if n % 3 else ''}{dice.choice(PLAIN)}-{dice.choice(PLAIN)}{n}.{dice.choice(ENDINGS)}"
             for n in range(HOSTS)]  # fmt: skip
    with path.open("wb") as file:
        file.write(member(b"warcinfo", "", b"application/warc-fields", b"format: WARC File Format 1.0\r\n"))
        for number in range(pages):
            url = f"https://{hosts[int(HOSTS * dice.random())]}/{dice.choice(PLAIN)}/{dice.choice(PLAIN)}-{number}.html"
            for kind in ("request", "response", "metadata"):
                body = orjson.dumps(_record(dice, kind, url, hosts))
                file.write(member(b"metadata", url, b"application/json", body))


def member(kind: bytes, url: str, content: bytes, body: bytes) -> bytes:
    """One WARC record as a gzip member of its own."""
    head = b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Date: 2026-05-18T01:58:10Z\r\n" % kind
    if url:
        head += b"WARC-Target-URI: %s\r\n" % url.encode()
    head += b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (content, len(body))
    packer = compressobj(6, wbits=31)
    return packer.compress(head + body + b"\r\n\r\n") + packer.flush()


def _record(dice: random.Random, kind: str, url: str, hosts: list[str]) -> dict[str, Any]:
    header = {
        "WARC-Type": kind, "WARC-Date": "2026-05-18T01:58:10Z", "WARC-Target-URI": url,
        "WARC-IP-Address": f"{dice.randint(11, 99)}.{dice.randint(0, 255)}.{dice.randint(0, 255)}.7",
        "WARC-Record-ID": f"<urn:uuid:{dice.getrandbits(128):x}>", "Content-Length": "5149",
    }  # fmt: skip
    container = {
        "Filename": "CC-MAIN-20260702045758-20260702075758-00000.warc.gz", "Compressed": True, "Offset": "52557",
        "Gzip-Metadata": {"Deflate-Length": "1877", "Footer-Length": "8", "Inflated-CRC": "-1535210076"},
    }  # fmt: skip
    payload: dict[str, Any] = {"Actual-Content-Type": f"application/http; msgtype={kind}"}
    if kind == "response":
        payload["HTTP-Response-Metadata"] = _response(dice, url, hosts)
    envelope = {"Format": "WARC/1.0", "WARC-Header-Metadata": header, "Payload-Metadata": payload}
    return {"Container": container, "Envelope": envelope}


def _response(dice: random.Random, url: str, hosts: list[str]) -> dict[str, Any]:
    robots = dice.choice(("index, follow", "index, follow", "max-image-preview:large", "noindex"))
    head = {
        "Title": f"{dice.choice(WORDS).title()} {dice.choice(WORDS)} | {dice.choice(WORDS)}",
        "Metas": [
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "robots", "content": robots},
            {"name": "description", "content": " ".join(dice.choices(WORDS, k=20))},
            {"property": "og:url", "content": url}, {"name": "generator", "content": "WordPress 6.5"},
        ],
        "Link": [
            {"path": "LINK@/href", "url": url, "rel": "canonical"},
            {"path": "LINK@/href", "url": "/style.css", "rel": "stylesheet", "type": "text/css"},
            {"path": "LINK@/href", "url": "/feed/", "rel": "alternate", "type": "application/rss+xml"},
        ],
        "Scripts": [{"path": "SCRIPT@/src", "url": "/jquery.js", "type": "text/javascript"}],
    }  # fmt: skip
    site = url[: url.index("/", 8)]
    return {
        "Response-Message": {"Status": "200", "Version": "HTTP/1.1", "Reason": "OK"},
        "Headers": {"Content-Type": "text/html; charset=UTF-8", "Server": "nginx", "X-Powered-By": "PHP/8.3"},
        "HTML-Metadata": {"Head": head, "Links": [_link(dice, site, hosts) for _ in range(dice.randint(100, 200))]},
    }


def _link(dice: random.Random, site: str, hosts: list[str]) -> dict[str, str]:
    sort = dice.random()
    path = f"/{dice.choice(PLAIN)}/{dice.choice(WORDS if sort > 0.99 else PLAIN)}-{dice.randint(1, 9999)}"
    if sort < 0.10:
        return {"path": "IMG@/src", "url": f"/wp-content{path}.jpg", "alt": dice.choice(WORDS)}
    if sort < 0.60:
        url = path + dice.choice(("", "", "/", f"?page={dice.randint(1, 99)}", "#top"))
    elif sort < 0.75:
        url = site + path
    else:
        host = dice.choice(FAMOUS) if dice.random() < 0.2 else hosts[int(HOSTS * dice.random() ** 3)]
        url = f"{dice.choice(('https:', 'https:', 'https:', 'http:', ''))}//{host}{dice.choice((path, path, '', '/'))}"
    made = {"path": "A@/href", "url": url}
    if dice.random() < 0.85:
        made["text"] = " ".join(dice.choices(WORDS, k=dice.randint(1, 5)))
    if dice.random() < 0.25:
        made["rel"] = dice.choice(RELS)
    return made


# --- The two readings -----------------------------------------------------------------------------------------------
def bare(path: Path, pages: int) -> float:
    """Pages a CPU second of reading every record and its JSON; the best of three."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        for record in ArchiveIterator(
            str(path), record_types=WarcRecordType.metadata, parse_http=False, fsspec_args=False
        ):
            orjson.loads(record.reader.read())
        best = max(best, pages / (time.process_time() - began))
    return best


@dataclass(slots=True)
class Watched:
    """CPU of this process when the rows of a file were all acknowledged."""

    began: float = 0.0
    read: float = 0.0
    settle: bool = True

    def complete(self, inner: Callable[..., Any], *arguments: Any) -> Any:
        self.read = time.process_time() - self.began
        return inner(*arguments) if self.settle else []


def imported(path: Path, watched: Watched, *, internal: bool, profile: bool) -> Any:
    """The import of one file, as the command makes it."""
    from backlinks.openweb import wat  # noqa: PLC0415 - after Django is set up
    from backlinks.openweb.models import OpenImport  # noqa: PLC0415
    from backlinks.openweb.wat_choice import Choice  # noqa: PLC0415
    from projects import runs  # noqa: PLC0415

    made = wat.receive(path, Choice(internal=internal))
    profiler = cProfile.Profile() if profile else None
    watched.began = time.process_time()
    if profiler:
        profiler.enable()
    runs.execute(made.run_id)
    if profiler:
        profiler.disable()
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    made = OpenImport.objects.select_related("run").get(pk=made.pk)
    if made.state != OpenImport.State.DONE:
        sys.exit(f"The import ended as {made.state}: {made.error or made.run.error}")
    return made


def measured(path: Path, pages: int, watched: Watched, options: argparse.Namespace) -> None:
    for internal, aim in ((False, EXTERNAL_ONLY), (True, WITH_INTERNAL)):
        before = bare(path, pages)
        made = imported(path, watched, internal=internal, profile=options.profile)
        plain = (before + bare(path, pages)) / 2
        ours = pages / watched.read
        counts = made.progress["counts"]
        rows = counts["links"] + (counts["internal"] if internal else 0)
        print(
            f"{'every link kept' if internal else 'links to other sites'}: {ours:,.0f} pages a CPU second beside "
            f"{plain:,.0f} bare: {ours / plain:.3f} (aim: {aim}); {rows / watched.read:,.0f} rows a CPU second"
        )
        print(
            f"  the index: insert {made.progress['insert_seconds']} s, settle {made.progress['settle_seconds']} s "
            f"of {made.progress['targets']:,} targets; {rows:,} rows; peak memory of this process so far "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )


def set_up(work: Path, watched: Watched) -> None:
    sys.path.insert(0, str(ROOT))
    os.environ |= {
        "SEOAPP_DATA": str(work / "data"), "DJANGO_SETTINGS_MODULE": "seoapp.settings", "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from backlinks import index  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    index.migrate()
    index.complete = functools.partial(watched.complete, index.complete)  # type: ignore[assignment]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=16_000, help="of the larger of two files (real ones: 22,000)")
    parser.add_argument("--keep", type=Path, help="keep the files in this folder, and use them again")
    parser.add_argument("--no-settle", action="store_true", help="leave the profiles of the targets as they are")
    parser.add_argument("--profile", action="store_true", help="print where Python spends its time (slows it down)")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="linkledger-bench-"))
    watched = Watched(settle=not options.no_settle)
    try:
        set_up(work, watched)
        for pages in (options.pages // 4, options.pages):
            path = (options.keep or work) / f"pages-{pages}.wat.gz"
            if not path.exists():
                write_wat(path, pages)
            print(f"{pages:,} pages, {path.stat().st_size / 1e6:.1f} MB")
            measured(path, pages, watched, options)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
