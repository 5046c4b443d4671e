"""For tests of what members do: members, threads that act at once, and a count of statements."""

import threading
from concurrent.futures import ThreadPoolExecutor

from server.staff.actor import Actor, Role


def member(partner_id, role="owner", name="a"):
    """Return a member of a partner's organisation."""
    return Actor(f"mem_{role}_{name}", partner_id, Role(role), f"{role} {name}")


def at_once(*works):
    """Run each work in a thread, all let go together; return what they returned."""
    gate = threading.Barrier(len(works), timeout=60)

    def run(work):
        gate.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def count(statements):
    """Count statements without BEGIN, which is one on SQLite and none on PostgreSQL."""
    return sum(not statement.startswith("BEGIN") for statement in statements)
