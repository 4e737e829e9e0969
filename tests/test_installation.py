"""Settings that refuse bad values, production that refuses to be unsafe, doctor, health, files of a deployment."""

import json
import os
import re
import secrets
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from backlinks import index
from seoapp.management.commands import doctor
from tests import forked

ROOT = settings.BASE_DIR
KEY = secrets.token_urlsafe(64)


def manage(*arguments: str, data: Path, **environment: str) -> forked.Ended:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return forked.ended(("manage.py", *arguments), {**kept, "SEOAPP_DATA": str(data), **environment})


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DEBUG": "flase"}, "DEBUG is 'flase': set it to true or false."),
        ({"LINK_FRESH_DAYS": "0"}, "LINK_FRESH_DAYS is '0': set it to a whole number from 1 to 3650."),
        ({"SEOAPP_ENV": "prod"}, "SEOAPP_ENV is 'prod': set it to one of embedded, production."),
        ({"TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE is 'Mars/Olympus': set it to a time zone such as Europe/Berlin."),
        ({"LINK_INDEX_URL": "ftp://x"}, "LINK_INDEX_URL is no usable address"),
        (
            {"SEOAPP_ENV": "production", "SECRET_KEY": "short", "ALLOWED_HOSTS": "a.example"},
            "SECRET_KEY is missing or weak",
        ),
        ({"SEOAPP_ENV": "production", "SECRET_KEY": KEY}, "ALLOWED_HOSTS is empty or '*'"),
        ({"SEOAPP_ENV": "production", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS is empty or '*'"),
        ({"SEOAPP_ENV": "production", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "a.example", "DEBUG": "1"}, "DEBUG is on"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[:24],
)
def test_a_bad_value_stops_the_start_with_a_sentence(tmp_path: Path, environment: dict[str, str], said: str) -> None:
    ended = manage("check", data=tmp_path, **environment)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_safe_production_has_no_deployment_warning_and_no_demo(tmp_path: Path) -> None:
    safe = {"SEOAPP_ENV": "production", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "a.example"}
    checked = manage("check", "--deploy", "--fail-level", "WARNING", data=tmp_path, **safe)
    assert (checked.returncode, "no issues" in checked.stdout) == (0, True), checked.stderr
    refused = manage("seed_demo", data=tmp_path, **safe)
    assert (refused.returncode, "is refused in production" in refused.stderr) == (1, True)


def test_two_folders_have_two_keys_that_only_their_owner_reads(tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert manage("check", data=tmp_path / name).returncode == 0
    keys = [(tmp_path / name / "secret_key") for name in ("a", "b")]
    assert keys[0].read_text() != keys[1].read_text()
    assert all(key.stat().st_mode & 0o077 == 0 for key in keys)


def test_a_first_command_answers_with_json_alone(tmp_path: Path) -> None:
    made = manage("create_project", "--workspace", "A", "--domain", "client.example", "--json", data=tmp_path)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["domain"] == "client.example"
    wrong = manage("show_profile", "client.example", "--project", "nothing.example", "--json", data=tmp_path)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "There is no project 'nothing.example': make one with create_project." in wrong.stderr


# --- Doctor and health --------------------------------------------------------------------------------------------
def test_doctor_names_what_is_broken_and_how_to_mend_it(
    db: None, index_process: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away() -> list[str]:
        raise index.IndexUnavailable("The link index does not answer: refused")

    monkeypatch.setattr(doctor.index, "pending", away)
    with pytest.raises(CommandError, match="link index"):
        call_command("doctor", "--json")
    parts = {one["part"]: one for one in json.loads(capsys.readouterr().out)["parts"]}
    assert parts["link index"]["level"] == "broken"
    assert "index.log" in parts["link index"]["mend"]
    assert parts["database"]["level"] == "ok"
    assert parts["workers"]["level"] == "note"


def test_health_answers_without_a_log_in(db: None, index_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    assert client.get("/healthz").content == b"ok\n"
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True, "failing": []})
    assert re.fullmatch(r"[0-9a-f]{32}", ready.headers["X-Request-ID"])
    monkeypatch.setattr(index, "pending", lambda: ["0009_new"])
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.json()["failing"]) == (503, ["index migrations"])


def test_every_page_carries_the_browsers_walls(db: None) -> None:
    headers = Client().get("/accounts/login/").headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "HX-Request" in headers["Vary"]


# --- Files of a deployment ----------------------------------------------------------------------------------------
def test_images_are_pinned_checked_and_run_without_rights() -> None:
    compose = (ROOT / "compose.yaml").read_text()
    images = re.findall(r"^\s+image: (\S+)", compose, re.MULTILINE)
    assert len(images) >= 4
    assert all(re.search(r":\d+\.\d+", one) for one in images)
    services = re.split(
        r"^  (?=\w+:\n)", compose.partition("services:\n")[2].partition("\nvolumes:\n")[0], flags=re.MULTILINE
    )
    for service in filter(str.strip, services):
        assert "healthcheck:" in service or service.startswith("migrate:"), service[:20]
    docker = (ROOT / "Dockerfile").read_text()
    assert all(re.search(r":\d+\.\d+", one) for one in re.findall(r"^FROM (\S+)", docker, re.MULTILINE))
    assert re.search(r"^USER linkledger$", docker, re.MULTILINE)
    assert docker.rindex("USER linkledger") > docker.rindex("RUN ")


def test_every_setting_is_in_the_manual() -> None:
    manual = (ROOT / "docs/operating.md").read_text() + (ROOT / "docs/crawling.md").read_text()
    text = (ROOT / "seoapp/settings.py").read_text() + (ROOT / "seoapp/web.py").read_text()
    read = set(re.findall(r"env\.\w+\(\s*[\"']([A-Z_]+)[\"']", text))
    assert len(read) > 25
    assert not {name for name in read if f"`{name}`" not in manual}
