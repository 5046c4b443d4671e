"""Everything the app says of itself, in Korean and English. What the server says comes in both already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from stampsdk.capture import Hint

__all__ = ["ENGLISH", "KOREAN", "Texts", "choose_language", "texts_of"]


@dataclass(frozen=True, slots=True)
class Texts:
    """The app's words in one language; every field is a text, so that none can be missing."""

    language: str
    other_language: str
    app: str
    stamp: str
    wallet: str
    press_here: str
    press_to_redeem: str
    how_to_hold: str
    feeling: str
    sending: str
    sending_detail: str
    accepted: str
    redeemed: str
    verified: str
    held: str
    refused: str
    unclear: str
    kept: str
    kept_detail: str
    offline: str
    offline_detail: str
    offline_code: str
    code: str
    code_title: str
    code_detail: str
    code_erase: str
    device_unknown: str
    unreadable: str
    again: str
    done: str
    cancel: str
    cards: str
    no_cards: str
    coupons: str
    no_coupons: str
    history: str
    no_history: str
    use_coupon: str
    coupon_used: str
    coupon_expired: str
    coupon_void: str
    coupon_valid: str
    coupon_until: str
    coupon_won: str
    loading: str
    recovery: str
    recovery_detail: str
    recovery_saved: str
    to_reward: str
    kinds: Mapping[str, str]
    hints: Mapping[Hint, str]
    date: str

    def moment(self, when: datetime) -> str:
        """Write a time as people read it here, in the phone's own zone."""
        local = when.astimezone()
        month = local.strftime("%b") if self.language == "en" else local.month
        return self.date.format(month=month, day=local.day, hour=local.hour, minute=local.minute)


KOREAN = Texts(
    language="ko",
    other_language="English",
    app="도장",
    stamp="도장 찍기",
    wallet="지갑",
    press_here="여기에 도장을\n꾹 눌러 주세요",
    press_to_redeem="쿠폰을 쓰려면\n도장을 눌러 주세요",
    how_to_hold="휴대폰은 가장자리를 잡고, 손가락은 화면에서 떼 주세요.",
    feeling="그대로 잠깐만요",
    sending="확인하고 있어요",
    sending_detail="도장을 들어도 괜찮아요.",
    accepted="적립되었어요",
    redeemed="쿠폰을 사용했어요",
    verified="확인되었어요",
    held="매장에서 확인할게요",
    refused="적립하지 못했어요",
    unclear="도장이 잘 읽히지 않았어요",
    kept="아직 답을 받지 못했어요",
    kept_detail="찍은 도장은 저장해 두었어요. 다시 찍지 않아도 돼요.",
    offline="연결되지 않았어요",
    offline_detail="인터넷 연결을 확인하고 다시 찍어 주세요.",
    offline_code="인터넷 연결을 확인하고 같은 코드를 다시 눌러 주세요.",
    code="코드",
    code_title="도장이 안 찍히나요?",
    code_detail="직원 화면에 나온 여섯 자리 숫자를 눌러 주세요.",
    code_erase="지우기",
    device_unknown="이 기기를 서버가 알지 못해요. 앱을 다시 설치하고 복구 코드를 입력해 주세요.",
    unreadable="앱을 업데이트한 뒤 다시 시도해 주세요.",
    again="다시 보내기",
    done="확인",
    cancel="그만두기",
    cards="카드",
    no_cards="첫 도장을 찍으면 카드가 생겨요.",
    coupons="쿠폰",
    no_coupons="도장을 다 모으면 쿠폰이 생겨요.",
    history="내역",
    no_history="아직 내역이 없어요.",
    use_coupon="쓰기",
    coupon_used="사용함 · {when}",
    coupon_expired="기간이 지났어요",
    coupon_void="적립이 취소되어 쓸 수 없어요",
    coupon_valid="언제든 쓸 수 있어요",
    coupon_until="{when}까지",
    coupon_won="새 쿠폰",
    loading="불러오는 중이에요",
    recovery="복구 코드",
    recovery_detail="휴대폰을 바꿔도 카드를 되찾을 수 있어요. 적어 두세요.",
    recovery_saved="적어 두었어요",
    to_reward="{reward}까지 {left}개",
    kinds={
        "stamp": "도장",
        "coupon_issued": "쿠폰 받음",
        "coupon_redeemed": "쿠폰 사용",
        "reversal": "취소",
    },
    hints={
        Hint.PRESS_STAMP: "도장을 화면에 눌러 주세요.",
        Hint.HOLD_STILL: "도장을 움직이지 말고 그대로 눌러 주세요.",
        Hint.HOLD_LONGER: "조금 더 오래 눌러 주세요.",
        Hint.HOLD_PHONE: "휴대폰을 손에 들고 찍어 주세요.",
        Hint.KEEP_FINGERS_OFF: "손가락을 화면에서 떼고 다시 찍어 주세요.",
        Hint.PRESS_STRAIGHT_DOWN: "도장을 똑바로 눌러 주세요.",
        Hint.LIFT_STAMP: "이제 도장을 떼도 돼요.",
        Hint.LIFT_AND_RETRY: "도장을 떼었다가 다시 찍어 주세요.",
        Hint.SWITCH_OFF_GESTURES: "설정에서 세 손가락 캡처를 끄고 다시 찍어 주세요.",
    },
    date="{month}월 {day}일 {hour:02}:{minute:02}",
)

