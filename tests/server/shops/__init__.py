"""Tests of server.shops."""
