"""The page that takes stamps without an app, and the capture script for partners' pages."""
