"""For all tests: Hypothesis judges behaviour, never how long a busy machine took."""

from hypothesis import HealthCheck, settings

settings.register_profile("stamp", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stamp")
