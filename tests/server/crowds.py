"""Threads that act at once, and random lives: both ask whether what holds for one holds for many."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

THREADS = 16


def at_once(*works):
    """Run each work in a thread, all let go together; return what they returned."""
    gate = threading.Barrier(len(works), timeout=60)

    def run(work):
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def each_at_once(work, arguments=range(THREADS)):
    """Run `work` for each argument in a thread of its own, all let go together."""
    return at_once(*(partial(work, argument) for argument in arguments))


def live(machine, database, *, sqlite, postgresql):
    """Let so many random lives of a state machine pass on the database."""
    bound = type("Machine", (machine,), {"database": database})
    run_state_machine_as_test(
        bound,
        settings=settings(
            max_examples=sqlite if database.engine.dialect.name == "sqlite" else postgresql,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
