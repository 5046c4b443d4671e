"""A phone client that answers from a list, and a courier that does its rounds when told to."""

from datetime import UTC, datetime

from stampsdk.client import Bilingual, Card, Coupon, HistoryEntry, Outcome, ProgramRef, ShopRef, Verdict

NOW = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
MOON = ShopRef("shp_1", "달빛 카페")
RIVER = ShopRef("shp_2", "강가 로스터스")
COFFEE = Bilingual("아메리카노 한 잔", "One americano")


def card(stamps, shop=MOON, required=3, number=1, reward=COFFEE):
    program = ProgramRef(f"prg_{number}", Bilingual("커피 카드", "Coffee card"), reward, required)
    return Card(f"crd_{number}", program, shop, stamps, NOW)


def coupon(status="issued", number=1, shop=MOON, reward=COFFEE, expires=None):
    redeemed = NOW if status == "redeemed" else None
    return Coupon(f"cpn_{number}", "crd_1", "prg_1", reward, shop, status, NOW, expires, redeemed)


def entry(kind="stamp", stamps=1, shop=MOON, number=1, at=NOW):
    return HistoryEntry(f"ltx_{number}", kind, at, shop, stamps, 0)


def accepted(stamps=2, won=(), code="stamped", required=3):
    text = {
        "stamped": Bilingual("달빛 카페 도장이 하나 늘었어요.", "One more stamp from 달빛 카페."),
        "redeemed": Bilingual("맛있게 드세요.", "Enjoy."),
    }[code]
    shown = card(stamps, required=required) if code == "stamped" else None
    return Outcome(Verdict.ACCEPTED, code, MOON, shown, tuple(won), "r", text, "prs_1")


def refused(code="not_recognised"):
    text = Bilingual("이 매장의 도장을 찾지 못했어요. 다시 찍어 주세요.", "No stamp found here. Press again.")
    return Outcome(Verdict.REFUSED, code, None, None, (), None, text, None)


def held():
    text = Bilingual("매장에서 확인한 뒤 적립됩니다.", "The shop will look at it.")
    return Outcome(Verdict.HELD, "held", MOON, None, (), None, text, "prs_2")


class FakePhone:
    """Gives the answers put into `answers`, exceptions raised; notes the calls."""

    def __init__(self) -> None:
        self.answers, self.presses, self.resumed, self.prefetched = [], [], [], []
        self.codes, self.asked = [], []
        self.pending = 0
        self.recovery_code = None
        self.store_notice = None
        self.wallet = ((), (), ())

    def press(self, press, **details):
        self.presses.append((press, details))
        return self._next()

    def use_staff_code(self, code, *, location):
        self.codes.append((code, location))
        return self._next()

    def read_press(self, press_id):
        self.asked.append(press_id)
        return self._next()

    def resume_pending(self):
        self.resumed.append(True)
        answer = self._next()
        self.pending = 0
        return (answer,)

    def prefetch_challenges(self, count, purpose):
        self.prefetched.append((count, purpose))
        return count

    def cards(self):
        return self.wallet[0]

    def coupons(self):
        return self.wallet[1]

    def history(self):
        return self.wallet[2]

    def forget_recovery_code(self):
        self.recovery_code = None

    def _next(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class HeldCourier:
    """Keeps calls until `deliver`: between the two the app is waiting for the network."""

    def __init__(self) -> None:
        self.waiting = []

    def run(self, call, done, failed):
        self.waiting.append((call, done, failed))

    def deliver(self):
        while self.waiting:
            call, done, failed = self.waiting.pop(0)
            try:
                result = call()
            except Exception as error:  # noqa: BLE001 - as the real courier does
                failed(error)
            else:
                done(result)