ENGLISH = Texts(
    language="en",
    other_language="한국어",
    app="Stamp",
    stamp="Stamp",
    wallet="Wallet",
    press_here="Press the stamp\nfirmly here",
    press_to_redeem="Press the stamp\nto use your coupon",
    how_to_hold="Hold the phone by its edges and keep your fingers off the screen.",
    feeling="Just a moment",
    sending="Checking",
    sending_detail="You can lift the stamp now.",
    accepted="Stamped",
    redeemed="Coupon used",
    verified="Verified",
    held="The shop will check this",
    refused="Not stamped",
    unclear="That was hard to read",
    kept="No answer yet",
    kept_detail="Your stamp is kept safe. There is no need to press again.",
    offline="No connection",
    offline_detail="Check your internet connection and press again.",
    offline_code="Check your internet connection and enter the same code again.",
    code="Code",
    code_title="The stamp does not work?",
    code_detail="Enter the six digits from the staff's screen.",
    code_erase="Erase",
    device_unknown="The server does not know this device. Reinstall the app and enter your recovery code.",
    unreadable="Update the app, then try again.",
    again="Send again",
    done="Done",
    cancel="Cancel",
    cards="Cards",
    no_cards="Your first stamp starts a card.",
    coupons="Coupons",
    no_coupons="Fill a card to get a coupon.",
    history="History",
    no_history="Nothing here yet.",
    use_coupon="Use",
    coupon_used="Used · {when}",
    coupon_expired="Expired",
    coupon_void="Taken back by the shop",
    coupon_valid="Valid any time",
    coupon_until="Until {when}",
    coupon_won="New coupon",
    loading="Loading",
    recovery="Recovery code",
    recovery_detail="It brings your cards to a new phone. Write it down.",
    recovery_saved="I wrote it down",
    to_reward="{left} more for: {reward}",
    kinds={
        "stamp": "Stamp",
        "coupon_issued": "Coupon earned",
        "coupon_redeemed": "Coupon used",
        "reversal": "Reversed",
    },
    hints={
        Hint.PRESS_STAMP: "Press the stamp onto the screen.",
        Hint.HOLD_STILL: "Keep the stamp still while you press.",
        Hint.HOLD_LONGER: "Press a little longer.",
        Hint.HOLD_PHONE: "Hold the phone in your hand while stamping.",
        Hint.KEEP_FINGERS_OFF: "Keep fingers off the screen and press again.",
        Hint.PRESS_STRAIGHT_DOWN: "Press the stamp straight down.",
        Hint.LIFT_STAMP: "You can lift the stamp now.",
        Hint.LIFT_AND_RETRY: "Lift the stamp and press again.",
        Hint.SWITCH_OFF_GESTURES: "Switch off the three-finger screenshot in the settings, then press again.",
    },
    date="{day} {month}, {hour:02}:{minute:02}",
)


def texts_of(language: str) -> Texts:
    """Give the texts of ``ko``; of anything else, English."""
    return KOREAN if language == "ko" else ENGLISH


def choose_language(explicit: str | None, environment: Mapping[str, str], system: str | None = None) -> str:
    """Choose ``ko`` or ``en``: as asked for, else by the phone's language, else by the shell's locale."""
    shell = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    wanted = explicit or system or shell
    return "ko" if wanted.lower().startswith("ko") else "en"
