"""What owners read about a press that was held or refused: one sentence a reason.

Beside `reasons.py`, and for owners only: these sentences say what a phone must not be told.
"""

from typing import Final

from server.presses.texts import Text

__all__ = ["OWNER_TEXTS", "owner_text"]

OWNER_TEXTS: Final[dict[str, Text]] = {
    "envelope_unreadable": Text(
        "앱이 보낸 내용을 읽을 수 없었어요.", "What the app sent could not be read at all."
    ),
    "payload_not_json": Text(
        "앱이 보낸 내용의 형식이 잘못되었어요.", "What the app sent was not in the agreed form."
    ),
    "number_not_finite": Text(
        "앱이 말이 안 되는 숫자를 보냈어요.", "The app sent a number that makes no sense."
    ),
    "field_wrong": Text(
        "앱이 보낸 항목이 빠졌거나 잘못되었어요.", "Something was missing or wrong in what the app sent."
    ),
    "field_out_of_bounds": Text(
        "앱이 허용 범위를 넘는 값을 보냈어요.", "The app sent a value beyond what is allowed."
    ),
    "version_unknown": Text(
        "앱 버전이 이 서버와 맞지 않아요.", "The app speaks a version that this server does not know."
    ),
    "device_unknown": Text("등록되지 않은 휴대폰이에요.", "The phone is not enrolled."),
    "device_revoked": Text("사용이 중지된 휴대폰이에요.", "The phone was taken out of use."),
    "algorithm_refused": Text(
        "허용되지 않는 서명 방식을 썼어요.", "The press was signed in a way that is never accepted."
    ),
    "algorithm_mismatch": Text(
        "등록할 때와 다른 서명 방식을 썼어요.",
        "The press was signed in another way than the phone enrolled with.",
    ),
    "signature_malformed": Text("서명의 형식이 잘못되었어요.", "The signature has a wrong form."),
    "signature_wrong": Text(
        "서명이 이 휴대폰의 것이 아니에요. 누군가 흉내 냈을 수 있어요.",
        "The signature is not this phone's: somebody may be imitating it.",
    ),
    "nonce_unknown": Text(
        "서버가 내준 적 없는 일회용 번호를 썼어요.",
        "The press carried a one-time number that was never given out.",
    ),
    "nonce_foreign": Text(
        "다른 휴대폰이 받은 일회용 번호를 썼어요.",
        "The press carried a one-time number of another phone.",
    ),
    "nonce_purpose": Text(
        "다른 용도로 받은 일회용 번호를 썼어요.",
        "The press carried a one-time number for another purpose.",
    ),
    "nonce_expired": Text("누른 뒤 너무 늦게 도착했어요.", "The press arrived too late."),
    "nonce_used": Text(
        "이미 쓴 일회용 번호를 다시 보냈어요. 복제 시도일 수 있어요.",
        "A used one-time number was sent again: this may be a copy.",
    ),
    "purpose_not_supported": Text(
        "아직 지원하지 않는 용도예요.", "The press asked for something that is not offered yet."
    ),
    "failures_window": Text(
        "이 휴대폰이 몇 분 사이에 너무 많이 실패했어요.",
        "This phone failed too often within a few minutes.",
    ),
    "failures_day": Text(
        "이 휴대폰이 오늘 너무 많이 실패했어요.", "This phone failed too often within a day."
    ),
    "visit_full": Text(
        "한 번 방문에 찍을 수 있는 횟수를 다 썼어요.",
        "This visit already has as many presses as the shop allows.",
    ),
    "held_too_many": Text(
        "이 고객의 확인을 기다리는 적립이 너무 많아요.",
        "Too many presses of this customer already wait for a decision.",
    ),
    "location_denied": Text(
        "고객이 위치 사용을 허용하지 않았어요.", "The customer did not allow the location."
    ),
    "location_unavailable": Text(
        "휴대폰이 위치를 찾지 못했어요.", "The phone could not find out where it is."
    ),
    "location_timeout": Text(
        "휴대폰이 제때 위치를 찾지 못했어요.", "The phone did not find its location in time."
    ),
    "location_missing": Text("앱이 위치를 보내지 않았어요.", "The app sent no location."),
    "location_mocked": Text(
        "가짜 위치를 만드는 프로그램이 켜져 있었어요.", "A program on the phone made up its location."
    ),
    "latitude_range": Text("있을 수 없는 위도를 보냈어요.", "The latitude cannot exist."),
    "longitude_range": Text("있을 수 없는 경도를 보냈어요.", "The longitude cannot exist."),
    "null_island": Text(
        "위치가 0, 0으로 왔어요. 실제 장소가 아니에요.", "The location was 0, 0: no real place."
    ),
    "accuracy_invalid": Text("위치의 정확도가 말이 안 돼요.", "The accuracy of the location makes no sense."),
    "accuracy_coarse": Text(
        "위치가 너무 부정확해서 가게에 있는지 알 수 없었어요.",
        "The location was too rough to tell whether the phone was in the shop.",
    ),
    "fix_age_invalid": Text(
        "위치를 잰 시각이 미래로 되어 있어요.", "The location claims to be from the future."
    ),
    "fix_old": Text("너무 오래전에 잰 위치예요.", "The location was measured too long ago."),
    "touches_few": Text(
        "닿은 점이 모자라요. 스탬프가 기울었을 수 있어요.",
        "Too few tips touched the screen; the stamp may have been tilted.",
    ),
    "touches_many": Text(
        "닿은 점이 너무 많아요. 손가락이 함께 닿았을 수 있어요.",
        "Too many touches; a finger may have been on the screen too.",
    ),
    "touches_range": Text("화면 밖의 점이 들어 있어요.", "A touch lay farther away than any screen reaches."),
    "touches_coincident": Text("두 점이 같은 자리에 있어요.", "Two touches lay in the same place."),
    "touches_small": Text(
        "점들이 어떤 스탬프보다도 촘촘해요.", "The touches lay closer together than on any stamp."
    ),
    "touches_large": Text(
        "점들이 어떤 스탬프보다도 넓게 퍼져 있어요.", "The touches lay farther apart than on any stamp."
    ),
    "not_recognised": Text("등록된 스탬프와 맞지 않는 모양이에요.", "The touches fit no registered stamp."),
    "pattern_mirrored": Text(
        "스탬프를 뒤집은 모양이에요. 복제품일 수 있어요.",
        "The mirror image of a stamp: this may be a copy.",
    ),
    "pattern_ambiguous": Text(
        "여러 스탬프와 비슷해서 하나로 정할 수 없었어요.",
        "Several stamps fit about equally well, so none could be chosen.",
    ),
    "outside_fence": Text(
        "스탬프는 맞지만 가게 밖에서 눌렀어요.", "The right stamp, but pressed outside the shop."
    ),
    "duplicate_capture": Text(
        "전에 받은 것과 똑같은 터치예요. 녹화한 것일 수 있어요.",
        "Exactly the same touches as before: this may be a recording.",
    ),
    "stamp_suspended": Text("사용이 중지된 스탬프예요.", "The stamp is suspended."),
    "shop_closed": Text("문을 닫은 가게의 스탬프예요.", "The stamp belongs to a shop that has closed."),
    "shop_missing": Text("어느 가게에도 속하지 않은 스탬프예요.", "The stamp belongs to no shop."),
    "coupon_unknown": Text("없는 쿠폰이에요.", "There is no such coupon."),
    "coupon_foreign": Text("다른 고객의 쿠폰이에요.", "The coupon belongs to another customer."),
    "coupon_elsewhere": Text("이 가게에서 쓸 수 없는 쿠폰이에요.", "The coupon is not valid at this shop."),
    "coupon_redeemed": Text("이미 사용한 쿠폰이에요.", "The coupon was used before."),
    "coupon_expired": Text("기한이 지난 쿠폰이에요.", "The coupon has expired."),
    "coupon_void": Text(
        "적립이 취소되면서 함께 취소된 쿠폰이에요.",
        "The coupon was taken back with the stamp that earned it.",
    ),
    # What a person decided.
    "held_refused": Text(
        "가게에서 확인한 뒤 거절했어요.", "Somebody at the shop refused it after it was held."
    ),
}
"""By the code that a press row keeps. Every reason has its sentence; a test holds that."""

_UNKNOWN: Final = Text("이유를 알 수 없어요.", "The reason is not known to this version.")


def owner_text(code: str | None) -> Text | None:
    """Return the sentence for a reason's code as a press row keeps it; None where there is no reason."""
    return None if code is None else OWNER_TEXTS.get(code, _UNKNOWN)
