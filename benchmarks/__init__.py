"""Measurements: ``python -m benchmarks NAME``. Figures are printed; what must hold is held by the tests."""
