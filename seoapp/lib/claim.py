"""Claim a row by one conditional UPDATE: the same on SQLite and PostgreSQL, and duplicate deliveries die here.

A claim holds a token and a lease. Whoever lost the lease may write nothing more: every write is `WHERE token = mine`.
A queued row with a lease in the future waits until then: that is the pause between two attempts.
"""

import logging
import secrets
import time
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

logger = logging.getLogger(__name__)
TRIES = 3
PAUSE = 0.5


def claim(rows: QuerySet[Model], *, queued: str, running: str, lease: timedelta, attempts: int) -> str | None:
    """Claim the one row of `rows` if it is queued and due, or if its lease ran out; returns the token, or None.

    A database that is locked or gone for a moment is asked again, unless a transaction is open.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return _claim(rows, queued=queued, running=running, lease=lease, attempts=attempts)
        except OperationalError as error:
            if attempt == TRIES or connection.in_atomic_block:
                raise
            logger.warning("claiming again: %s", error)
            time.sleep(PAUSE * attempt)
    raise AssertionError("unreachable: the last try returns or raises")


def _claim(rows: QuerySet[Model], *, queued: str, running: str, lease: timedelta, attempts: int) -> str | None:
    now = timezone.now()
    token = secrets.token_hex(16)
    due = Q(state=queued) & (Q(lease_until=None) | Q(lease_until__lte=now))
    gone = Q(state=running, lease_until__lt=now)
    changed = rows.filter(due | gone, attempts__lt=attempts).update(
        state=running, token=token, lease_until=now + lease, heartbeat=now, attempts=F("attempts") + 1
    )
    return token if changed else None


def renew(rows: QuerySet[Model], token: str, lease: timedelta, **values: object) -> bool:
    """Renew the lease and write values; False when the claim was lost."""
    now: datetime = timezone.now()
    return bool(rows.filter(token=token).update(lease_until=now + lease, heartbeat=now, **values))
