"""Batches that are counted in and not settled, or later, for tests that look at the log and at few profiles."""

from collections.abc import Iterable

import pytest

from backlinks import index
from backlinks.index import writer


@pytest.fixture
def settled() -> None:
    """Asked for by a test of an `unsettled` module that reads profiles all the same."""


@pytest.fixture
def unsettled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile is rebuilt, which costs more than most of what is tested around it."""
    if "settled" not in request.fixturenames:
        monkeypatch.setattr(writer, "settle", lambda workspace, targets: 0)


def settle_even_so(workspace: int, *targets: str) -> None:
    """For what a test needs settled before it begins, be it `unsettled` or not."""
    if writer.settle is not index.settle:
        index.settle(workspace, targets)


class Later:
    """What would have been settled, until a test has it settled at once."""

    def __init__(self) -> None:
        self.waiting: dict[int, set[str]] = {}

    def note(self, workspace: int, targets: Iterable[str]) -> int:
        names = set(targets)
        self.waiting.setdefault(workspace, set()).update(names)
        return len(names)

    def settle(self) -> int:
        """How many profiles there are then."""
        return sum(index.settle(workspace, names) for workspace, names in self.waiting.items())


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Many batches are settled as one, by `later.settle()`."""
    made = Later()
    monkeypatch.setattr(writer, "settle", made.note)
    return made
