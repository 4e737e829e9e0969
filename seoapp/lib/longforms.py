"""Forms that hold a long text, such as a pasted list of addresses.

Decided: Django refuses a form above 2.5 MB before any view runs, with a bare 400; so it stays for every page but those
that say otherwise here. Such a view takes more, checks the form's token itself once it has read it, and answers what is
larger still with a page of its own. That answer changes nothing, so it needs no token. Refused: a higher limit for all
pages, because a stranger could then send that much to each of them; cutting the connection, because a browser shows its
own error in place of our sentence.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect

View = Callable[..., HttpResponse]
PIECE = 64 * 1024
URLENCODED = "application/x-www-form-urlencoded"


def takes_long_form(most: int, refuse: View) -> Callable[[View], View]:
    """A view whose form may have `most` bytes; a larger one is answered by `refuse`. Put it below the access check."""

    def decorate(view: View) -> View:
        protected = csrf_protect(view)

        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not _read(request, most):
                return refuse(request, *args, **kwargs)
            return protected(request, *args, **kwargs)

        return csrf_exempt(wrapped)  # `protected` checks

    return decorate


def _read(request: HttpRequest, most: int) -> bool:
    """Read the form; False when it is too large or has too many fields, and then all of it was read past."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        while request.read(PIECE):
            pass
        return False
    try:
        if request.content_type == URLENCODED:
            request.POST = QueryDict(request.read(), encoding=request.encoding or settings.DEFAULT_CHARSET)
        _ = request.POST
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        return False
    return True
