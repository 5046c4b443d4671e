"""Organisations that use the service, and their keys."""
