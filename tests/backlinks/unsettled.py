"""Batches that are counted in and not settled, for tests that look at the log and at no profile."""

import pytest

from backlinks.index import writer


@pytest.fixture
def settled() -> None:
    """Asked for by a test of an `unsettled` module that reads profiles all the same."""


@pytest.fixture
def unsettled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile is rebuilt, which costs more than most of what is tested around it."""
    if "settled" not in request.fixturenames:
        monkeypatch.setattr(writer, "settle", lambda workspace, targets: 0)
