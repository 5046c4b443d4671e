"""The index against other search libraries: throughput, latency, growth, build, file.

Every library is held to one thread while it is measured, and OpenMP and BLAS read how many they may use when they
are loaded. So this stands before anything else is imported.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
