"""Messages of the outbox are handed over once each, and one that cannot be holds no other up."""

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from server.core.addresses import network
from server.core.audit import AuditEntry
from server.core.delivery import deliver_one
from server.core.logs import configure_logging
from server.core.mail import Mail, mail_backend
from server.core.outbox import OutboxMessage, enqueue

TOPICS = ("mail.a", "mail.b")


@pytest.fixture
def post(database, clock):
    def post(*topics):
        for number, topic in enumerate(topics):
            clock.advance(1)
            with database.transaction() as session:
                enqueue(session, clock, topic=topic, payload={"number": number})

    return post


@pytest.fixture
def deliver(database, clock):
    """Hand over all that is due by `send`; return how many messages were looked at."""

    def deliver(send):
        count = 0
        while True:
            with database.transaction() as session:
                if not deliver_one(session, clock, topics=TOPICS, send=send):
                    return count
            count += 1

    return deliver


def test_each_is_handed_over_once_in_the_order_they_came_and_others_are_left(post, deliver, database):
    post("mail.a", "press.accepted", "mail.b", "mail.a")
    taken = []
    assert deliver(lambda _session, message: taken.append(message.payload["number"])) == 3
    assert deliver(lambda _session, message: taken.append(message.payload["number"])) == 0
    assert taken == [0, 2, 3]
    with database.reading() as session:
        waiting = session.scalars(select(OutboxMessage).where(OutboxMessage.delivered_at.is_(None)))
        assert [message.topic for message in waiting] == ["press.accepted"]


def test_what_cannot_be_handed_over_waits_a_minute_and_leaves_nothing_behind(
    post, deliver, database, clock, caplog
):
    post("mail.a", "mail.b")
    taken = []

    def send(session, message):
        if message.topic == "mail.a" and not taken[1:]:
            session.add(AuditEntry(id="half", at=clock.now(), actor="x", action="x", subject="x", detail={}))
            session.flush()
            raise ConnectionError("the mail server is away")
        taken.append(message.topic)

    assert deliver(send) == 2
    assert taken == ["mail.b"]
    with database.reading() as session:
        assert session.get(AuditEntry, "half") is None
    clock.advance(59)
    assert deliver(send) == 0
    taken.append("back")
    clock.advance(1)
    assert deliver(send) == 1
    assert taken == ["mail.b", "back", "mail.a"]


def test_a_rolled_back_delivery_is_made_again(post, deliver, database, clock):
    """As when the process dies before the commit."""
    post("mail.a")
    taken = []
    with database.transaction() as session:
        assert deliver_one(session, clock, topics=TOPICS, send=lambda *_: taken.append(1))
        session.rollback()
    assert deliver(lambda *_: taken.append(2)) == 1
    assert taken == [1, 2]


def test_the_console_backend_says_the_whole_message():
    configure_logging("WARNING")  # an app of another test may have left it at errors only
    with capture_logs() as said:
        mail_backend("console").send(
            Mail("mina@cafe.example", "Subject", "Open https://x/owner/reset?token=rst_1")
        )
    (entry,) = said
    assert (entry["to"], entry["subject"]) == ("mina@cafe.example", "Subject")
    assert entry["text"].endswith("token=rst_1")
    assert entry["log_level"] == "warning"


def test_an_address_counts_as_its_network():
    assert network("203.0.113.7") == "203.0.113.7"
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("testclient") == "testclient"
