"""Claim a row by one conditional UPDATE: the same on SQLite and PostgreSQL, and duplicate deliveries die here.

A claim holds a token and a lease. Whoever lost the lease may write nothing more: every write is `WHERE token = mine`.
"""

import secrets
from datetime import datetime, timedelta

from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone


def claim(rows: QuerySet[Model], *, queued: str, running: str, lease: timedelta, attempts: int) -> str | None:
    """Claim the one row of `rows` if it is queued, or if its lease ran out; returns the token, or None."""
    now = timezone.now()
    token = secrets.token_hex(16)
    free = Q(state=queued) | Q(state=running, lease_until__lt=now)
    changed = rows.filter(free, attempts__lt=attempts).update(
        state=running, token=token, lease_until=now + lease, heartbeat=now, attempts=F("attempts") + 1
    )
    return token if changed else None


def renew(rows: QuerySet[Model], token: str, lease: timedelta, **values: object) -> bool:
    """Renew the lease and write values; False when the claim was lost."""
    now: datetime = timezone.now()
    return bool(rows.filter(token=token).update(lease_until=now + lease, heartbeat=now, **values))
