"""Tests of server.stamps."""
