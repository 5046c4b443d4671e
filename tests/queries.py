"""Counting the statements that a piece of code sends to the database."""

from contextlib import contextmanager

from sqlalchemy import event


@contextmanager
def counted_queries(*engines):
    """Collect every SQL statement that the engines run in the block, in order.

    with counted_queries(engine) as statements:
        client.get("/v1/shops")
    assert len(statements) == 2
    """
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    # An engine made from another by options shares its pool, and its events.
    engines = list({engine.pool: engine for engine in reversed(engines)}.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
