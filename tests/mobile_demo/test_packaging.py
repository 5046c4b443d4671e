"""The phone build as far as it can be proved without Android's SDK: the recipe, and the files that go in.

An APK needs downloads that no test may make; what is checked is what would stop the build or the first start.
"""

import ast
import compileall
import configparser
import fnmatch
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mobile_demo import packaging
from mobile_demo.core.config import AppConfig, ConfigError
from tests.client.test_phone_safe import foreign

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "mobile_demo" / "buildozer.spec"
CONFIG = AppConfig("https://stamps.example", "pk_live_1")
# Recipes of python-for-android v2026.05.09 and pure-Python wheels that both phone systems install.
PHONE_PACKAGES = {
    "python3", "hostpython3", "kivy", "pyjnius", "android", "plyer", "requests", "certifi", "urllib3", "idna",
    "charset-normalizer", "filetype",
}  # fmt: skip


@pytest.fixture
def spec():
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(SPEC, encoding="utf-8")
    return parser["app"]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    target = tmp_path_factory.mktemp("phone") / "app"
    packaging.lay_out(target, CONFIG)
    return target


def listed(text):
    return [part.strip() for part in text.split(",")]


def test_the_recipe_names_what_buildozer_must_have(spec):
    for name in (
        "title",
        "package.name",
        "package.domain",
        "source.dir",
        "source.include_exts",
        "requirements",
    ):
        assert spec[name]
    assert re.fullmatch(r"[a-z][a-z0-9]*", spec["package.name"])
    assert (spec["orientation"], spec["fullscreen"], spec["source.dir"]) == ("portrait", "1", ".")


def test_only_packages_that_phones_have_are_required_and_python_and_kivy_are_pinned(spec):
    required = dict(part.partition("==")[::2] for part in listed(spec["requirements"]))
    assert set(required) <= PHONE_PACKAGES
    assert required["kivy"] == "2.3.1"
    assert required["python3"] == required["hostpython3"] == "3.14.2"
    # Whatever a file imports beyond the standard library is asked for.
    assert {"requests", "pyjnius", "android"} <= set(required)


def test_permissions_are_the_ones_that_are_used_and_the_hardware_is_asked_for(spec):
    assert set(listed(spec["android.permissions"])) == {
        "INTERNET",
        "ACCESS_COARSE_LOCATION",
        "ACCESS_FINE_LOCATION",
    }
    assert spec["android.features"] == "android.hardware.touchscreen.multitouch.jazzhand"


def test_android_settings_are_current_and_the_key_is_not_backed_up(spec):
    assert int(spec["android.api"]) >= 35
    assert int(spec["android.minapi"]) >= 24
    assert spec["android.archs"] == "arm64-v8a"
    assert spec["android.allow_backup"] == "False"
    assert spec["android.release_artifact"] == "aab"


def test_the_tool_chain_is_pinned_and_no_secret_is_written_down(spec):
    assert re.fullmatch(r"v\d{4}\.\d\d\.\d\d", spec["p4a.branch"])
    text = SPEC.read_text(encoding="utf-8").lower()
    assert not re.search(r"(keystore|passwd|password|keyalias)\s*=", text)


def test_the_version_is_found_where_the_recipe_looks(spec, tree):
    file = Path(spec["version.filename"].replace("%(source.dir)s", str(tree)))
    assert re.search(spec["version.regex"], file.read_text(encoding="utf-8")).group(1) == "0.1.0"


def test_the_recipe_takes_every_file_and_no_font(spec, tree):
    kinds = {f".{kind}" for kind in listed(spec["source.include_exts"])}
    excluded = set(listed(spec["source.exclude_dirs"]))
    patterns = listed(spec["source.exclude_patterns"])
    for file in (f for f in tree.rglob("*") if f.is_file() and f.name != "buildozer.spec"):
        inside = file.relative_to(tree)
        assert file.suffix in kinds
        assert not excluded & set(inside.parts)
        assert not any(fnmatch.fnmatch(f"/{inside}", pattern) for pattern in patterns)
    assert not {".ttf", ".otf", ".ttc"} & kinds
    assert not [
        f for f in (ROOT / "mobile_demo").rglob("*") if f.suffix in {".ttf", ".otf", ".ttc", ".woff2"}
    ]


def test_the_tree_has_the_screens_and_none_of_the_server_the_index_or_the_tests(tree):
    files = {str(f.relative_to(tree)) for f in tree.rglob("*") if f.is_file()}
    assert {
        "main.py",
        "buildozer.spec",
        "mobile_demo/app.json",
        "mobile_demo/screens/stamp_screen.kv",
    } <= files
    assert {
        "stampsdk/client/phone.py",
        "stampsdk/capture/detector.py",
        "stampsdk/protocol/envelope.py",
    } <= files
    rooms = {Path(f).parts[1] for f in files if f.startswith("stampsdk/")}
    assert rooms == {"__init__.py", "py.typed", "capture", "protocol", "factors", "client"}
    assert not [f for f in files if "test" in f or "packaging" in f or "__pycache__" in f]


def test_every_module_imports_only_what_phones_have_and_compiles(tree):
    for file in tree.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        inside = file.relative_to(tree)
        where = inside if len(inside.parts) > 1 else Path("mobile_demo") / inside
        assert foreign(where, source) == []
        ast.parse(source, feature_version=(3, 11))
    assert compileall.compile_dir(tree, quiet=2, force=True)


WITHOUT_ANYTHING_ELSE = """
import sys
sys.path.insert(0, sys.argv[1])
sys.path[:] = [p for p in sys.path if not p.rstrip("/").endswith(sys.argv[2])]
import stampsdk, mobile_demo
from mobile_demo import main, platforms, android_location
from mobile_demo.core import config, fonts, ink, location, phone, stamping, texts, views, wallet
assert stampsdk.__file__.startswith(sys.argv[1]), stampsdk.__file__
read = config.config_from_file(main.Path(main.__file__).with_name("app.json"))
print(read.server, read.key, "kivy" in sys.modules, "numpy" in sys.modules)
"""


def test_the_tree_stands_on_its_own(tree):
    """Everything without a window is imported from the tree alone, outside the repository."""
    command = [sys.executable, "-P", "-c", WITHOUT_ANYTHING_ELSE, str(tree), ROOT.name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tree.parent)
    assert (done.stdout.strip(), done.stderr) == ("https://stamps.example pk_live_1 False False", "")


def test_laying_out_again_leaves_nothing_old_behind(tmp_path):
    target = tmp_path / "app"
    packaging.lay_out(target, CONFIG)
    (target / "mobile_demo" / "old.py").write_text("")
    assert packaging.main(["--out", str(target), "--server", "https://two.example", "--key", "pk_2"]) == 0
    assert not (target / "mobile_demo" / "old.py").exists()
    assert json.loads((target / "mobile_demo" / "app.json").read_text())["server"] == "https://two.example"


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="other files"):
        packaging.lay_out(tmp_path, CONFIG)
    assert [f.name for f in tmp_path.iterdir()] == ["thesis.txt"]
