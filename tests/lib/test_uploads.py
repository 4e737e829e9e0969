"""Uploads: what is too large is never written to disk, and the sender is told."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.conftest import Cast

LARGE = b"x" * (2 * 1024 * 1024)


@pytest.fixture
def spool(settings: object, tmp_path: Path) -> Path:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path  # type: ignore[attr-defined]
    settings.IMPORT_MAX_BYTES = 1024  # type: ignore[attr-defined]
    return tmp_path


def test_a_form_that_is_too_large_gets_a_sentence(cast: Cast, spool: Path) -> None:
    """A real form, with its token before the file."""
    kwargs = {"slug": cast.workspace.slug, "project_id": cast.project.pk}
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.editor, backend="allauth.account.auth_backends.AuthenticationBackend")
    shown = client.get(reverse("backlinks:imports", kwargs=kwargs)).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown).group(1)  # type: ignore[union-attr]
    data = {"csrfmiddlewaretoken": token, "files": SimpleUploadedFile("big.csv", LARGE)}
    response = client.post(reverse("backlinks:upload", kwargs=kwargs), data, follow=True)
    assert "The upload is larger than" in response.content.decode()
    data["files"] = SimpleUploadedFile("big.csv", LARGE)
    told = client.post(reverse("backlinks:upload", kwargs=kwargs), data, headers={"Accept": "application/json"})
    assert (told.status_code, told.json()["files"][0]["level"]) == (413, "error")
    assert not list(spool.iterdir())


def test_strangers_spool_nothing_large(cast: Cast, spool: Path, settings: object, monkeypatch: object) -> None:
    settings.IMPORT_MAX_BYTES = 100 * 1024 * 1024  # type: ignore[attr-defined]
    written: list[int] = []
    monkeypatch.setattr(  # type: ignore[attr-defined]
        "django.core.files.uploadhandler.TemporaryFileUploadHandler.receive_data_chunk",
        lambda self, data, start: written.append(len(data)),
    )
    Client().post(reverse("account_login"), {"login": "a", "file": SimpleUploadedFile("big.csv", LARGE)})
    assert not written
