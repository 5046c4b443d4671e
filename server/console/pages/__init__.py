"""The pages that NiceGUI draws. Importing this registers them with NiceGUI; only the engine does."""

from server.console.pages import (
    counter_desk,
    counter_phones,
    customers,
    home,
    month,
    people,
    person,
    setup,
    stamps,
)

__all__ = [
    "counter_desk",
    "counter_phones",
    "customers",
    "home",
    "month",
    "people",
    "person",
    "setup",
    "stamps",
]
