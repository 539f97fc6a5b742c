"""Names, words and dangerous calls: what a reader may rely on everywhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consortium.app import create_app
from consortium.shared.db import Base

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "consortium"
SOURCES = sorted([*PACKAGE.rglob("*.py"), ROOT / "config.py", ROOT / "celery_worker.py"])
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base", "lib", "tools"}
FORBIDDEN = {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "skops"}
CALLS = {"eval", "exec", "render_template_string", "__import__"}


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in SOURCES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_no_file_has_a_vague_name() -> None:
    names = [path for path in PACKAGE.rglob("*") if path.stem.lower() in VAGUE]
    assert not names


def test_every_module_and_public_function_says_what_it_is() -> None:
    silent = []
    for path, tree in trees():
        where = path.relative_to(ROOT)
        if not ast.get_docstring(tree):
            silent.append(f"{where}")
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{where}: {node.name}")
    assert not silent, "\n".join(silent)


def test_every_constraint_has_a_name() -> None:
    create_app("testing", SQLALCHEMY_DATABASE_URI="sqlite://")
    for table in Base.metadata.sorted_tables:
        assert all(c.name for c in table.constraints if c.name is not None or len(list(getattr(c, "columns", []))) > 0), table.name
        for column in table.columns:
            assert not column.index or any(column.name in ix.columns for ix in table.indexes), f"{table.name}.{column.name}"
        assert all(len(str(ix.name)) <= 63 for ix in table.indexes), table.name


def test_every_row_a_tenant_owns_says_whose_it_is() -> None:
    create_app("testing", SQLALCHEMY_DATABASE_URI="sqlite://")
    for table in Base.metadata.sorted_tables:
        if "tenant_id" in table.c and table.name not in ("audit_lines",):
            assert not table.c.tenant_id.nullable, table.name


def test_views_read_through_reach_and_never_by_number() -> None:
    for path in [*PACKAGE.glob("*/views.py"), *PACKAGE.glob("*/views/*.py"), *PACKAGE.glob("*/api.py"), *PACKAGE.glob("*/api/*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"session\.get\(|\.query\(", text), path
        if "accounts" not in path.parts:
            assert "session.get_one(" not in text, path
        assert not re.search(r"\bsa\.(select|update|insert|delete)\(", text), f"{path} asks the database itself"


def test_nothing_dangerous_is_called() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.split(".")[0] for alias in node.names} if isinstance(node, ast.Import) else {(node.module or "").split(".")[0]}
                assert not names & FORBIDDEN, f"{path}: {names & FORBIDDEN}"
            if isinstance(node, ast.Call):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert not (isinstance(node.func, ast.Name) and called in CALLS), f"{path}:{node.lineno} {called}"
                shell = [k for k in node.keywords if k.arg in ("shell", "verify") and isinstance(k.value, ast.Constant)]
                assert not any((k.arg == "shell" and k.value.value) or (k.arg == "verify" and k.value.value is False) for k in shell), path  # type: ignore[attr-defined]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_template_escapes_all_it_is_given(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup\(", text)


def test_lock_files_name_no_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text and "--index-url" not in text, lock
        assert text.count("--hash=sha256:") > 50, lock


def test_only_the_settings_read_the_environment() -> None:
    for path, tree in trees():
        if path.name == "config.py" or "demonstration" in path.parts or path.name == "cli.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and isinstance(node.value, ast.Name):
                assert node.value.id != "os", f"{path}:{node.lineno}"
