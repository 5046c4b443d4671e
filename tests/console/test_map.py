"""A fence on a map, where the settings name a tile server: that host is asked, and no other."""

import base64

import pytest

from tests.console.house import Visitor, open_house, sign_up

pytestmark = pytest.mark.browser
# One transparent pixel.
TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def test_corners_are_clicked_on_the_map(chromium, tmp_path):
    with open_house(
        tmp_path, map_tiles="https://tiles.test/{z}/{x}/{y}.png", map_attribution="<b>T</b>"
    ) as app:
        visitor = Visitor(chromium, app.state.origin, language="en")
        visitor.page.route(
            "https://tiles.test/**", lambda route: route.fulfill(body=TILE, content_type="image/png")
        )
        visitor.bring(sign_up(app, "map@example.com")).open("/owner/setup")
        visitor.fill("shop.name", "Map shop")
        visitor.press("next")
        visitor.step("fence")
        visitor.press("fence.here")
        tile = visitor.page.locator(".leaflet-tile-loaded").first
        tile.wait_for()
        assert "<b>T</b>" in visitor.page.locator(".leaflet-control-attribution").inner_text()
        for count, (x, y) in enumerate(((150, 100), (250, 250), (100, 250)), 1):
            visitor.page.locator(".leaflet-tile-loaded").first.wait_for()
            visitor.page.locator(".map").click(position={"x": x, "y": y})
            visitor.page.locator(".corners li").nth(count - 1).wait_for()
        visitor.press("next")
        visitor.step("stamp")
        assert visitor.problems == []
        assert {url.split("/")[2] for url in visitor.foreign} == {"tiles.test"}
        visitor.context.close()
