"""Tests of server.partners."""
