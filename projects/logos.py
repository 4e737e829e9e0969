"""A workspace's logo: what was sent is read by its content and drawn anew, so that nothing else of it is kept.

Decided: PNG, JPEG and WebP up to a megabyte and four million pixels, the pixels known from the header before anything
is unpacked; kept is a PNG of our own making that fits a report's page, without whatever stood before, behind or beside
the picture. Refused: SVG, which is a document with scripts and addresses in it; keeping the file as it came, because
one that is a picture and a page at the same time stays both.
"""

import io
import warnings
from typing import IO

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.crypto import get_random_string
from PIL import Image, ImageOps, UnidentifiedImageError

from .models import Workspace

MOST_BYTES = 1_000_000
MOST_PIXELS, LEAST_SIDE = 4_000_000, 16
KEPT_SIZE = (900, 450)
FORMATS = ("PNG", "JPEG", "WEBP")
UNREADABLE = "This is no PNG, JPEG or WebP picture, or it is damaged: save it anew as PNG and send that."


class BadLogo(ValueError):
    """What was sent cannot be a logo; the message says why."""


def drawn(sent: IO[bytes]) -> bytes:
    """The picture as a PNG of ours. Raises `BadLogo`."""
    data = sent.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadLogo(f"The file is larger than {MOST_BYTES // 1_000_000} MB: send a smaller one.")
    made = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd metadata, which is not kept
        _picture(data).save(made, "PNG", optimize=True)
    return made.getvalue()


def _picture(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            _check_size(*opened.size)
            opened.load()
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except BadLogo:
        raise
    except Image.DecompressionBombError as error:
        raise BadLogo(f"The picture has far too many pixels: {MOST_PIXELS:,} in all is the most.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise BadLogo(UNREADABLE) from error
    upright.thumbnail(KEPT_SIZE)
    fresh = Image.new("RGBA", upright.size)
    fresh.paste(upright)
    return fresh


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise BadLogo(f"The picture has {width:,} by {height:,} pixels: {MOST_PIXELS:,} in all is the most.")
    if min(width, height) < LEAST_SIDE:
        raise BadLogo(f"The picture has {width:,} by {height:,} pixels: each side needs {LEAST_SIDE} at least.")


def keep(workspace: Workspace, picture: bytes) -> None:
    """Make this the logo; the one before goes."""
    before = workspace.logo.name
    name = f"{workspace.pk}-{get_random_string(12).lower()}.png"
    workspace.logo.save(name, ContentFile(picture), save=False)
    workspace.save(update_fields=["logo"])
    _forget(before)


def remove(workspace: Workspace) -> None:
    before, workspace.logo = workspace.logo.name, ""
    workspace.save(update_fields=["logo"])
    _forget(before)


def _forget(name: str) -> None:
    """Delete the file of a logo that was replaced, once that is certain."""
    if name:
        storage = Workspace._meta.get_field("logo").storage  # type: ignore[union-attr]
        transaction.on_commit(lambda: storage.delete(name))


def bytes_of(workspace: Workspace) -> bytes:
    """The logo's PNG; nothing where there is none."""
    if not workspace.logo or not workspace.logo.storage.exists(workspace.logo.name):
        return b""
    with workspace.logo.open("rb") as stored:
        return bytes(stored.read())
