"""What people read about their press: one sentence that says what happened, one that says what to do.

There are few of them on purpose. A text never tells which stamp was meant, how near a pattern came, or
which of several checks refused, unless the phone knows that itself already (it sent no location, say).
"""

from dataclasses import dataclass
from enum import Enum

__all__ = ["Advice", "Text"]


@dataclass(frozen=True, slots=True)
class Text:
    """One message in Korean and English."""

    ko: str
    en: str

    def as_json(self) -> dict[str, str]:
        """Return the message as the answers carry it."""
        return {"ko": self.ko, "en": self.en}


class Advice(Enum):
    """Every sentence that a press can be answered with."""

    STAMPED = Text("스탬프를 적립했어요.", "Your stamp is on the card.")
    STAMPED_WITHOUT_CARD = Text(
        "방문을 확인했어요. 이 매장은 지금 운영 중인 스탬프 카드가 없어요.",
        "We noted your visit. This shop runs no stamp card at the moment.",
    )
    COUPON_EARNED = Text(
        "스탬프를 모두 모았어요. 쿠폰이 도착했어요!",
        "That was the last stamp: a coupon is yours!",
    )
    REDEEMED = Text("쿠폰을 사용했어요. 맛있게 드세요!", "Your coupon is redeemed. Enjoy!")
    VERIFIED = Text("진짜 스탬프로 확인했어요.", "This is a genuine press.")
    HELD = Text(
        "위치를 확인하지 못해 매장에서 직접 확인한 뒤 처리할게요.",
        "We could not see where you are, so the shop will look at this press first.",
    )
    PRESS_AGAIN = Text(
        "스탬프가 제대로 닿지 않았어요. 손가락을 떼고 스탬프만 평평하게 다시 눌러 주세요.",
        "The stamp did not touch the screen clearly. Keep fingers off and press it again, flat.",
    )
    NOT_RECOGNISED = Text(
        "이곳에서 쓸 수 있는 스탬프로 확인되지 않았어요. 매장 안에서 잠시 기다렸다가 다시 눌러 주세요.",
        "We did not recognise a stamp of this place. Stand in the shop, wait a moment and press again.",
    )
    ALLOW_LOCATION = Text(
        "매장에 계신지 확인하려면 위치가 필요해요. 위치 사용을 허용하고 다시 눌러 주세요.",
        "We need your location to see that you are in the shop. Allow it and press again.",
    )
    WAIT_FOR_FIX = Text(
        "위치가 아직 정확하지 않아요. 창가에서 잠시 기다렸다가 다시 눌러 주세요.",
        "Your phone does not know well enough where it is. Wait a moment near a window and press again.",
    )
    PLACE_REFUSED = Text(
        "휴대전화가 알려 준 위치를 쓸 수 없어요. 위치 설정을 확인하고 다시 눌러 주세요.",
        "We cannot use the location your phone gave. Check its location settings and press again.",
    )
    REFUSED_BY_SHOP = Text(
        "매장에서 확인한 뒤 적립하지 않기로 했어요. 궁금한 점은 직원에게 물어봐 주세요.",
        "The shop looked at this press and did not accept it. Please ask the staff.",
    )
    CODE_REFUSED = Text(
        "코드가 맞지 않거나 시간이 지났어요. 직원에게 새 코드를 받아 주세요.",
        "This code is wrong, used or too old. Please ask the staff for a new one.",
    )
    CODE_SHOP_UNKNOWN = Text(
        "어느 매장인지 알 수 없어요. 위치를 허용하거나 매장의 QR 코드로 열어서 다시 넣어 주세요.",
        "We cannot tell which shop this is. Allow your location, or open the shop's QR code, and try again.",
    )
    TOO_LATE = Text(
        "시간이 지나 이 요청은 쓸 수 없어요. 다시 눌러 주세요.",
        "This took too long and is no longer valid. Press again.",
    )
    ALREADY_USED = Text(
        "이미 처리한 요청이에요. 적립하려면 스탬프를 다시 눌러 주세요.",
        "This press was already dealt with. Press the stamp again for another one.",
    )
    OPEN_AGAIN = Text(
        "이 기기를 확인하지 못했어요. 앱이나 페이지를 새로 열어 주세요.",
        "We could not confirm this device. Open the app or page again.",
    )
    TRY_LATER = Text(
        "지금은 더 찍을 수 없어요. 잠시 후 다시 시도해 주세요.",
        "That is as much as we can accept right now. Please try again later.",
    )
    STAMP_UNAVAILABLE = Text(
        "지금은 쓸 수 없는 스탬프예요. 매장 직원에게 알려 주세요.",
        "This stamp cannot be used at the moment. Please tell the staff.",
    )
    COUPON_UNAVAILABLE = Text(
        "이 쿠폰은 여기서 사용할 수 없어요. 쿠폰의 매장과 유효 기간을 확인해 주세요.",
        "This coupon cannot be used here. Check its shop and its date.",
    )
    PURPOSE_NOT_SUPPORTED = Text(
        "아직 지원하지 않는 기능이에요.",
        "This service does not offer that yet.",
    )
    UPDATE_APP = Text(
        "앱이 보낸 내용을 읽을 수 없어요. 앱이나 페이지를 최신 버전으로 열어 주세요.",
        "We could not read what the app sent. Open the newest version of the app or page.",
    )

    @property
    def text(self) -> Text:
        """The sentence in both languages."""
        return self.value
