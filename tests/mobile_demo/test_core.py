"""The app without Kivy: configuration, fonts, words, wallet, courier."""

import dataclasses
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from mobile_demo import platforms
from mobile_demo.core.config import AppConfig, ConfigError, config_from_arguments, config_from_file
from mobile_demo.core.fonts import FontFiles, find_korean_font
from mobile_demo.core.location import FixedLocation, NoLocation
from mobile_demo.core.phone import ThreadCourier
from mobile_demo.core.texts import ENGLISH, KOREAN, choose_language, texts_of
from mobile_demo.core.views import card_view, coupon_view, history_row
from mobile_demo.core.wallet import Wallet
from stampsdk.capture import Hint
from stampsdk.client import TransportError
from stampsdk.protocol import Location
from tests.mobile_demo.fake_phone import NOW, RIVER, FakePhone, HeldCourier, card, coupon, entry

HANGUL = re.compile("[가-힣]")


def test_both_languages_say_everything_with_the_same_gaps():
    for field in dataclasses.fields(KOREAN):
        ko, en = getattr(KOREAN, field.name), getattr(ENGLISH, field.name)
        pairs = zip(ko.values(), en.values(), strict=True) if isinstance(ko, dict) else [(ko, en)]
        for one, two in pairs:
            assert one
            assert two
            gaps = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (one, two)]
            assert gaps[0] == gaps[1]
            if field.name not in {"language", "other_language", "date"}:
                assert HANGUL.search(one)
                assert not HANGUL.search(two)
    assert set(KOREAN.hints) == set(ENGLISH.hints) == set(Hint)


@pytest.mark.parametrize(
    ("explicit", "environment", "system", "language"),
    [
        ("ko", {"LANG": "en_US.UTF-8"}, "en", "ko"),
        (None, {"LANG": "ko_KR.UTF-8"}, None, "ko"),
        (None, {"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, None, "en"),
        (None, {"LANG": "ko_KR.UTF-8"}, "en-GB", "en"),
        (None, {}, "ko-KR", "ko"),
        (None, {}, None, "en"),
    ],
)
def test_the_language_is_as_asked_for_or_the_phones(explicit, environment, system, language):
    assert choose_language(explicit, environment, system) == language
    assert texts_of(language).language == language


@pytest.mark.parametrize(
    ("platform", "installed", "found"),
    [
        ("android", {"/system/fonts/NotoSansCJK-Regular.ttc"}, ("NotoSansCJK-Regular.ttc",) * 2),
        ("ios", {"/System/Library/Fonts/Core/AppleSDGothicNeo.ttc"}, ("AppleSDGothicNeo.ttc",) * 2),
        (
            "linux",
            {
                "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
                "/usr/share/fonts/truetype/nanum/NanumGothicBold.ttf",
            },
            ("NanumGothic.ttf", "NanumGothicBold.ttf"),
        ),
        (
            "linux",
            {"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"},
            ("NotoSansCJK-Regular.ttc",) * 2,
        ),
        ("win", {"C:/Windows/Fonts/malgun.ttf"}, ("malgun.ttf",) * 2),
    ],
)
def test_the_platforms_own_korean_font_is_found(platform, installed, found):
    files = find_korean_font(platform, installed.__contains__)
    assert (files.regular.rpartition("/")[2], files.bold.rpartition("/")[2]) == found


def test_without_a_known_font_there_is_none():
    assert find_korean_font("linux", lambda _: False) is None
    assert find_korean_font("amiga") is None
    assert find_korean_font("linux", lambda _: True, [("a.ttf", "")]) == FontFiles("a.ttf", "a.ttf")


def test_the_command_line_is_read(tmp_path):
    arguments = (
        "--server https://s.example --key pk_1 --lat 37.5 --lon 127 --language ko --tuio 127.0.0.1:3333"
    )
    config = config_from_arguments([*arguments.split(), "--store", str(tmp_path / "s")])
    assert config_from_arguments([*arguments.split(), "--window", "270x585"]).window == (270, 585)
    assert config == AppConfig(
        "https://s.example",
        "pk_1",
        store=tmp_path / "s",
        language="ko",
        location=Location(37.5, 127.0, 12.0, mock=False),
        tuio="127.0.0.1:3333",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "--server"),
        ("--server s.example --key pk_1", "https://"),
        ("--server https://s.example --key sk_1", "publishable"),
        ("--server https://s.example --key pk_1 --lat 3", "go together"),
        ("--server https://s.example --key pk_1 --tuio 3333", "HOST:PORT"),
        ("--server https://s.example --key pk_1 --tuio h:99999", "HOST:PORT"),
        ("--server https://s.example --key pk_1 --window big", "WIDTHxHEIGHT"),
        ("--server https://s.example --key pk_1 --window 100x100", "WIDTHxHEIGHT"),
    ],
)
def test_a_wrong_command_line_is_told(arguments, message, capsys):
    with pytest.raises(SystemExit):
        config_from_arguments(arguments.split())
    assert message in capsys.readouterr().err


