"""A Kivy app that embeds the SDK as any partner's app would."""
