"""What pages take from npm packages: a literal list of files.

Decided: only the files that pages name are collected; the packages hold thousands more (sources, maps, other builds),
which would take minutes to hash and compress. Icons are not here: `templatetags/icons.py` writes them into pages.
Refused: copies in the repository, which nobody would update.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# (name under static/, folder in node_modules, files)
PACKAGES = (
    ("tabler", "@tabler/core/dist", ("css/tabler.min.css", "js/tabler.min.js")),
    ("echarts", "echarts/dist", ("echarts.min.js",)),
)


class NpmFinder(BaseFinder):
    """Finds the listed files of npm packages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        root = settings.BASE_DIR / "node_modules"
        self.packages = [(name, FileSystemStorage(location=root / folder), files) for name, folder, files in PACKAGES]
        for name, storage, _ in self.packages:
            storage.prefix = name  # type: ignore[attr-defined]

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> list[str] | str:  # noqa: FBT001, FBT002
        found = [
            storage.path(file)
            for name, storage, files in self.packages
            for file in files
            if path == f"{name}/{file}" and storage.exists(file)
        ]
        return found if find_all else next(iter(found), [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for _, storage, files in self.packages:
            for file in files:
                yield file, storage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed; `sourceMappingURL` is left alone, because source maps are not collected."""

    patterns = tuple(
        (glob, tuple(one for one in rules if "sourceMappingURL" not in (one if isinstance(one, str) else one[0])))
        for glob, rules in CompressedManifestStaticFilesStorage.patterns
    )
