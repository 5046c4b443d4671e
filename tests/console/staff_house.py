"""An organisation with people in it, for the tests of the pages about people."""

from contextlib import contextmanager
from types import SimpleNamespace

from server.staff import counters, members, sessions
from server.staff.models import Member
from tests.console.house import sign_up

PIN = "2580"
STRANGE = "\u202eقهوة\u202c <b>آرا</b> 👩🏽\u200d🍳 " + "W" * 60
"""From right to left with an override, markup, joined emoji, and a word without an end."""


def found(house, organisation):
    """Give an organisation's owner: the token, the actor, and ways to act and look beside the pages."""
    state = house.state
    token = sign_up(house, f"{organisation}@example.com")

    def do(work, *arguments, **named):
        with state.database.transaction() as session:
            return work(session, state.clock, *arguments, **named)

    with state.database.reading() as session:
        actor = sessions.find(session, state.clock, token)

    def hire(name, pin=PIN):
        return do(members.add_staff, state.sealer, actor, name=name, pin=pin)

    def row(member_id):
        with state.database.reading() as session:
            return session.get_one(Member, member_id)

    def listed():
        with state.database.reading() as session:
            return members.list_members(session, actor)

    def at_counter(member_id, pin=PIN):
        """Make a phone of the counter and sign a staff member in there: the phone's token, the session's."""
        phone, counter = do(counters.issue_counter, actor, name="1층 카운터")
        _, mine = do(
            counters.sign_in_with_pin,
            state.sealer,
            counter=counter,
            member_id=member_id,
            pin=pin,
            address="127.0.0.1",
        )
        return SimpleNamespace(id=phone.id, counter=counter, token=mine)

    return SimpleNamespace(
        token=token, actor=actor, do=do, hire=hire, row=row, listed=listed, at_counter=at_counter
    )


@contextmanager
def kept_mail(house):
    """Keep mail instead of writing it into the log; gives the list."""
    sent, before = [], house.state.mail
    house.state.mail = SimpleNamespace(send=sent.append)
    try:
        yield sent
    finally:
        house.state.mail = before
