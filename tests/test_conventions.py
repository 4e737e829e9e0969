"""The rules of the house (docs/architecture.md), each kept by one test that names every offender.

Each source file is read and parsed once for all of them.
"""

import ast
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = settings.BASE_DIR
LINE = ("seoapp", "outreach", "audit", "backlinks", "projects", "seoapp.lib")
EDGES = re.compile(r"(^|/)(views(_\w+)?|\w*_views|tasks|pipeline)\.py$|/views/|/management/commands/")
SPARED_BY_MARK_SAFE = {"seoapp/templatetags/icons.py", "seoapp/lib/charts.py", "seoapp/lib/markup.py"}
HTMX_2 = "71ea6718"  # first characters of the SHA-256 of the htmx that ships; version 4 behaves differently
OUR_MODULES = ("seoapp", "projects", "backlinks", "audit", "outreach")
STARTERS = {"delay", "apply_async", "delay_on_commit", "send_task"}


@dataclass(frozen=True)
class Source:
    """A file of ours; `name` is its path below the root."""

    name: str
    text: str

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        return tuple(ast.walk(ast.parse(self.text)))

    @property
    def module(self) -> str:
        return self.name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """Absolute names of the modules that the file imports."""
        return tuple(chain.from_iterable(map(self._imported, self.nodes)))

    def _imported(self, node: ast.AST) -> Iterator[str]:
        package = self.module.split(".")
        if not self.name.endswith("/__init__.py"):
            package = package[:-1]
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            found = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{found}.{one.name}" for one in node.names)


@cache
def sources() -> tuple[Source, ...]:
    found = chain.from_iterable((ROOT / name).rglob("*.py") for name in OUR_MODULES)
    paths = sorted(path for path in found if "migrations" not in path.parts)
    return tuple(Source(path.relative_to(ROOT).as_posix(), path.read_text()) for path in paths)


def offenders(rule: Callable[[Source], Iterator[str]]) -> list[str]:
    """What a rule says against each file."""
    assert len(sources()) > 200
    return [f"{one.name}: {what}" for one in sources() for what in rule(one)]


def place(module: str) -> int:
    """Where a module stands in the line; -1 for what is not ours."""
    if module.startswith("seoapp.lib"):
        return LINE.index("seoapp.lib")
    head = module.partition(".")[0]
    return LINE.index(head) if head in LINE else -1


def test_imports_run_one_way() -> None:
    def to_the_left(one: Source) -> Iterator[str]:
        here = place(one.module)
        yield from (f"imports {module}" for module in one.imports if 0 <= place(module) < here)

    assert not offenders(to_the_left), "imports of what stands to the left"


def test_the_index_is_closed() -> None:
    public = set((ROOT / "backlinks/index/__init__.py").read_text().split('"')[1::2])

    def reaching_in(one: Source) -> Iterator[str]:
        for module in () if one.name.startswith("backlinks/index/") else one.imports:
            inside = module.removeprefix("backlinks.index.")
            allowed = inside in public or (inside == "launch" and one.name.startswith("seoapp/"))
            if inside != module and not allowed:
                yield f"reaches into the index: {module}"

    assert not offenders(reaching_in)


def test_only_the_edges_start_tasks() -> None:
    def starting(one: Source) -> Iterator[str]:
        calls = (node.func for node in one.nodes if isinstance(node, ast.Call))
        started = (call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in STARTERS)
        yield from () if EDGES.search(one.name) else started

    assert not offenders(starting), "tasks are started by views, commands, tasks and the pipeline alone"


def test_the_composition_root_is_imported_by_nobody() -> None:
    roots = {"seoapp.settings", "seoapp.urls", "seoapp.pipeline", "seoapp.api"}

    def importing(one: Source) -> Iterator[str]:
        if one.name != "seoapp/web.py":  # gunicorn reads it before Django is set up
            yield from (module for module in one.imports if any(f"{module}.".startswith(f"{root}.") for root in roots))

    assert not offenders(importing)


def test_files_stay_short() -> None:
    def too_long(one: Source) -> Iterator[str]:
        if one.text.count("\n") > 500:
            yield "longer than 500 lines: split it by topic"

    assert not offenders(too_long)


