"""Customers, who are nobody in particular, and the devices they stamp with."""
