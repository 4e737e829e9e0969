"""Fixtures of the small web; a test module imports the one it uses."""

from collections.abc import Iterator

import pytest

from .server import SmallWeb, serve


@pytest.fixture
def small_web() -> Iterator[SmallWeb]:
    """A small web of eight hosts with thirty articles each, fresh for the test."""
    with serve() as running:
        yield running
