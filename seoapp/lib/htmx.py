"""Pages and their fragments: the server decides which of the two an answer is.

A fragment is a cut of a page. htmx asks for it; a boosted link, a restored history entry and a browser without
JavaScript get the whole page from the same view.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    asked = getattr(request, "htmx", None)
    return bool(asked) and not asked.boosted and not asked.history_restore_request


def render_page(request: HttpRequest, page: str, fragment: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, fragment if wants_fragment(request) else page, context)


class FragmentMiddleware:
    """Answers differ by `HX-Request`; what a signed-in user sees is never kept by a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        patch_vary_headers(response, ("HX-Request", "Cookie"))
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
