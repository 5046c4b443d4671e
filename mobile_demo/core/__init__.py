"""The app without Kivy: configuration, texts, states and what the screens show."""
