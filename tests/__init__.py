"""Tests of the whole house, in folders named as the packages they test."""
