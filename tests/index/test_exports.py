import subprocess
import sys

import stampsdk
from stampsdk import geometry, index
from tests.public_names import assert_public_names


def test_public_names():
    assert_public_names(geometry)
    assert_public_names(index)


def test_importing_the_library_loads_no_numpy_and_the_index_compiles_nothing():
    code = (
        "import sys, stampsdk; assert not {'numpy', 'numba', 'scipy'} & set(sys.modules); "
        "import stampsdk.index._search as s; assert not s.search_band.signatures; "
        "assert stampsdk.PatternIndex is stampsdk.index.PatternIndex"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "PatternIndex" in dir(stampsdk)
