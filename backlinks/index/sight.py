"""Whose profiles a read across many targets may use.

Decided: a workspace's own profile of a target goes before the open data's, which it contains. Somebody who sees named
projects only reads, of the workspace's own profiles, those of the named targets: what the agency knows of another
client's links is no business of this one. Refused: leaving that to each statement, where one would forget it.
"""

from dataclasses import dataclass
from typing import Any

from .settle import OPEN_DATA

# (workspace, target, generation) of the profile that is shown of each target that `TARGETS` (SQL) names.
_NEWEST = """SELECT max(workspace), target_domain, argMax(generation, (workspace, generation)) FROM generations
WHERE workspace IN {scope:Array(UInt32)} AND target_domain IN (TARGETS)
    AND (workspace = 0 OR {sees_all:UInt8} = 1 OR target_domain IN {only:Array(String)}) GROUP BY target_domain"""


@dataclass(frozen=True, slots=True)
class Sight:
    """The open data, and the profiles of `workspace`: all of them, or those of the domains in `only`."""

    workspace: int
    only: tuple[str, ...] | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "scope": sorted({OPEN_DATA, self.workspace}),
            "sees_all": int(self.only is None),
            "only": list(self.only or ()),
        }


def newest(targets: str) -> str:
    """SQL of the profiles that a sight's parameters leave, of the targets that `targets` (SQL) names."""
    return f"(workspace, target_domain, generation) IN ({_NEWEST.replace('TARGETS', targets)})"
