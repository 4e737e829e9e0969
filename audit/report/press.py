"""The process that prints: HTML on standard input, a PDF on standard output. It opens nothing.

Decided: printing a page of hostile length, or one that nests too deep, must not take a worker with it, so it happens in
a process with little time and memory, which imports neither database nor index. Its fetcher takes `data:` addresses
alone, and only our own logo has one: no server is asked, no file is read, nothing is attached. This is the only module
that imports WeasyPrint, and a machine without Pango runs all others. Refused: WeasyPrint's own fetcher, which asked
seven servers and put a local file into a report.
"""

import resource
import sys

from .printing import CPU_SECONDS, MEMORY, NO_LIBRARY, TOO_MUCH

try:
    import weasyprint
except OSError:  # Pango, or a library that it needs, is not on this machine
    weasyprint = None

ONLY = ("data",)
PROBE = "<p>well</p>"


def main() -> int:
    if weasyprint is None:
        return NO_LIBRARY
    limit()
    try:
        made = printed(sys.stdin.buffer.read().decode() or PROBE)
    except (MemoryError, RecursionError) as error:
        print(f"{type(error).__name__}: too much for one report", file=sys.stderr)
        return TOO_MUCH
    sys.stdout.buffer.write(made)
    return 0


def limit() -> None:
    """So much CPU time from here on, and so much memory; no core file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    if sys.platform == "linux":  # macOS knows the limit, and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))


def printed(html: str) -> bytes:
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=ONLY, allow_redirects=False)
    return bytes(weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_tags=True))


if __name__ == "__main__":
    sys.exit(main())
