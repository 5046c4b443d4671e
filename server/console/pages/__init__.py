"""The pages that NiceGUI draws. Importing this registers them with NiceGUI; only the engine does."""

from server.console.pages import counter_phones, customers, home, month, people, person, setup

__all__ = ["counter_phones", "customers", "home", "month", "people", "person", "setup"]
