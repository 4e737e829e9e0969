"""The rules of the house (docs/architecture.md), each kept by a test."""

import ast
import hashlib
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import django_htmx
import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = settings.BASE_DIR
LINE = ("seoapp", "outreach", "audit", "backlinks", "projects", "seoapp.lib")
EDGES = re.compile(r"(^|/)(views(_\w+)?|\w*_views|tasks|pipeline)\.py$|/views/|/management/commands/")
SPARED_BY_MARK_SAFE = {"seoapp/templatetags/icons.py", "seoapp/lib/charts.py"}
HTMX_2 = "71ea6718"  # first characters of the SHA-256 of the htmx that ships; version 4 behaves differently
OUR_MODULES = ("seoapp", "projects", "backlinks", "audit", "outreach")


def sources() -> list[Path]:
    folders = (ROOT / name for name in OUR_MODULES)
    return sorted(path for folder in folders for path in folder.rglob("*.py") if "migrations" not in path.parts)


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    """Absolute names of the modules that a file imports."""
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            found = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{found}.{one.name}" for one in node.names)


def place(module: str) -> int:
    """Where a module stands in the line; -1 for what is not ours."""
    if module.startswith("seoapp.lib"):
        return LINE.index("seoapp.lib")
    head = module.partition(".")[0]
    return LINE.index(head) if head in LINE else -1


@pytest.mark.parametrize("path", sources(), ids=names)
def test_imports_run_one_way(path: Path) -> None:
    here = place(module_of(path))
    for module in imports_of(path):
        there = place(module)
        assert there < 0 or there >= here, f"{names(path)} imports {module}, which stands to its left"


@pytest.mark.parametrize("path", sources(), ids=names)
def test_the_index_is_closed(path: Path) -> None:
    if names(path).startswith("backlinks/index/"):
        return
    public = set((ROOT / "backlinks/index/__init__.py").read_text().split('"')[1::2])
    for module in imports_of(path):
        if module.startswith("backlinks.index."):
            inside = module.removeprefix("backlinks.index.")
            allowed = inside in public or (inside == "launch" and names(path).startswith("seoapp/"))
            assert allowed, f"{names(path)} reaches into the index: {module}"


@pytest.mark.parametrize("path", sources(), ids=names)
def test_only_the_edges_start_tasks(path: Path) -> None:
    if EDGES.search(names(path)):
        return
    nodes = ast.walk(ast.parse(path.read_text()))
    calls = [node.func for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    started = [node.attr for node in calls if node.attr in {"delay", "apply_async", "delay_on_commit", "send_task"}]
    assert not started, f"{names(path)} starts a task"


@pytest.mark.parametrize("path", sources(), ids=names)
def test_the_composition_root_is_imported_by_nobody(path: Path) -> None:
    roots = {"seoapp.settings", "seoapp.urls", "seoapp.pipeline", "seoapp.api"}
    if names(path) == "seoapp/web.py":
        return  # gunicorn reads it before Django is set up
    assert not roots & set(imports_of(path))


@pytest.mark.parametrize("path", sources(), ids=names)
def test_functions_and_files_stay_short_and_annotated(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 500, f"{names(path)} is longer than 500 lines: split it by topic"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        assert length <= 60, f"{names(path)}:{node.lineno} {node.name} has {length} lines"
        assert node.returns is not None, f"{names(path)}:{node.lineno} {node.name} says not what it returns"


def test_modules_are_named_after_the_domain() -> None:
    mechanisms = {"services.py", "utils.py", "helpers.py", "managers.py", "signals.py"}
    assert not [names(path) for path in sources() if path.name in mechanisms]


@pytest.mark.parametrize("path", sources(), ids=names)
def test_forms_list_their_fields(path: Path) -> None:
    assert '"__all__"' not in path.read_text()


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


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_templates_hold_nothing_that_the_policy_would_refuse(path: Path) -> None:
    text = re.sub(r"{[{%].*?[%}]}", "", path.read_text())
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", text), "an inline handler"
    assert not re.search(r"<[^>%{]*\sstyle\s*=", text), "a style attribute"
    assert "|safe" not in path.read_text() and "autoescape off" not in path.read_text(), "unescaped text"
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", text), "a file from elsewhere"
    for script in re.findall(r"<script\b[^>]*>", path.read_text()):
        assert "src=" in script or "nonce=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("path", sources(), ids=names)
def test_text_is_marked_safe_only_where_we_made_it(path: Path) -> None:
    if names(path) in SPARED_BY_MARK_SAFE:
        return
    assert "mark_safe" not in path.read_text(), f"{names(path)} marks text safe"


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
