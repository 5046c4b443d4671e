"""Tests of customers and devices."""
