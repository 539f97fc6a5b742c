"""The command line: `consortium COMMAND --help` tells what each does; slow imports wait until a command needs them."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import config

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "consortium" / "translations"
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links", re.I)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="consortium")
def main() -> None:
    """The talent supply-and-demand platform of an industry-education consortium."""


# ── running ──────────────────────────────────────────────────────────────────────────────────────


@main.command()
@click.option("--port", envvar="DEMO_PORT", default=8000, show_default=True, help="Where the pages answer; a taken port is said and another chosen.")
@click.option("--students", envvar="DEMO_STUDENTS", default=3000, show_default=True, type=click.IntRange(20, 50_000), help="How many students to invent.")
@click.option("--seed", envvar="DEMO_SEED", default=7, show_default=True, help="The same seed invents the same consortium.")
@click.option("--data", envvar="DEMO_DATA", default=str(ROOT / "var" / "demo"), type=click.Path(path_type=Path), help="Where everything is kept.")
def demo(port: int, students: int, seed: int, data: Path) -> None:
    """Start the demonstration: database, broker, worker, web, invented data; stays until Ctrl-C."""
    from consortium.demonstration import launcher

    sys.exit(launcher.run(_app, launcher.Plan(data.absolute(), port, students, seed)))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, help="Web processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve pages and API: gunicorn, or the reloading server in development."""
    _settings()
    if os.environ.get("CONSORTIUM_ENV") == "development":
        _app().run(host, port, debug=True)
        return
    options = ["--bind", f"{host}:{port}", "--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
    limits = ["--timeout", "60", "--graceful-timeout", "10", "--keep-alive", "5", "--log-level", "warning", "--no-control-socket"]
    _become("gunicorn", *options, *limits, "consortium.app:create_app()")


@main.command()
@click.option("--concurrency", default=2, show_default=True, help="Processes that work.")
@click.option("--no-beat", is_flag=True, help="Leave the clock of periodic tasks to another worker.")
def worker(concurrency: int, no_beat: bool) -> None:
    """Work in the background: matching, imports, mail; with the clock of periodic tasks."""
    data = Path(_settings().DATA_DIR)
    data.mkdir(parents=True, exist_ok=True)
    clock = [] if no_beat else ["-B", "-s", str(data / "celerybeat-schedule")]
    _become("celery", "-A", "celery_worker", "worker", "--concurrency", str(concurrency), "--loglevel", "WARNING", *clock)


@main.command()
@click.option("--to", "revision", default="head", show_default=True, help="Revision to go to; -1 goes one step back.")
def migrate(revision: str) -> None:
    """Bring the database to the newest (or a given) form."""
    from flask_migrate import downgrade, upgrade

    with _app().app_context():
        (downgrade if revision.startswith("-") or revision == "base" else upgrade)(revision=revision)


# ── data ─────────────────────────────────────────────────────────────────────────────────────────


@main.command()
@click.option("--students", default=3000, show_default=True, type=click.IntRange(20, 50_000), help="How many students to invent.")
@click.option("--seed", default=7, show_default=True, help="The same seed invents the same consortium.")
def seed(students: int, seed: int) -> None:
    """Fill an empty database with the invented consortium of the demonstration."""
    from consortium.demonstration import generator

    with _app().app_context():
        try:
            told = generator.fill(students=students, seed=seed)
        except generator.NotEmpty as full:
            raise click.ClickException(str(full)) from None
    click.echo(", ".join(f"{count} {what}" for what, count in told.items()))


@main.command("import-students")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--college", required=True, help="The college's code in the ministry's list.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
def import_students(file: Path, college: str, dry_run: bool) -> None:
    """Read a college's roster (.xlsx or .csv): good rows in, bad rows told by row, column and cause."""
    app = _app()
    from consortium.imports.columns import missing as missing_columns
    from consortium.imports.kinds import CONFLICT, ERROR, KINDS, NEW, UPDATED, VERDICTS, Plan
    from consortium.organisations.models import College
    from consortium.shared.db import db
    from consortium.shared.files import FileRefused, inspect
    from consortium.shared.spreadsheet import read_table
    from consortium.students.service import check

    kind = KINDS["students"]
    with app.test_request_context(), app.app_context():
        found = db.session.query(College).filter_by(moe_code=college).one_or_none()
        if found is None:
            raise click.ClickException(f"no college has the code {college}")
        data = file.read_bytes()
        try:
            inspect(data)
            table = read_table(data, kind.names())
        except FileRefused as refused:
            raise click.ClickException(f"{file.name}: {refused.code} {refused.facts or ''}".rstrip()) from None
        missing = missing_columns(kind.schema, table.header)
        if missing:
            raise click.ClickException(f"{file.name}: columns are missing: {', '.join(missing)}")
        checked = check(found.tenant_id, table.header, table.rows)
        for row in checked:
            if row.verdict in (ERROR, CONFLICT):
                for problem in row.problems:
                    click.echo(f"row {row.row_no}, {problem.column}: {problem.code} {problem.found}".rstrip(), err=True)
        good = [(row.row_no, row.values) for row in checked if row.verdict in (NEW, UPDATED)]
        if not dry_run:
            for start in range(0, len(good), 500):
                kind.apply(found.tenant_id, good[start : start + 500], None, Plan())
                db.session.commit()
    click.echo(", ".join(f"{sum(row.verdict == verdict for row in checked)} {verdict}" for verdict in VERDICTS))


@main.command()
@click.option("--here", is_flag=True, help="Compute in this process, for a machine without a worker.")
def match(here: bool) -> None:
    """Run the matcher over all students and posts, with a bar until it is done."""
    app = _app(worker=here)
    from consortium.demonstration import progress
    from consortium.proposals import service
    from consortium.proposals.tasks import work_here
    from consortium.shared.db import db
    from consortium.shared.errors import Conflict

    with app.test_request_context():
        try:
            run_id = service.start(scope="all", by=None).id
        except Conflict as busy:
            raise click.ClickException(str(busy.what)) from None
        db.session.commit()
        run = progress.watch(run_id, work_here if here else None)
        if run is None:
            raise click.ClickException("the run did not end; is a worker running? (`consortium worker`, or --here)")
        click.echo(f"run {run.public_id}: {run.n_students} students, {run.n_positions} posts, digest {run.digest[:12]}")


@main.command()
@click.option("--students", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="One JSON object a line: id, title, text, …")
@click.option("--positions", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), help="One JSON object a line: id, title, text, …")
@click.option("--top", default=20, show_default=True, type=click.IntRange(1, 1000), help="Positions for each student.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="TREC run lines.")
@click.option("--history", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Earlier choices to learn from: who (id, major code or wish), document, grade; tabs between.")
def rank(students: Path, positions: Path, top: int, out: Path, history: Path | None) -> None:
    """Rank positions for every student from plain files; needs no database and no server."""
    from consortium.matching.rank import BadProblem, MalformedLine, rank_files
    from consortium.reference import occupations

    try:
        lines = rank_files(students, positions, top, out, _from_catalogue, occupations.titles(), history)
    except (MalformedLine, BadProblem) as broken:
        click.echo(f"Error: {broken}", err=True)
        sys.exit(2)
    except OSError as gone:
        raise click.ClickException(f"{gone.filename}: {gone.strerror}") from None
    click.echo(f"{lines} lines in {out}")


@main.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET…", type=click.Path(exists=True, file_okay=False, path_type=Path))
def evaluate(sets: tuple[Path, ...]) -> None:
    """Measure `rank` beside BM25 and TF-IDF on judged sets: folders with queries.jsonl, corpus.jsonl and qrels.tsv."""
    from consortium.matching.evaluation import MalformedLine
    from consortium.matching.rank import rank_files
    from consortium.reference import occupations

    if not (ROOT / "benchmarks" / "quality.py").exists():
        raise click.ClickException("benchmarks/ is missing: run this in a checkout")
    sys.path.insert(0, str(ROOT / "benchmarks"))
    quality = importlib.import_module("quality")

    def ranked(queries: Path, corpus: Path, top: int, out: Path, history: Path | None) -> int:
        return rank_files(queries, corpus, top, out, _from_catalogue, occupations.titles(), history)

    try:
        good = quality.run(sets, ranked)
    except MalformedLine as broken:
        raise click.ClickException(str(broken)) from None
    except OSError as gone:
        raise click.ClickException(f"{gone.filename}: {gone.strerror}") from None
    sys.exit(0 if good else 1)


def _from_catalogue(record: dict[str, Any]) -> dict[str, Any]:
    """What the catalogue of majors knows of a record's `major_code`, and its level."""
    from consortium.reference import majors

    major = majors.find(str(record.get("major_code", "")))
    found: dict[str, Any] = {"level": record["level"]} if isinstance(record.get("level"), str) else {}
    if major is None:
        return found
    groups = majors.occupation_groups(major.class_key)
    return {
        "level": major.level, "major": major.code, "major_class": major.class_key, "major_category": major.category_key, "occupations": groups,
    } | found  # fmt: skip


# ── looking after the code ───────────────────────────────────────────────────────────────────────


@main.command()
@click.option("--no-tests", is_flag=True, help="Leave the tests out.")
def check(no_tests: bool) -> None:
    """Run what continuous integration runs: style, types, arrows, templates, languages, lock files, tests."""
    python, scripts = sys.executable, Path(sys.executable).parent
    steps: list[tuple[str, Callable[[], str]]] = [
        ("style", lambda: _said(python, "-m", "ruff", "check", ".")),
        ("types", lambda: _said(python, "-m", "mypy")),
        ("arrows between folders", lambda: _said(str(scripts / "lint-imports"))),
        ("templates", lambda: _said(python, "-m", "djlint", "consortium", "--lint", "--quiet")),
        ("languages", lambda: "\n".join(language_faults())),
        ("lock files", lambda: "\n".join(lock_faults())),
    ]
    if not no_tests:
        steps.append(("tests", lambda: _said(python, "-m", "pytest", "-q")))
    failed = []
    for name, step in steps:
        said = step()
        click.echo(click.style("✗" if said else "✓", fg="red" if said else "green") + f" {name}")
        if said:
            failed.append(name)
            click.echo(said)
    if failed:
        raise click.ClickException(f"not in order: {', '.join(failed)}")


@main.command()
def translate() -> None:
    """Gather the texts from the source, bring both catalogues up to date, and compile them."""
    _babel("extract", "-F", "babel.cfg", "-k", "_l", "-k", "lazy_gettext", "--no-location", "--sort-output", "--no-wrap", "-o", "var/messages.pot", "consortium")
    for language in ("zh", "en"):
        known = (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").exists()
        keep = ["--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date", "--no-wrap"] if known else ["--no-wrap"]
        _babel("update" if known else "init", "-i", "var/messages.pot", "-d", str(TRANSLATIONS), "-l", language, *keep)
    _babel("compile", "-d", str(TRANSLATIONS))
    for fault in language_faults():
        click.echo(fault)


@main.command("map")
def map_() -> None:
    """Print the features, the routes with their gates, the tasks, and who listens to what news."""
    app = _app("development")
    from consortium.app import FEATURES
    from consortium.shared.signals import ALL
    from consortium.web.gate import GATES

    click.echo("Features, in the order of a student's year\n  " + " → ".join(FEATURES))
    click.echo("\nRoutes and their gates")
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: (one.rule, one.endpoint)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            gate = GATES.get((rule.endpoint, method))
            click.echo(f"  {method:6} {rule.rule:64} {gate.ability if gate else '(no gate)':28} {rule.endpoint}")
    click.echo("\nTasks")
    for name in sorted(name for name in app.extensions["celery"].tasks if not name.startswith("celery.")):
        click.echo(f"  {name}")
    click.echo("\nNews")
    for name, news in sorted(ALL.items()):
        listeners = ", ".join(f"{one.__module__.removeprefix('consortium.')}.{one.__name__}" for one in news.listeners)
        click.echo(f"  {name:28} → {listeners or '(nobody yet)'}")


@main.command()
@click.option("--write", is_flag=True, help="Put the table into the README.")
def rules(write: bool) -> None:
    """Print every rule of law and the places where it is asked, from the one definition."""
    if not write:
        click.echo(rules_table())
        return
    path = ROOT / "README.md"
    before, _, rest = path.read_text(encoding="utf-8").partition("<!-- rules -->")
    after = rest.partition("<!-- /rules -->")[2]
    path.write_text(f"{before}<!-- rules -->\n{rules_table()}\n<!-- /rules -->{after}", encoding="utf-8")


def rules_table() -> str:
    """Rule × place × test as Markdown: a tick is the test `test_a_rule_at_its_place[CODE-place]` of tests/house/test_law.py."""
    from consortium.matching.eligibility import PLACES
    from consortium.reference import law

    lines = ["| rule | | not met | " + " | ".join(PLACES) + " |", "|---|---|---|" + ":-:|" * len(PLACES)]
    for code, rule in law.rules().items():
        if not code.startswith("H"):
            ticks = " | ".join("✓" if place in rule.places else "" for place in PLACES)
            shown = f"by design: `{rule.shown_by}`" if rule.shown_by else f"{rule.effect} (school)" if rule.school_may_override else rule.effect
            lines.append(f"| {code} | {rule.title('zh')} {rule.title('en')} | {shown} | {ticks} |")
    return "\n".join(lines)


def lock_faults() -> list[str]:
    """Addresses that may not stand in a lock file: whoever installs chooses the registry."""
    found = []
    for path in sorted(ROOT.glob("requirements*.lock")):
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [f"{path.name}, line {n}: names a registry" for n, line in enumerate(lines, 1) if ADDRESS.search(line)]
    return found


def language_faults() -> list[str]:
    """What is missing, fuzzy or left over in the two catalogues, measured against the source."""
    from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
    from babel.messages.frontend import parse_mapping_cfg
    from babel.messages.pofile import read_po

    with (ROOT / "babel.cfg").open(encoding="utf-8") as lines:
        methods, options = parse_mapping_cfg(lines)  # type: ignore[no-untyped-call]
    keywords = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
    source = {
        text if isinstance(text, str) else text[0]
        for _, _, text, _, _ in extract_from_dir(str(ROOT / "consortium"), methods, options, keywords)
        if text
    }
    found = []
    for language in ("zh", "en"):
        path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
        if not path.exists():
            found.append(f"{language}: no catalogue")
            continue
        with path.open("rb") as lines_:
            catalogue = read_po(lines_, locale=language)
        ids = {one.id if isinstance(one.id, str) else one.id[0] for one in catalogue if one.id}
        found += [f"{language}: not in the catalogue: {text!r}" for text in sorted(source - ids)]
        found += [f"{language}: no longer in the source: {text!r}" for text in sorted(ids - source)]
        found += [f"{language}: fuzzy: {one.id!r}" for one in catalogue if one.id and one.fuzzy]
        found += [f"{language}: obsolete: {one!r}" for one in catalogue.obsolete]
        if language == "zh":
            found += [f"zh: not translated: {one.id!r}" for one in catalogue if one.id and not _translated(one.string)]
    return found


def _translated(said: Any) -> bool:
    return all(said) if isinstance(said, (tuple, list)) else bool(said)


def _babel(*arguments: str) -> None:
    (ROOT / "var").mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", "-q", *arguments], cwd=ROOT, check=True)


def _said(*command: str) -> str:
    """What a tool said if it failed, '' if it passed."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return f"{command[0]} is not installed (make check installs it)"
    return (done.stdout + done.stderr).strip() or f"exit code {done.returncode}" if done.returncode else ""


def _settings() -> config.Base:
    try:
        return config.load()
    except config.UnsafeSettings as unsafe:
        raise click.ClickException(str(unsafe)) from None


def _app(settings: str | None = None, *, worker: bool = False) -> Flask:
    from consortium.app import create_app

    try:
        return create_app(settings, worker=worker)
    except config.UnsafeSettings as unsafe:
        raise click.ClickException(str(unsafe)) from None


def _become(module: str, *arguments: str) -> None:
    """Let the process go on as another program, so that whoever started it keeps its number."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])


if __name__ == "__main__":
    main()
