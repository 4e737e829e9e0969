"""The findings of a removed project go with it."""

import pytest

from audit import forgotten
from audit.models import Audit
from backlinks import index
from tests.audit.audited import NUMBER, audited
from tests.conftest import Cast, Hold


class Steps:
    """A run in whose name the project goes."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def step(self, *, line: str) -> None:
        self.lines.append(line)


@pytest.fixture
def audit(cast: Cast, held_index: Hold) -> Audit:
    return audited(cast, held_index)


def test_findings_go_with_their_project(cast: Cast, audit: Audit) -> None:
    assert list(index.audits.domains("client.example", cast.workspace.pk, NUMBER))
    steps = Steps()
    forgotten.remove_project(cast.project, steps)  # type: ignore[arg-type]
    assert steps.lines == ["Removing the findings of 1 audit"]
    assert not list(index.audits.domains("client.example", cast.workspace.pk, NUMBER))
    assert not Audit.objects.filter(project=cast.project).exists()
    forgotten.remove_project(cast.project, steps)  # type: ignore[arg-type]
    assert len(steps.lines) == 1
