"""Uploads into spool files of our own, up to a size.

Decided: a request that says it is larger than IMPORT_MAX_MB is not written to disk at all; the view finds no file and
`too_large` set on the request, and says so. What somebody sends who is not signed in is never spooled beyond a small
form. Refused: cutting the connection, because a browser then shows its own error in place of our sentence.
"""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

OVERHEAD = 1024 * 1024  # of the form around the file


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Every file goes to the spool folder, whatever its size; the name it came with is a label only."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        limit = settings.IMPORT_MAX_BYTES if user is not None and user.is_authenticated else 0
        self._refused = content_length > limit + OVERHEAD

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Stop at the first file: the fields before it (the form's token) are read by then."""
        if self._refused:
            if self.request is not None:
                self.request.too_large = True
            raise StopUpload(connection_reset=False)
        super().new_file(*args, **kwargs)
