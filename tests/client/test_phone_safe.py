"""What runs on a phone keeps to what a phone has: the standard library and requests, Python 3.11 syntax."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ["stampsdk/capture", "stampsdk/protocol", "stampsdk/factors", "stampsdk/client", "mobile_demo"]
FILES = [
    ROOT / "stampsdk" / "__init__.py",
    *(f for room in ROOMS for f in sorted((ROOT / room).rglob("*.py"))),
]

ALLOWED = sys.stdlib_module_names | {"requests", "stampsdk", "mobile_demo"}
GUARDED = {"cryptography", "plyer", "jnius", "pyobjus", "android"}
# Recipes build these without their C parts, or leave them out (python-for-android, kivy-ios).
ABSENT = {"tkinter", "idlelib", "turtle", "curses", "dbm", "nis", "crypt", "ensurepip", "venv", "lib2to3"}
SCREENS = {"kivy"}


def imports(tree):
    """Yield (top-level module, whether a failing import of it is caught) for every import."""
    caught = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(_catches_import_error(h) for h in node.handlers):
            caught |= {inner for each in node.body for inner in ast.walk(each)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node in caught) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0], node in caught


def _catches_import_error(handler):
    names = {n.id for n in ast.walk(handler.type) if isinstance(n, ast.Name)} if handler.type else set()
    return bool(names & {"ImportError", "ModuleNotFoundError"})


def foreign(path, source):
    """Name what a file imports that a phone may not have."""
    kivy = SCREENS if path.parts[0] == "mobile_demo" and path.parts[1] != "core" else set()
    return [
        name
        for name, caught in imports(ast.parse(source))
        if name not in (ALLOWED | kivy) - ABSENT and not (caught and name in GUARDED)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_phone_file_imports_only_what_phones_have_and_parses_as_python_3_11(path):
    source = path.read_text(encoding="utf-8")
    assert foreign(path.relative_to(ROOT), source) == []
    ast.parse(source, feature_version=(3, 11))


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("stampsdk/client/x.py", "import numpy", ["numpy"]),
        ("stampsdk/client/x.py", "def f():\n    from cryptography import x509", ["cryptography"]),
        ("stampsdk/client/x.py", "try:\n    import plyer\nexcept ValueError:\n    pass", ["plyer"]),
        ("stampsdk/client/x.py", "try:\n    import plyer\nexcept ImportError:\n    pass", []),
        ("stampsdk/client/x.py", "try:\n    import numpy\nexcept ImportError:\n    pass", ["numpy"]),
        ("mobile_demo/core/x.py", "from kivy.clock import Clock", ["kivy"]),
        ("mobile_demo/screens/x.py", "from kivy.clock import Clock", []),
        ("stampsdk/client/x.py", "import tkinter, json", ["tkinter"]),
    ],
)
def test_the_check_finds_what_it_is_for(path, source, found):
    assert foreign(Path(path), source) == found


def test_importing_the_client_loads_no_number_crunching():
    code = (
        "import sys, stampsdk.client; stampsdk.client.PhoneClient;"
        "heavy = {'numpy', 'scipy', 'numba', 'httpx', 'kivy', 'fastapi', 'stampsdk.geometry'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_importing_the_room_alone_loads_no_client():
    code = "import sys, stampsdk.client; print('requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


WITHOUT_CRYPTOGRAPHY = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "cryptography":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from stampsdk.client import PhoneClient
url, key, store = sys.argv[1:]
with PhoneClient(url, key, store=store) as phone:
    outcome = phone.press([(1.0, 2.0)] * 5)
    phone.verify_receipt_offline(outcome.receipt)
    print(outcome.code, phone.verify_receipt_offline(outcome.receipt).press == outcome.press_id)
"""


def test_a_phone_without_a_crypto_library_presses_by_hmac_and_checks_receipts(server, tmp_path):
    command = [sys.executable, "-c", WITHOUT_CRYPTOGRAPHY, server.url, "pk_test", str(tmp_path / "store")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.stdout.strip(), done.stderr) == ("stamped True", "")
    enrolment = next(body for _, path, _, body in server.state.seen if path == "/v1/devices")
    assert enrolment == {"algorithm": "HS256"}