def test_functions_stay_short_and_annotated() -> None:
    def unfit(one: Source) -> Iterator[str]:
        for node in one.nodes:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > 60:
                yield f"{node.lineno} {node.name} has {length} lines"
            if node.returns is None:
                yield f"{node.lineno} {node.name} says not what it returns"

    assert not offenders(unfit)


def test_modules_are_named_after_the_domain() -> None:
    mechanisms = {"services.py", "utils.py", "helpers.py", "managers.py", "signals.py"}
    assert not [one.name for one in sources() if one.name.rpartition("/")[2] in mechanisms]


def test_forms_list_their_fields() -> None:
    assert not [one.name for one in sources() if '"__all__"' in one.text]


# --- Views and templates ------------------------------------------------------------------------------------------
def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one, prefix + str(one.pattern))
        else:
            yield prefix + str(one.pattern), one


def test_every_view_states_who_may_call_it() -> None:
    ours = [
        (route, one.callback)
        for route, one in patterns(get_resolver())
        if one.callback.__module__.partition(".")[0] in OUR_MODULES
    ]
    assert len(ours) > 20
    silent = [route for route, view in ours if not getattr(view, "access_level", "")]
    assert not silent


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def test_every_fragment_is_a_cut_of_a_page() -> None:
    used = {
        name
        for path in chain(templates(), (ROOT / "seoapp/templatetags").glob("*.py"))
        for name in re.findall(r"[\"']((?:[\w-]+/)*_[\w-]+\.html)[\"']", path.read_text())
    }
    fragments = {path.relative_to(ROOT / "templates").as_posix() for path in templates() if path.name.startswith("_")}
    assert fragments <= used, f"no page includes {fragments - used}"


def test_a_chart_is_never_all_there_is() -> None:
    """Without JavaScript a chart is an empty box: a table folds below it, or a sentence says where its numbers are."""
    drawn = {path.name: path.read_text() for path in templates() if "data-chart=" in path.read_text()}
    assert drawn
    assert not [name for name, text in drawn.items() if "<noscript>" not in text and "<details" not in text]


def test_templates_hold_nothing_that_the_policy_would_refuse() -> None:
    found = [
        f"{path.relative_to(ROOT / 'templates').as_posix()}: {what}"
        for path in templates()
        for what in refused(path.read_text())
    ]
    assert not found


def refused(text: str) -> Iterator[str]:
    """What the content security policy, or escaping, would not let pass in a template."""
    bare = re.sub(r"{[{%].*?[%}]}", "", text)
    patterns = {
        "an inline handler": r"<[^>]*\son[a-z]+\s*=",
        "a style attribute": r"<[^>%{]*\sstyle\s*=",
        "a file from elsewhere": r"(?:src|href)=[\"'](?:https?:)?//",
    }
    yield from (what for what, pattern in patterns.items() if re.search(pattern, bare))
    if "|safe" in text or "autoescape off" in text:
        yield "unescaped text"
    for script in re.findall(r"<script\b[^>]*>", text):
        if not ("src=" in script or "nonce=" in script or 'type="application/json"' in script):
            yield script


def test_text_is_marked_safe_only_where_we_made_it() -> None:
    marking = [one.name for one in sources() if re.search(r"mark_safe|SafeString\(", one.text)]
    assert set(marking) <= SPARED_BY_MARK_SAFE


# --- Set-up -------------------------------------------------------------------------------------------------------
def test_htmx_2_is_what_ships() -> None:
    shipped = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    text = shipped.read_text()
    assert re.search(r'version:"2\.\d+\.\d+"', text)
    assert hashlib.sha256(shipped.read_bytes()).hexdigest().startswith(HTMX_2), "htmx changed: read its notes"
    assert "htmx-2.min.js" in (ROOT / "templates/base.html").read_text()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "package-lock.json"])
def test_lock_files_carry_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "--index-url" not in text and '"resolved"' not in text
    assert name.endswith(".json") or not re.search(r"https?://", text)
    assert ("--hash=sha256:" if name.endswith(".txt") else '"integrity"') in text
