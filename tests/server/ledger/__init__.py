"""Tests of the ledger, alone: it knows no other domain."""
