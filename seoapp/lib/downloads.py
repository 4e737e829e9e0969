"""A stored file as a download, whole or one range of it (RFC 9110, section 14): a broken download goes on.

Decided: one range only; what asks for several, or for none that we understand, gets the whole file, as the standard
allows. A stored file never changes under its name, so the name and the size are its tag.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import IO

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from .export import safe_filename

PIECE = 64 * 1024
ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def stored_file(request: HttpRequest, file: FieldFile, *, name: str, content_type: str) -> HttpResponseBase:
    """The answer to GET or HEAD of a file in the storage."""
    size, tag = file.size, _tag(file)
    asked = _range(request, tag)
    part = None if asked is None else _within(asked, size)
    if asked is not None and part is None:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    if request.method == "HEAD":
        response = HttpResponse()
        response["Content-Length"] = size
    elif part is None:
        response = FileResponse(file.open("rb"))
        response["Content-Length"] = size
    else:
        response = _part(file, *part, size)
    response["Content-Type"] = content_type
    response["Content-Disposition"] = f'attachment; filename="{safe_filename(name)}"'
    response["Accept-Ranges"], response["ETag"] = "bytes", tag
    response["Cache-Control"] = "private, no-store"
    return response


def _tag(file: FieldFile) -> str:
    return f'"{hashlib.sha256(f"{file.name} {file.size}".encode()).hexdigest()[:32]}"'


def _range(request: HttpRequest, tag: str) -> tuple[str, str] | None:
    """(first, last) as asked, where a single range is asked for and the file is still the one that was begun."""
    found = ONE_RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if request.method != "GET" or found is None or found.group(1, 2) == ("", ""):
        return None
    return None if request.headers.get("If-Range", tag) != tag else (found[1], found[2])


def _within(asked: tuple[str, str], size: int) -> tuple[int, int] | None:
    """The first and last byte; None where the file has none of them."""
    first, last = asked
    if not first:
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    return (start, end) if start <= end else None


def _part(file: FieldFile, start: int, end: int, size: int) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_pieces(file, start, end - start + 1), status=206)
    response["Content-Range"] = f"bytes {start}-{end}/{size}"
    response["Content-Length"] = end - start + 1
    return response


def _pieces(file: FieldFile, start: int, left: int) -> Iterator[bytes]:
    stored: IO[bytes] = file.open("rb")
    with stored:
        stored.seek(start)
        while left and (piece := stored.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
