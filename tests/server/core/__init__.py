"""Tests of server.core."""
