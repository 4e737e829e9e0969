"""WAT and WARC files made by hand, and what the index holds of them."""

import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management import call_command

from backlinks.index import engine

WARCINFO = b"format: WARC File Format 1.0\r\n"


def member(kind: str, body: bytes, content_type: str = "application/json", **headers: str) -> bytes:
    """One record, as a gzip member of its own. Header names are written with _ for -."""
    lines = [f"WARC-Type: {kind}", f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return gzip.compress("\r\n".join(["WARC/1.0", *lines, "", ""]).encode() + body + b"\r\n\r\n", mtime=0)


def page(
    url: Any = "https://news.example/story",
    links: Any = (),
    *,
    head: Any = None,
    headers: Any = None,
    status: Any = "200",
    date: Any = "2026-03-01T10:00:00Z",
    ip: Any = "93.184.216.34",
    kind: Any = "response",
) -> dict[str, Any]:
    """The JSON of a WAT record; `links` are entries, or addresses of plain links."""
    entries = [{"path": "A@/href", "url": one} if isinstance(one, str) else one for one in links]
    answer: dict[str, Any] = {"Response-Message": {"Status": status}, "Headers": headers or {}}
    if head is not False:
        answer["HTML-Metadata"] = {"Head": head or {}, "Links": entries}
    about = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": date, "WARC-IP-Address": ip}
    return {"Envelope": {"WARC-Header-Metadata": about, "Payload-Metadata": {"HTTP-Response-Metadata": answer}}}


def link(url: Any, text: Any = None, rel: Any = None, path: Any = "A@/href") -> dict[str, Any]:
    made = {"path": path, "url": url, "text": text, "rel": rel}
    return {name: value for name, value in made.items() if value is not None}


def wat(path: Path, pages: Sequence[dict[str, Any] | bytes]) -> Path:
    """A WAT file; bytes stand for a record's body as it is."""
    bodies = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in pages]
    path.write_bytes(
        member("warcinfo", WARCINFO, "application/warc-fields") + b"".join(member("metadata", one) for one in bodies)
    )
    return path


def answer(
    url: str, html: str | bytes = "", *, status: str = "200 OK", head: str = "Content-Type: text/html", **headers: str
) -> bytes:
    """A response record of a WARC file; `head`: the answer's headers, a line each."""
    body = html.encode() if isinstance(html, str) else html
    lines = "\r\n".join([f"HTTP/1.1 {status}", *head.splitlines(), "", ""]).encode()
    known = {"WARC_Target_URI": url, "WARC_Date": "2026-03-01T10:00:00Z", "WARC_IP_Address": "93.184.216.34"} | headers
    return member("response", lines + body, "application/http; msgtype=response", **known)


def warc(path: Path, records: Sequence[bytes]) -> Path:
    path.write_bytes(member("warcinfo", WARCINFO, "application/warc-fields") + b"".join(records))
    return path


def imported(*arguments: Path | str, **options: Any) -> dict[str, Any]:
    """What the command prints."""
    out = io.StringIO()
    call_command("import_wat", *map(str, arguments), json=True, stdout=out, stderr=io.StringIO(), **options)
    return json.loads(out.getvalue())


def observed(
    columns: str = "source_url, target_url, kind, anchor", table: str = "observations"
) -> list[tuple[Any, ...]]:
    """Rows of the log, in order, whatever their batch."""
    rows = engine.read(f"SELECT {columns} FROM {table} ORDER BY ALL")
    return [tuple(row.values()) for row in rows]


def shown() -> list[str]:
    """Target domains that have a profile."""
    rows = engine.read("SELECT DISTINCT target_domain AS name FROM generations WHERE links > 0 ORDER BY name")
    return [row["name"] for row in rows]
