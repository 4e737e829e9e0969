"""Log lines that can be followed: each carries the request and the run it belongs to, on one line.

Text from outside may hold line breaks; they are escaped, so that nobody forges a line. Addresses that open something by
their secret alone (invitations, client reviews, new passwords) are written without it, because logs are read by more
people than mails.
"""

import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")
run_id: ContextVar[str] = ContextVar("run_id", default="")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
SECRET = re.compile(r"""(/(?:client-review|invitation|password/reset/key|confirm-email)/)[^/\s?'"]+""")
FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s %(run_id)s"


def one_line(text: str) -> str:
    return CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def without_secrets(text: str) -> str:
    """A line as it may be kept: addresses in it do not open anything."""
    return SECRET.sub(r"\1[secret]", text)


class ContextFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        record.run_id = run_id.get()
        return True


class RefusalFilter(logging.Filter):
    """A page that somebody's role does not open is an answer of ours, no error: one line, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
            record.exc_info = record.exc_text = None
        return True


class JsonFormatter(BaseJsonFormatter):
    def __init__(self) -> None:
        super().__init__(FIELDS)

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        marks = [mark for mark in (getattr(record, "request_id", ""), getattr(record, "run_id", "")) if mark]
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {one_line(record.getMessage())}"
        line += f" [{' '.join(marks)}]" if marks else ""
        return without_secrets(line) + (f"\n{self.formatException(record.exc_info)}" if record.exc_info else "")


class RequestIdMiddleware:
    """Every request has an id: the proxy's, or a new one; the answer names it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if ACCEPTED.fullmatch(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)


@contextmanager
def bind_run(identifier: object) -> Iterator[None]:
    """Log lines within belong to this run."""
    token = run_id.set(f"run-{identifier}")
    try:
        yield
    finally:
        run_id.reset(token)
