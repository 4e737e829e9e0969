"""One person's first quarter of an hour, in a real browser on the real processes: sign up, import, read, export."""

import csv
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect, sync_playwright

from tests.components import need_chromium

PASSWORD = "a long enough passphrase"
SIZES = {"desk": (1440, 900, "light"), "phone": (390, 844, "dark")}
HEADER = (
    "Page ascore,Source title,Source url,Target url,Anchor,External links,Internal links,Nofollow,Sponsored,Ugc,Text,"
    "Frame,Form,Image,Sitewide,First seen,Last seen,New link,Lost link"
)
ROW = (
    "{score},Page {n},https://www.site{site}.example/post-{n},https://shop.example/,=anchor {n},10,40,{nofollow},false,"
    "false,true,false,false,false,false,2026-01-{day:02},2026-11-{day:02},false,false"
)


def semrush_file(path: Path, rows: int) -> Path:
    lines = [
        ROW.format(score=n % 90, n=n, site=n % 40, nofollow=("true", "false")[n % 3 > 0], day=n % 20 + 1)
        for n in range(rows)
    ]
    path.write_text(
        "\n".join([HEADER, *lines, ROW.format(score=1, n=0, site=0, nofollow="false", day=1).replace("https", "ftp")])
    )
    return path


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`manage.py up --no-demo` in a folder of its own."""
    data = tmp_path_factory.mktemp("up")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    environment |= {"SEOAPP_DATA": str(data)}
    command = [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)]
    with open(data / "up.log", "wb") as log:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log)
    url = f"http://localhost:{port}"
    try:
        _wait(url, process, data / "up.log")
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def page(address: str) -> Iterator[Page]:
    chromium = need_chromium()
    with sync_playwright() as kit:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = kit.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page()
        page.complaints = []  # type: ignore[attr-defined]
        page.on("console", lambda said: said.type in ("error", "warning") and page.complaints.append(said.text))  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.complaints.append(str(error)))  # type: ignore[attr-defined]
        yield page
        browser.close()


def fits(page: Page) -> None:
    """Nothing sticks out sideways. Call it once the page in question is known to be there: a click returns earlier."""
    page.wait_for_load_state()
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px too wide"


def sign_in(page: Page, address: str) -> None:
    """The first visitor signs up and owns the installation; the second time the same person signs in."""
    page.context.clear_cookies()
    page.goto(f"{address}/accounts/signup/")
    if page.locator("input[name=password2]").count():
        page.fill("input[name=email]", "first@agency.example")
        page.fill("input[name=password1]", PASSWORD)
        page.fill("input[name=password2]", PASSWORD)
        page.locator("form:has(input[name=password2]) button[type=submit]").click()
        page.fill("input[name=name]", "First Agency")
        page.get_by_role("button", name="Make the workspace").click()
        expect(page.get_by_role("heading", name="First Agency")).to_be_visible()
        return
    page.goto(f"{address}/accounts/login/")
    page.fill("input[name=login]", "first@agency.example")
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="First Agency")).to_be_visible()


@pytest.mark.parametrize("size", list(SIZES))
def test_from_upload_to_exported_csv(page: Page, address: str, tmp_path: Path, size: str) -> None:
    width, height, scheme = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    sign_in(page, address)
    fits(page)
    page.get_by_role("link", name="New project").first.click()
    page.fill("main input[name=target]", f"{size}.shop.example" if size == "phone" else "shop.example")
    page.get_by_role("button", name="Make the project").click()
    page.get_by_role("link", name="Import an export").click()
    expect(page.locator("input[type=file]")).to_be_attached()
    fits(page)
    rows = 120
    page.set_input_files("input[type=file]", semrush_file(tmp_path / f"shop.example-backlinks-{size}.csv", rows))
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#imports .state-done")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name=re.compile("shop.example-backlinks")).first.click()
    expect(page.get_by_text("not http or https: ftp:")).to_be_visible()
    fits(page)
    page.goto(page.url.split("/imports/")[0] + "/?target=shop.example")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(rf"Backlinks\s*{rows}\b")).first).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    fits(page)
    page.goto(page.url.split("?")[0] + "backlinks/?target=shop.example&nofollow=yes&sort=source_url")
    fits(page)
    with page.expect_download() as waiting:
        page.locator("[data-export] summary").click()
        page.get_by_role("link", name="CSV").click()
    with open(waiting.value.path(), newline="", encoding="utf-8-sig") as file:
        exported = list(csv.DictReader(file))
    assert len(exported) == sum(1 for n in range(rows) if n % 3 == 0)
    assert {row["Nofollow"] for row in exported} <= {"yes", "true", "True", "1"}
    assert all(row["Anchor"].startswith("'=anchor") for row in exported), "a formula is only text"
    assert not page.complaints  # type: ignore[attr-defined]
