"""Screenshots of the owner's pages for the guide, small enough for a README.

``STAMP_WRITE_IMAGES=1`` writes them to docs/images; else they only have to be possible.
"""

import io

import pytest
from PIL import Image

from tests.capture_page.phone import images_folder
from tests.console.wizard import sign_up, walk

pytestmark = pytest.mark.browser
WANTED = {("ko", 390): ("shop", "fence"), ("en", 1280): ("program",)}


def take(page, path):
    """Save the screen in few colours: under 150 kB."""
    raw = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = raw.quantize(128, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    assert 3_000 < path.stat().st_size < 150_000
    assert len(raw.getcolors(1 << 24)) > 20  # something is drawn


@pytest.mark.parametrize(
    ("language", "width"), [("ko", 390), pytest.param("en", 1280, marks=pytest.mark.slow)]
)
def test_pictures(visit, tmp_path, language, width):
    folder = images_folder(tmp_path)
    visitor = visit(language=language, width=width, device_scale_factor=1.5 if width < 500 else 1)

    def look(name):
        if name in WANTED[language, width]:
            visitor.page.evaluate("scrollTo(0, 0)")
            visitor.page.wait_for_timeout(500)  # until what moves has come to rest
            take(visitor.page, folder / f"owner-{name}-{language}.png")

    sign_up(visitor, f"pictures-{language}@example.com")
    walk(visitor, 310_000 + width, look)
    if language == "ko":
        visitor.open("/owner/counter-card?size=a6")
        visitor.page.set_viewport_size({"width": 480, "height": 660})
        take(visitor.page, folder / "owner-card-ko.png")
