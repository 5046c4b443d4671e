"""The one Alembic tree: `alembic upgrade head`, `alembic check`."""
