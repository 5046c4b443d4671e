"""From touches to a stamp, and from the stamp to the shop where the press happened."""

import math
from typing import Final

from sqlalchemy import bindparam, select

from server.presses.case import Case, Desk, PlaceFinding
from server.presses.classes import distance_class
from server.presses.reasons import Reason
from server.presses.recognition import find_stamp
from server.shops.fences import Fence, distance_m, parse_fence
from server.shops.models import Shop

__all__ = ["locate", "recognise_stamp"]

_NO_LIMIT: Final = math.inf
_SHOPS: Final = select(Shop).where(Shop.id.in_(bindparam("shops", expanding=True)))


def recognise_stamp(desk: Desk, case: Case) -> Reason | None:
    """Find the stamp, and the shop that the owner's log names, also when the press is refused."""
    assert case.scale is not None  # noqa: S101 (the order of the steps)
    desk.registry.refresh(desk.session)
    touches = case.envelope.press.touches
    finding = find_stamp(desk.registry, touches, case.scale, case.fix, desk.policy)
    case.residual_mm, case.posterior = finding.residual_mm, finding.posterior
    if finding.stamp_number is not None:
        case.stamp = desk.registry.stamp(finding.stamp_number)
        _name_shop(desk, case)
    if finding.reason is not None:
        # Without a location shape alone has to do, and often cannot: what helps is to allow the location.
        return finding.reason if case.fix_missing is None else case.fix_missing
    return None


def locate(_desk: Desk, case: Case) -> Reason | None:
    """Check that the phone was at the shop, its accuracy honoured; without a fix do what the shop chose."""
    assert case.stamp is not None  # noqa: S101 (the order of the steps)
    if case.shop is None:
        return Reason.SHOP_MISSING
    if case.fix is None:
        if case.shop.without_location != "hold":
            return case.fix_missing
        case.hold = case.fix_missing
        return None
    if case.stamp.kind == "courier":
        return None
    return None if case.place is not None and case.place.inside else Reason.OUTSIDE_FENCE


def _name_shop(desk: Desk, case: Case) -> None:
    """Name the stamp's shop that is nearest to the phone; its first one when there is no fence or no fix."""
    assert case.stamp is not None  # noqa: S101 (the caller has it)
    shop_ids = case.stamp.shop_ids
    found = {shop.id: shop for shop in desk.session.scalars(_SHOPS, {"shops": shop_ids})}
    shops = [found[shop_id] for shop_id in shop_ids if shop_id in found]
    if not shops:
        return
    case.shop = shops[0]
    if case.fix is None:
        return
    if case.stamp.kind == "courier":
        case.place = PlaceFinding(inside=False, distance=distance_class(math.nan))
        return
    fix = case.fix
    distances = {shop.id: distance_m(_fence(shop), fix.latitude, fix.longitude) for shop in shops}
    case.shop = min(shops, key=lambda shop: distances[shop.id])
    nearest_m = distances[case.shop.id]
    # Refused is who is outside with 95 % certainty: among houses an honest fix is often a street off. Phones
    # promise more than they keep, hence the floor; the cap is the step before, which refuses coarse fixes.
    reach_m = max(fix.accuracy_m, desk.policy.accuracy_floor_m)
    case.place = PlaceFinding(inside=nearest_m <= reach_m, distance=distance_class(nearest_m))


def _fence(shop: Shop) -> Fence:
    return parse_fence(shop.fence, shop.radius_m, largest_m=_NO_LIMIT)
