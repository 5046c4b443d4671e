"""The stamp-server command."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests

from server.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path):
    """Give the address of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'deep' / 'stamp.db'}"


@pytest.fixture
def run(url, monkeypatch, capsys):
    """Run the command as its entry point does: exit status, standard output and standard error."""

    def run(*arguments, address=url, **environment):
        for name, value in {
            "STAMP_DATABASE_URL": address,
            "COLUMNS": "200",
            "NO_COLOR": "1",
            **environment,
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["stamp-server", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return SimpleNamespace(status=ended.value.code or 0, out=said.out, err=said.err)

    return run


def test_rolling_up_an_empty_house(run):
    run("migrate")
    for options in ([], ["--rebuild"]):
        done = run("roll-up", *options)
        assert (done.status, done.out) == (0, "0 days of shops counted, partners: 0.\n")


def test_migrate_keys_list_revoke(run):
    assert "up to date" in run("migrate").out
    assert run("migrate").status == 0
    made = run("keys", "create", "Café Ongi", "--origin", "https://ongi.example", "--json")
    keys = json.loads(made.out)
    assert keys["secret_key"].startswith("sk_")
    listed = run("keys", "list").out
    assert keys["publishable_key"] in listed
    assert "https://ongi.example" in listed
    assert keys["secret_key"] not in listed
    shown = run("keys", "create", "Café Ongi").out
    assert keys["partner"] in shown, "the same partner, with more keys"
    assert "not shown again" in shown
    identifier = next(word for word in listed.split() if word.startswith("key_"))
    assert run("keys", "revoke", identifier).status == 0
    assert "revoked" in run("keys", "list").out


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["keys", "list"], {}, "Run: stamp-server migrate"),
        (["serve"], {}, "Run: stamp-server migrate"),
        (["migrate"], {"address": "mysql://x"}, "only sqlite and postgresql"),
        (["migrate"], {"address": "nonsense"}, "no database address"),
        (["migrate"], {"address": "postgresql://127.0.0.1:1/none?connect_timeout=2"}, "cannot be used"),
        (["migrate"], {"STAMP_MAX_FIX_AGE_S": "soon"}, "STAMP_MAX_FIX_AGE_S"),
        (["serve", "--cert", "site.pem"], {}, "go together"),
        (["serve", "--cert", "none.pem", "--key", "none.key"], {}, "no file none.pem"),
    ],
)
def test_mistakes_end_in_one_sentence_that_says_what_to_do(run, arguments, environment, said):
    done = run(*arguments, **environment)
    assert done.status == 1
    assert said in done.err
    assert len(done.err.strip().splitlines()) <= 4


def test_refusals_of_the_service_are_said_plainly(run):
    run("migrate")
    done = run("keys", "create", "X", "--origin", "https://a.example/path")
    assert (done.status, "without a path" in done.err) == (1, True)
    assert "There is no key" in run("keys", "revoke", "key_none").err
    assert json.loads(run("keys", "create", "X", "--json").out), "nothing of the refused attempt is left"


@pytest.mark.parametrize(
    "command",
    [[], ["migrate"], ["serve"], ["keys"], ["keys", "create"], ["keys", "list"], ["keys", "revoke"]],
)
def test_help_has_examples(run, command):
    done = run(*command, "--help")
    assert done.status == 0
    if command not in ([], ["keys"]):
        assert "Examples" in done.out
        assert "stamp-server " in done.out


def test_it_serves_what_was_registered(run, url):
    run("migrate")
    keys = json.loads(run("keys", "create", "X", "--json").out)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "STAMP_DATABASE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )
    log = []
    try:
        for line in process.stderr:
            log.append(line)
            if "running on" in line:
                break
        base = f"http://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {keys['secret_key']}"}
        shops = requests.get(f"{base}/v1/shops", headers=headers, timeout=30)
        assert shops.json() == {"data": [], "next_cursor": None}
        assert requests.get(f"{base}/v1/shops", timeout=30).status_code == 401
    finally:
        process.terminate()
        log += process.communicate(timeout=60)[1].splitlines()
    answered = [json.loads(line) for line in log if '"route": "/v1/shops"' in line]
    assert [line["status"] for line in answered] == [200, 401]
    assert all(line["request_id"].startswith("req_") for line in answered)
    assert not any(keys["secret_key"] in line for line in log)


def test_more_workers_leave_the_owners_pages_out_and_say_so(run, monkeypatch):
    served = {}
    monkeypatch.setattr(
        "uvicorn.run", lambda *_, **more: served.update(more, pages=os.environ["STAMP_OWNER_PAGES"])
    )
    run("migrate")
    said = run("serve", "--workers", "3", STAMP_OWNER_PAGES="true")
    assert (served["workers"], served["pages"]) == (3, "false")
    assert "/owner needs a single process" in said.err
