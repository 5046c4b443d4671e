"""The benchmark of the owner's numbers, on a small chain: both ways of counting agree, and it cleans up."""

import json

from benchmarks import owner
from benchmarks.owning.data import chain, open_database
from server.ledger import verify
from server.presses.models import Press


def test_both_ways_of_counting_agree_on_a_sound_ledger(tmp_path, capsys):
    options = ["--quick", "--presses", "1500", "--seed", "3", "--folder", str(tmp_path), "--json"]
    assert owner.main(options) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in told["questions"] if row["ratio"]] == [
        "Today, 1 shop",
        "Month, 1 shop",
        "Customers, 1 shop",
    ]
    # Half of the fifty pages see four shops, half see one: five presses a second for a minute.
    assert told["feed"]["entries"] == 60 * 5 * 25 + sum(60 * 5 // 4 for _ in range(25))
    written = []
    database = open_database(chain(tmp_path, 1500, 3, written.append).path)
    with database.reading() as session:
        assert verify(session).breaches == ()
        assert session.query(Press).count() == 1500
    assert written == []
    database.dispose()
