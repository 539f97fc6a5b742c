"""The arrows between folders and files are kept by tools, not by hope."""

from __future__ import annotations

import tomllib
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from consortium.app import FEATURES

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINES = {
    "__init__", "views", "api", "tasks", "handlers", "forms", "schemas", "signed_in", "notify", "service", "snapshot", "queries", "access", "models",
    "lifecycle", "rules", "events", "roster", "wording",
}  # fmt: skip
OF_THEIR_OWN = {"imports": {"kinds", "columns"}}  # how kinds of rows register with the engine, which knows none
NO_FEATURE = {"demonstration"}  # a generator and a launcher: no pages, no tables


def contract(name: str) -> dict[str, object]:
    return next(c for c in SETTINGS["tool"]["importlinter"]["contracts"] if name in c["name"])


def test_no_import_goes_against_the_contracts() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_features_stand_in_the_order_of_the_contract() -> None:
    layers = contract("order of a student's year")["layers"]
    assert isinstance(layers, list)
    assert list(FEATURES) == [name for name in reversed(layers) if name in FEATURES]
    folders = {path.name for path in (ROOT / "consortium").iterdir() if (path / "__init__.py").exists()}
    assert folders == set(layers) - {"cli", "app"}, "a folder without a place in the order, or a place without a folder"


def test_a_feature_holds_only_files_of_the_known_lines() -> None:
    for feature in set(FEATURES) - NO_FEATURE:
        folder = ROOT / "consortium" / feature
        files = {path.stem for path in folder.glob("*.py")} | {path.parent.name for path in folder.glob("*/*.py")}  # a line may be a package
        assert files <= LINES | OF_THEIR_OWN.get(feature, set()), f"{feature}: {sorted(files - LINES)}"


def test_only_edges_know_the_web_and_the_worker() -> None:
    edges = {"views", "api", "tasks", "forms", "schemas", "signed_in"}
    for feature in set(FEATURES) - NO_FEATURE:
        folder = ROOT / "consortium" / feature
        for path in folder.rglob("*.py"):
            if path.relative_to(folder).parts[0].removesuffix(".py") in edges:
                continue
            lines = path.read_text(encoding="utf-8").splitlines()
            web = ("from flask ", "import flask", "from celery ", "import celery", "from flask_login")
            bad = [line for line in lines if line.startswith(web) and line != "from flask import current_app"]  # which is: the settings
            assert not bad, f"{feature}/{path.name}: {bad}"
