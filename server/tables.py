"""Every table of the service: importing this module loads all of them into ``Base.metadata``.

Apart from `server.app`, so that whoever only migrates a database does not load the whole service.
"""

from typing import Final

from server.core import audit, commit_clock, idempotency, outbox, tallies
from server.core.database import Base
from server.customers import models as customers
from server.insights import models as insights
from server.ledger import models as ledger
from server.partners import models as partners
from server.presses import models as presses
from server.programs import models as programs
from server.setup import models as setup
from server.shops import models as shops
from server.staff import models as staff
from server.stamps import models as stamps

__all__ = ["METADATA", "MODULES"]

MODULES: Final = (
    audit,
    commit_clock,
    idempotency,
    outbox,
    tallies,
    partners,
    staff,
    shops,
    stamps,
    ledger,
    customers,
    programs,
    presses,
    insights,
    setup,
)
"""Where the tables are declared."""

METADATA: Final = Base.metadata
"""The description of all tables, for Alembic and for comparisons."""
