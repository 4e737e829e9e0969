"""What a refused page leaves in the log."""

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils.module_loading import import_string

from seoapp.lib.logs import JsonFormatter, TextFormatter
from tests.backlinks.pages import url_of
from tests.conftest import Cast


@pytest.fixture(params=[TextFormatter, JsonFormatter])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the product's own handler would write."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(request.param())
    for name in settings.LOGGING["handlers"]["stderr"]["filters"]:
        handler.addFilter(import_string(settings.LOGGING["filters"][name]["()"])())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_a_refused_page_is_one_line_without_a_traceback(cast: Cast, browse: Callable, log: io.StringIO) -> None:
    assert browse(cast.client).get(url_of(cast.project, "crawls/")).status_code == 403
    (line,) = log.getvalue().splitlines()
    assert "Forbidden" in line and "Traceback" not in line
    assert "WARNING" in line and "ERROR" not in line


def test_an_error_of_ours_keeps_its_traceback(log: io.StringIO) -> None:
    try:
        raise ValueError("a bug")
    except ValueError:
        logging.getLogger("django.request").exception("it broke")
    assert "Traceback" in log.getvalue() and "a bug" in log.getvalue()


def test_an_address_that_opens_by_its_secret_alone_is_written_without_it(db: None, log: io.StringIO) -> None:
    client = Client(enforce_csrf_checks=True)
    for path in ("/client-review/s3cret/answer/", "/invitation/s3cret/join/"):
        assert client.post(f"{path}?page=1").status_code == 403
        assert client.get(f"{path}more/").status_code == 404
    assert log.getvalue().count("/client-review/") and log.getvalue().count("/invitation/")
    assert "s3cret" not in log.getvalue()
