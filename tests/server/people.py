"""For tests of what members do: members, and a count of statements."""

from server.staff.actor import Actor, Role


def member(partner_id, role="owner", name="a"):
    """Return a member of a partner's organisation."""
    return Actor(f"mem_{role}_{name}", partner_id, Role(role), f"{role} {name}")


def count(statements):
    """Count statements without BEGIN, which is one on SQLite and none on PostgreSQL."""
    return sum(not statement.startswith("BEGIN") for statement in statements)
