"""Parts that a test needs and a machine may not have."""

import os

import pytest


def require(condition, reason):
    """Skip the test with `reason` unless `condition` holds; with CI=true a missing part is a failure."""
    if condition:
        return
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(f"a part is missing, and CI must have it: {reason}", pytrace=False)
    pytest.skip(reason)
