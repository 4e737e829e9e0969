"""A reading of one file or table from its claim to its end: it counts when it is whole, then the older one goes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backlinks import index
from backlinks.sources.contract import UnreadableFile
from projects import runs
from seoapp.lib.checkpoint import checkpoint

from . import holdings
from .holdings import Refused
from .models import OpenImport

CANCELLED = "Cancelled: nothing of it was kept."


@dataclass(frozen=True, slots=True)
class Reading:
    """What is special of one kind. `others` are those of the same kind that count now and go after this one."""

    read: Callable[[OpenImport, runs.Claimed], None]
    batch_of: Callable[[OpenImport], index.Batch]
    publish: Callable[[OpenImport], None]
    withdraw: Callable[[OpenImport], None]
    others: Callable[[OpenImport], Iterable[OpenImport]]


def carry_out(claimed: runs.Claimed, reading: Reading) -> OpenImport:
    """Read, publish, replace. What cannot be read ends the run with a sentence, and nothing of it counts."""
    made = holdings.of_run(claimed)
    try:
        if not made.rows or index.state_of(reading.batch_of(made)) != "complete":
            reading.read(made, claimed)
    except (Refused, UnreadableFile) as error:
        holdings.give_up(made, str(error))
        raise PermissionError(str(error)) from error
    except runs.Cancelled:
        holdings.give_up(made, CANCELLED)
        raise
    reading.publish(made)
    checkpoint("reading published")
    for older in reading.others(made):
        remove(older, reading.withdraw)
    holdings.finish(made)
    return made


def remove(made: OpenImport, withdraw: Callable[[OpenImport], None]) -> None:
    """Take it out of the index; its file may come again."""
    withdraw(made)
    made.state, made.identity = OpenImport.State.REMOVED, None
    made.save(update_fields=["state", "identity"])
