"""A workspace's logo: what is taken, what is refused, and who may see and change it."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, PngImagePlugin

from projects import logos
from projects.models import AuditEntry
from tests.conftest import Cast


def picture(format: str = "PNG", size: tuple[int, int] = (120, 40), **options: object) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, (15, 118, 110)).save(made, format, **options)
    return made.getvalue()


def with_text() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "<script>alert(1)</script>")
    return picture(pnginfo=said)


def claiming(width: int, height: int) -> bytes:
    """A PNG whose header names a size that its few bytes do not hold."""
    parts = (b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(b"\0" * 99))
    chunks = (struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_pictures_are_drawn_anew_and_nothing_else_of_a_file_is_kept() -> None:
    page = b"<html><script>alert(1)</script></html>"
    for sent in (picture("PNG"), picture("JPEG"), picture("WEBP"), with_text(), picture("JPEG") + page):
        made = logos.drawn(io.BytesIO(sent))
        with Image.open(io.BytesIO(made)) as opened:
            assert (opened.format, opened.size) == ("PNG", (120, 40))
        assert b"script" not in made and made.rstrip().endswith(b"IEND\xaeB`\x82")
    with Image.open(io.BytesIO(logos.drawn(io.BytesIO(picture(size=(1_800, 300)))))) as opened:
        assert opened.size == (900, 150)


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no PNG"),
        (b"GIF89a" + b"\0" * 60, "no PNG"),
        (b"<html>" + picture("JPEG"), "no PNG"),
        (picture(size=(400, 400))[:300], "damaged"),
        (picture("JPEG", size=(400, 400))[:500], "damaged"),
        (claiming(50_000, 50_000), "far too many pixels"),
        (claiming(9_000, 9_000), "9,000 by 9,000 pixels"),
        (picture(size=(2_001, 2_001)), "pixels"),
        (picture(size=(200, 4)), "16 at least"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * logos.MOST_BYTES, "larger than 1 MB"),
        (b"", "no PNG"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(sent: bytes, word: str) -> None:
    with pytest.raises(logos.BadLogo, match=word):
        logos.drawn(io.BytesIO(sent))


def test_an_admin_sets_and_removes_it_and_members_see_it(
    cast: Cast, browse: Callable, django_capture_on_commit_callbacks: Callable
) -> None:
    at = {name: reverse(f"projects:{name}", kwargs={"slug": cast.workspace.slug}) for name in (
        "logo", "set_logo", "remove_logo", "workspace_settings",
    )}  # fmt: skip
    admin = browse(cast.admin)
    assert admin.get(at["logo"]).status_code == 404
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            admin.post(at["set_logo"], {"logo": SimpleUploadedFile("x.svg", picture("JPEG"), "image/svg+xml")})
    shown = browse(cast.client).get(at["logo"])
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert shown.content.startswith(b"\x89PNG")
    cast.workspace.refresh_from_db()
    assert default_storage.listdir("logos")[1] == [cast.workspace.logo.name.rpartition("/")[2]], "the first one is gone"
    assert at["logo"] in admin.get(at["workspace_settings"]).content.decode()
    refused = admin.post(at["set_logo"], {"logo": SimpleUploadedFile("x.png", b"<svg/>")}, follow=True)
    assert "no PNG, JPEG or WebP" in refused.content.decode()
    assert browse(cast.editor).post(at["remove_logo"]).status_code == 403
    assert browse(cast.stranger).get(at["logo"]).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(at["remove_logo"])
    assert browse(cast.client).get(at["logo"]).status_code == 404 and not default_storage.listdir("logos")[1]
    acts = AuditEntry.objects.filter(action__startswith="workspace.logo").values_list("action", flat=True)
    assert sorted(acts) == ["workspace.logo_removed", "workspace.logo_set", "workspace.logo_set"]
