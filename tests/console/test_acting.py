"""The one way in which a page acts, apart from any page."""

import asyncio
import threading
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from server.console.acting import Done, PageDesk
from server.console.surroundings import Surroundings
from server.console.texts import texts
from server.core import audit
from server.core.clock import FrozenClock
from server.core.database import Database, make_engine
from server.core.errors import Conflict, Forbidden
from server.core.migrations import upgrade
from server.core.sealing import Sealer
from server.insights.hub import FeedHub
from server.insights.pseudonyms import Pseudonyms
from server.settings import Settings
from server.staff import sessions, signing_in
from server.staff.actor import Right
from server.stamps.registry import StampRegistry


class Told:
    def __init__(self) -> None:
        self.said = []
        self.banner = []
        self.ended = 0

    def say(self, message, *, good):
        assert good == (not message)  # a desk only ever tells of trouble
        if message:
            self.said.append(message)

    def away(self, is_away):
        self.banner.append(is_away)

    def signed_out(self):
        self.ended += 1


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    settings = Settings(database_url=f"sqlite:///{tmp_path_factory.mktemp('acting') / 'x.db'}")
    engine = make_engine(settings.database_url, settings)
    upgrade(engine)
    made = Database(engine, settings)
    yield made
    made.dispose()


@pytest.fixture
def world(database):
    """Give a desk of a signed-in owner, what it tells, and the session's token."""
    clock = FrozenClock(datetime(2026, 11, 26, 1, 0, tzinfo=UTC))
    with database.transaction() as session:
        count = session.scalar(select(func.count()).select_from(audit.AuditEntry))
        _, token = signing_in.sign_up(
            session,
            clock,
            email=f"o{count}@example.com",
            password="아침마다 커피를 볶아요",
            name="김사장",
            organisation=f"온기 {count}",
            address="127.0.0.1",
        )
    hub = FeedHub(database, clock, Pseudonyms(Sealer(bytes(32))))
    around = Surroundings(database, clock, Settings(), StampRegistry(), hub, "ko", "all")
    told = Told()
    return PageDesk(around, token, told), told, token


def note(session, actor, action="tested"):
    clock = FrozenClock(datetime(2026, 11, 26, 1, 0, tzinfo=UTC))
    audit.record(session, clock, actor=actor.member_id, action=action, subject="test")
    return actor.name


def noted(database, action):
    with database.reading() as session:
        return session.scalar(select(func.count()).where(audit.AuditEntry.action == action))


def test_work_is_done_by_whoever_is_signed_in_and_committed(world, database):
    desk, told, _ = world
    assert asyncio.run(desk.change(lambda session, actor: note(session, actor, "kept"))) == Done("김사장")
    assert noted(database, "kept") == 1
    assert (told.said, told.ended) == ([], 0)


def test_work_runs_off_the_event_loop(world):
    desk, _, _ = world
    here = threading.get_ident()
    for way in (desk.change, desk.look):
        assert asyncio.run(way(lambda *_: threading.get_ident())).value != here


@pytest.mark.parametrize("token", [None, "", "ow_stranger", "x" * 500])
def test_nobody_does_anything_without_a_session(world, token):
    desk, told, _ = world
    stranger = PageDesk(desk.around, token, told)
    assert asyncio.run(stranger.change(lambda *_: pytest.fail("it was done"))) is None
    assert told.ended == 1


def test_a_session_that_ended_between_two_acts_ends_the_second(world, database):
    desk, told, token = world
    assert asyncio.run(desk.change(note)) is not None
    with database.transaction() as session:
        sessions.close(session, desk.around.clock, token)
    assert asyncio.run(desk.change(lambda *_: pytest.fail("it was done"))) is None
    assert told.ended == 1


def test_a_problem_is_said_in_the_pages_language_and_nothing_is_kept(world, database):
    desk, told, _ = world

    def work(session, actor):
        note(session, actor, "undone")
        raise Conflict("English detail", code="setup_changed")

    assert asyncio.run(desk.change(work)) is None
    assert told.said == [texts("ko")("problem.setup_changed")]
    assert noted(database, "undone") == 0

    def refuse(*_):
        raise Forbidden(code="never_heard_of", right=Right.SET_UP)

    asyncio.run(desk.look(refuse))
    assert told.said[-1] == texts("ko")("problem.other")


def test_a_field_that_cannot_be_is_named(world):
    desk, told, _ = world
    asyncio.run(desk.look(lambda *_: TypeAdapter(dict[str, int]).validate_python({"name": "ten"})))
    assert told.said == [texts("ko")("field.name")]


def test_what_nobody_foresaw_is_a_sentence_and_not_a_traceback(world):
    desk, told, _ = world
    assert asyncio.run(desk.change(lambda *_: 1 / 0)) is None
    assert told.said == [texts("ko")("problem.other")]


def test_a_database_that_is_away_is_a_banner_until_it_is_back(world, database):
    desk, told, _ = world
    engines = (database.engine, database.read_engine)

    def fail(*_arguments):
        raise OperationalError("SELECT", {}, Exception("away"))

    async def story():
        for engine in engines:
            event.listen(engine, "before_cursor_execute", fail)
        try:
            assert await desk.change(note) is None
            assert await desk.look(note) is None
            assert not await desk.is_back()
            assert (told.banner, told.said, told.ended) == ([True], [], 0)
        finally:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", fail)
        assert await desk.is_back()
        assert told.banner == [True, False]
        assert await desk.change(note) is not None

    asyncio.run(story())


def test_a_session_in_use_is_renewed(world, database):
    desk, told, _ = world
    clock = desk.around.clock
    for _ in range(3):
        clock.advance(20 * 86_400)
        assert asyncio.run(desk.look(lambda _session, actor: actor.name)) is not None
        asyncio.run(desk.renew())
    clock.advance(31 * 86_400)
    assert asyncio.run(desk.look(lambda *_: pytest.fail("it was done"))) is None
    assert told.ended == 1
