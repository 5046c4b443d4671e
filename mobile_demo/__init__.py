"""A Kivy app that embeds the SDK as any partner's app would."""

__version__ = "0.1.0"
