"""The pages that NiceGUI draws. Importing this registers them with NiceGUI; only the engine does."""

from server.console.pages import home, setup

__all__ = ["home", "setup"]