def test_a_built_app_reads_its_file(tmp_path):
    path = tmp_path / "app.json"
    path.write_text(json.dumps({"server": "https://s.example", "key": "pk_1", "language": "fr"}))
    assert config_from_file(path) == AppConfig("https://s.example", "pk_1")


@pytest.mark.parametrize(
    "content", [None, "", "[]", "{}", '{"server": 1, "key": "pk_1"}', '{"server":"ftp://x","key":"pk_1"}']
)
def test_a_built_app_without_a_usable_file_says_so(tmp_path, content):
    path = tmp_path / "app.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError):
        config_from_file(path)


def test_a_desk_has_the_place_it_is_given_and_claims_no_density():
    assert isinstance(platforms.location_source("linux", Location(1.0, 2.0, 3.0)), FixedLocation)
    assert isinstance(platforms.location_source("linux", None), NoLocation)
    assert isinstance(platforms.location_source("android", None), NoLocation)  # no pyjnius on this machine
    device, density = platforms.describe_device("linux")
    assert (device.os, density) == ("Linux", None)
    assert device.app.startswith("mobile_demo/")
    assert platforms.system_language("linux") is None
    assert platforms.data_folder("linux").name == "stamp-mobile-demo"


def test_cards_coupons_and_history_become_finished_texts():
    assert card_view(card(2), KOREAN).note == "아메리카노 한 잔까지 1개"
    assert card_view(card(3), ENGLISH).note == "One americano"
    local = datetime(2026, 12, 5, 18, 7).astimezone()
    assert coupon_view(coupon(expires=local), KOREAN).note == "12월 5일 18:07까지"
    assert coupon_view(coupon(expires=local), ENGLISH).note == "Until 5 Dec, 18:07"
    assert [coupon_view(coupon(s), ENGLISH).usable for s in ("issued", "redeemed", "expired", "void")] == [
        True,
        False,
        False,
        False,
    ]
    assert coupon_view(coupon("expired"), ENGLISH).note == "Expired"
    assert coupon_view(coupon("void"), ENGLISH).note == "Taken back by the shop"
    assert coupon_view(coupon("redeemed"), ENGLISH).note.startswith("Used · ")
    assert history_row(entry(), KOREAN).what == "도장 +1"
    assert history_row(entry("points_moved"), ENGLISH).what == "points moved"


def make_wallet():
    phone, courier = FakePhone(), HeldCourier()
    phone.wallet = (
        (card(1), card(2, RIVER, 10, 2)),
        (coupon("redeemed", 1), coupon("issued", 2)),
        (entry(),) * 40,
    )
    phone.recovery_code = "7KQ2"
    changes = []
    wallet = Wallet(phone=phone, courier=courier, texts=ENGLISH, changed=lambda: changes.append(1))
    return phone, courier, wallet, changes


def test_the_wallet_shows_what_it_fetched_usable_coupons_first():
    phone, courier, wallet, changes = make_wallet()
    wallet.refresh()
    wallet.refresh()
    assert (wallet.view.message, len(courier.waiting)) == ("Loading", 1)
    courier.deliver()
    view = wallet.view
    assert ([c.stamps for c in view.cards], [c.id for c in view.coupons]) == ([1, 2], ["cpn_2", "cpn_1"])
    assert (len(view.history), view.message, view.recovery_code) == (30, "", "7KQ2")
    assert wallet.coupon("cpn_2").status == "issued"
    assert wallet.coupon("cpn_9") is None
    wallet.recovery_code_saved()
    courier.deliver()
    assert (wallet.view.recovery_code, phone.recovery_code) == ("", None)
    assert changes
    wallet.use_texts(KOREAN)
    assert wallet.view.cards[0].program == "커피 카드"


def test_a_wallet_that_cannot_be_fetched_keeps_what_it_had():
    phone, courier, wallet, _ = make_wallet()
    wallet.refresh()
    courier.deliver()

    def fail():
        raise TransportError("unreachable", "no answer")

    phone.cards = fail
    wallet.refresh()
    courier.deliver()
    assert (wallet.view.message, len(wallet.view.cards)) == ("No connection", 2)


def test_the_courier_works_elsewhere_one_call_at_a_time_and_reports_here():
    posted, threads, running = [], set(), []

    def call(number):
        threads.add(threading.current_thread().name)
        running.append(number)
        if number == 1:
            raise ValueError(number)
        return number

    results = []
    courier = ThreadCourier(posted.append)
    for number in range(3):
        courier.run(lambda number=number: call(number), results.append, results.append)
    courier.stop()
    assert results == []
    for function in posted:
        function()
    assert (results[0], str(results[1]), results[2]) == (0, "1", 2)
    assert (running, threads) == ([0, 1, 2], {"stamp-courier"})


def test_a_moment_is_told_in_the_phones_own_zone():
    assert KOREAN.moment(NOW) == KOREAN.moment(NOW.astimezone(UTC) + timedelta(0))
