"""Is the process alive, and can it do its work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from backlinks import index
from projects import access


def failing() -> list[str]:
    """Names of the parts that do not answer."""
    parts = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        parts.append("database")
    try:
        if index.pending():
            parts.append("index migrations")
    except index.IndexUnavailable:
        parts.append("index")
    return parts


@access.public
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@access.public
def readyz(request: HttpRequest) -> JsonResponse:
    parts = failing()
    return JsonResponse({"ready": not parts, "failing": parts}, status=503 if parts else 200)
