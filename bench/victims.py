"""The processes that the fault bench kills. A fork server imports this module and forks them: each is a process of its
own that runs a command of ``run.py``, without the seconds that imports take, so that kills fall into work.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess

from compliance.judge import Message, load_judge
from web.cli import main

LATE = (
    *("cheroot.wsgi", "alembic.command", "sqlalchemy.dialects.sqlite", "compliance.migrations", "web.state", "web.api"),
    *("web.auth", "web.cli.serve", "web.cli.delivery", "web.collector", "web.officer", "web.library", "web.admin"),
)
"""What the commands import when they are called."""
for _name in LATE:
    import_module(_name)
load_judge("cn").screen(Message("您好，您的账单已出。"))  # its tables are kept for the whole process


def nursery() -> ForkServerContext:
    """The context whose processes are forked from one that has this module."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def start(
    context: ForkServerContext, arguments: Sequence[str], environment: Mapping[str, str], log: str
) -> ForkServerProcess:
    """``python run.py ARGUMENTS`` with these settings and no others; its output goes to the end of the file ``log``."""
    process = context.Process(target=_run, args=(list(arguments), dict(environment), log), daemon=True)
    process.start()
    return process


def _run(arguments: list[str], environment: dict[str, str], log: str) -> None:
    for name in [name for name in os.environ if name.startswith("ZHENGYAN_")]:
        del os.environ[name]
    os.environ.update(environment)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for standard in (1, 2):
        os.dup2(file, standard)
    main(arguments)
