"""An index that changes: against a dictionary, and while others search."""

import tempfile
import threading

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stampsdk import PatternIndex


def pattern(seed):
    return np.random.default_rng(seed).uniform(-20, 20, (5, 2))


class LivingIndex(RuleBasedStateMachine):
    """Every change is made to the index and to a dictionary; they must always agree."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = f"{self.folder.name}/index"
        self.model = {}
        self.saved = {}
        self.index = PatternIndex.build(np.zeros((0, 5, 2)), path=self.path)

    @rule(
        ids=st.lists(st.integers(-40, 40), min_size=1, max_size=12, unique=True), seed=st.integers(0, 10**6)
    )
    def add(self, ids, seed):
        points = np.stack([pattern(seed + i) for i in range(len(ids))])
        if self.model.keys() & set(ids):
            try:
                self.index.add(points, ids)
            except ValueError:
                return
            raise AssertionError("an id was registered twice")
        self.index.add(points, ids)
        self.model.update(zip(ids, points, strict=True))

    @rule(data=st.data())
    @precondition(lambda self: self.model)
    def remove(self, data):
        ids = data.draw(st.lists(st.sampled_from(sorted(self.model)), min_size=1, max_size=8, unique=True))
        self.index.remove(ids)
        for number in ids:
            del self.model[number]

    @rule()
    def flush(self):
        self.index.flush()
        self.saved = dict(self.model)

    @rule()
    def reopen(self):
        self.index = PatternIndex.open(self.path)
        self.model = dict(self.saved)

    @rule(data=st.data())
    @precondition(lambda self: self.model)
    def find(self, data):
        number = data.draw(st.sampled_from(sorted(self.model)))
        expected = sorted(i for i, p in self.model.items() if np.array_equal(p, self.model[number]))
        assert self.index.search(self.model[number], 1e-6, (1.0, 1.0)).ids.tolist() == expected

    @invariant()
    def holds_the_same(self):
        assert len(self.index) == len(self.model)
        assert sorted(self.index.search(pattern(0), 1e6).ids.tolist()) == sorted(self.model)

    def teardown(self):
        self.folder.cleanup()


LivingIndex.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestLivingIndex = LivingIndex.TestCase


def test_searches_see_what_was_acknowledged_before_they_began():
    rng = np.random.default_rng(0)
    lasting = rng.uniform(-20, 20, (300, 5, 2))
    index = PatternIndex.build(lasting)
    passing = rng.uniform(-20, 20, (200, 5, 2))
    done = threading.Event()
    faults = []

    def search():
        while not done.is_set():
            for row in (3, 77, 250):
                hits = index.search(lasting[row], 0.01, (1.0, 1.0))
                if hits.ids.tolist() != [row]:
                    faults.append((row, hits.ids.tolist()))

    searchers = [threading.Thread(target=search) for _ in range(2)]
    for thread in searchers:
        thread.start()
    for number, points in enumerate(passing):
        index.add(points[np.newaxis], [1000 + number])
        assert index.search(points, 0.01, (1.0, 1.0)).ids.tolist() == [1000 + number]
        if number % 2:
            index.remove(1000 + number)
            assert len(index.search(points, 0.01, (1.0, 1.0))) == 0
    done.set()
    for thread in searchers:
        thread.join()
    assert not faults
    assert len(index) == 400


def test_adding_one_at_a_time_keeps_few_parts():
    index = PatternIndex.build(np.zeros((0, 3, 2)))
    for number in range(300):
        index.add(np.random.default_rng(number).uniform(-20, 20, (1, 3, 2)), [number])
    assert len(index) == 300
    assert len(index._forest) <= 10
