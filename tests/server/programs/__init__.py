"""Tests of programmes, cards and coupons."""
