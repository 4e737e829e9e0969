"""Ask a web process whether it is well: `python -m seoapp.probe /readyz` exits 0 when it is.

For health checks of containers, so that no image needs curl. Standard library only: it starts in a moment.
"""

import os
import sys
import urllib.error
import urllib.request

PORT = 8000


def answer(port: int, path: str, *, host: str = "localhost", timeout: float = 5.0) -> tuple[int, str]:
    """(status, body) of the web process on loopback; status 0 when it does not answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as found:  # noqa: S310
            return found.status, found.read(10_000).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read(10_000).decode(errors="replace")
    except (OSError, ValueError) as error:
        return 0, str(error)


def main() -> int:
    path = sys.argv[1] if len(sys.argv) > 1 else "/healthz"
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().removeprefix(".")
    status, body = answer(int(os.environ.get("PORT", PORT)), path, host=host or "localhost")
    print(status, body.strip())
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
