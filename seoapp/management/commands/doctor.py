"""Check every part of an installation; say what is wrong and how to mend it."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.checks import WARNING
from django.core.checks.registry import registry
from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection
from django.template.loader import get_template
from django.utils import timezone
from redis import Redis, RedisError

from audit.report import printing
from backlinks import index
from backlinks.crawl.messages import Job
from backlinks.crawl.reader import Reader
from seoapp.lib import pulse
from seoapp.lib.commands import pending_migrations

LOW_DISK = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Finding:
    """One part. level: ok, note (works, but look at it) or broken; `mend` says what to do."""

    part: str
    level: str
    text: str
    mend: str = ""


class Command(BaseCommand):
    help = "Check every part of this installation and say how to mend what is wrong."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [_asked(check) for check in CHECKS]
        broken = [one for one in findings if one.level == "broken"]
        if options["json"]:
            self.stdout.write(json.dumps({"healthy": not broken, "parts": [asdict(one) for one in findings]}))
        else:
            self.stdout.write("\n".join(_lines(findings)))
        if broken:
            raise CommandError(
                f"{len(broken)} of {len(findings)} parts are broken: {', '.join(o.part for o in broken)}."
            )


def _lines(findings: list[Finding]) -> Iterator[str]:
    for one in findings:
        yield f"{one.level:7} {one.part:14} {one.text}"
        if one.mend:
            yield f"{'':7} {'':14} → {one.mend}"


def _asked(check: Callable[[], Finding]) -> Finding:
    """A check that falls over is a finding too."""
    try:
        return check()
    except Exception as error:
        name = check.__name__.strip("_").replace("_", " ")
        return Finding(name, "broken", f"could not be checked: {type(error).__name__}: {error}", "look at the logs")


def _python() -> Finding:
    return Finding("python", "ok", ".".join(map(str, sys.version_info[:3])))  # an older one cannot read this file


def _data_folder() -> Finding:
    folder = Path(settings.SEOAPP_DATA)
    free = shutil.disk_usage(folder).free
    text = f"{folder}, {free / 1024**3:.1f} GB free"
    if free < LOW_DISK:
        return Finding("data folder", "note", text, "free some disk, or set SEOAPP_DATA to a larger one")
    return Finding("data folder", "ok", text)  # settings refuse a folder that cannot be written


def _database() -> Finding:
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(connection.vendor, connection.vendor)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        waiting = pending_migrations()
    except DatabaseError as error:
        return Finding("database", "broken", f"{kind}: {error}", "start the database, or mend DATABASE_URL")
    if waiting:
        return Finding("database", "broken", f"{kind}: {len(waiting)} migrations wait", "run manage.py migrate")
    return Finding("database", "ok", kind)


def _link_index() -> Finding:
    where = "a ClickHouse server" if settings.LINK_INDEX_URL else "embedded"
    try:
        waiting = index.pending()
    except index.IndexUnavailable as error:
        mend = "start the server, or mend LINK_INDEX_URL" if settings.LINK_INDEX_URL else "look at index/index.log"
        return Finding("link index", "broken", str(error), mend)
    if waiting:
        return Finding(
            "link index", "broken", f"{where}: {len(waiting)} migrations wait", "run manage.py migrate_index"
        )
    return Finding("link index", "ok", where)


def _broker() -> Finding:
    url = settings.CELERY_BROKER_URL
    if url.startswith("filesystem"):
        waiting = sum(1 for _ in (Path(settings.SEOAPP_DATA) / "broker").glob("*.msg"))
        level = "note" if settings.PRODUCTION else "ok"
        mend = "set CELERY_BROKER_URL to Redis to run workers on several machines" if settings.PRODUCTION else ""
        return Finding("broker", level, f"files in the data folder, {waiting} messages wait", mend)
    return _redis("broker", url, "CELERY_BROKER_URL")


def _cache() -> Finding:
    if settings.CACHE_URL:
        return _redis("cache", settings.CACHE_URL, "CACHE_URL")
    cache.set("doctor", "well", 10)
    if cache.get("doctor") != "well":
        return Finding(
            "cache", "broken", "what was written is not read back", "empty the folder cache in the data folder"
        )
    return Finding("cache", "ok", "files in the data folder")


def _redis(part: str, url: str, name: str) -> Finding:
    try:
        with Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as held:
            held.ping()
    except (RedisError, ValueError) as error:
        return Finding(part, "broken", f"Redis does not answer: {error}", f"start Redis, or mend {name}")
    return Finding(part, "ok", "Redis")


def _workers() -> Finding:
    folder = Path(settings.SEOAPP_DATA) / "workers"
    alive = pulse.alive(folder) if folder.is_dir() else []
    if alive:
        return Finding("workers", "ok", f"{len(alive)} at work")
    return Finding(
        "workers", "note", "none at work on this machine", "start manage.py up, or the worker of the Procfile"
    )


def _assets() -> Finding:
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return Finding("assets", "broken", "styles and scripts are missing", "run make static")
    get_template("base.html").render({})
    return Finding("assets", "ok", "styles, scripts and icons are there")


def _mail() -> Finding:
    if not settings.EMAIL_HOST:
        level = "note"
        text = "mails are written into the folder mail of the data folder"
        return Finding("mail", level, text, "set EMAIL_HOST to send invitations and passwords")
    try:
        server = get_connection(timeout=10)
        server.open()
        server.close()
    except OSError as error:
        return Finding(
            "mail", "broken", f"{settings.EMAIL_HOST}: {error}", "mend EMAIL_HOST, EMAIL_PORT and the log-in"
        )
    return Finding("mail", "ok", settings.EMAIL_HOST)


def _settings() -> Finding:
    found = [one for one in registry.run_checks(include_deployment_checks=settings.PRODUCTION) if one.level >= WARNING]
    if found:
        return Finding(
            "settings", "note", f"{len(found)} warnings: {found[0].msg[:150]}", "run manage.py check --deploy"
        )
    return Finding("settings", "ok", settings.SEOAPP_ENV)


def _crawler() -> Finding:
    """Site owners must be able to find out who asks them; and pages are read in a process of their own."""
    reader = Reader()
    reading = reader.read(Job(url="http://doctor.example/", body=b"<title>well</title>", content_type="text/html"))
    reader.close()
    if reading.refused:
        return Finding("crawler", "broken", "pages cannot be read", "look for a message of the system about memory")
    host = urlsplit(settings.CRAWL_CONTACT_URL).hostname or ""
    if host in ("localhost", "127.0.0.1", "::1"):
        mend = "set SITE_URL, or CRAWL_CONTACT_URL, to a page that site owners can open"
        return Finding("crawler", "note", "the contact page in its User-Agent is on this machine only", mend)
    return Finding("crawler", "ok", f"contact page {settings.CRAWL_CONTACT_URL}")


def _reports() -> Finding:
    """Everything but PDF files works without Pango."""
    missing = printing.why_not()
    if missing:
        return Finding("reports", "note", "PDF files cannot be made: Pango is missing", printing.INSTALL)
    return Finding("reports", "ok", "PDF files can be made")


def _bad_sites() -> Finding:
    """Lists of malware and blocked sites: an old one makes nothing clear."""
    try:
        waits = index.pending()
        lists = [] if waits else index.listedhosts.lists(index.listedhosts.OPEN_DATA)
    except index.IndexUnavailable:
        return Finding("bad sites", "note", "the link index does not answer", "mend the link index first")
    if waits:
        return Finding("bad sites", "note", "migrations of the link index wait", "run manage.py migrate_index first")
    if not lists:
        return Finding("bad sites", "ok", "no list of malware or blocked sites is loaded (import_blocklist)")
    text = ", ".join(f"{one.list} ({one.kind}) of {one.day}" for one in lists)
    today, most = timezone.now().date(), index.listedhosts.OLD_DAYS
    old = [one.list for one in lists if (today - one.day).days > most]
    if old:
        return Finding("bad sites", "note", text, f"load {', '.join(old)} again: more than {most} days old")
    return Finding("bad sites", "ok", text)


CHECKS = (
    _python, _settings, _data_folder, _database, _link_index, _broker, _cache, _workers, _assets, _crawler, _mail,
    _reports, _bad_sites,
)  # fmt: skip
