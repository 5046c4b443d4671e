"""Finding a font of the platform's own that has Hangul; the app ships none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HINT", "FontFiles", "find_korean_font"]

HINT = {
    "ko": "한글 글꼴이 없어 영어로 표시합니다. Debian과 Ubuntu에서는 fonts-nanum을 설치하세요.",
    "en": "No Korean font was found, so texts are English. On Debian and Ubuntu install fonts-nanum.",
}
"""What to tell a person on a platform where none of the known fonts is installed."""


@dataclass(frozen=True, slots=True)
class FontFiles:
    """A regular and a bold font file; the same file twice where the platform has no bold one."""

    regular: str
    bold: str


_DEBIAN = "/usr/share/fonts"
_CANDIDATES: dict[str, tuple[tuple[str, str], ...]] = {
    "android": (
        ("/system/fonts/NotoSansKR-Regular.otf", "/system/fonts/NotoSansKR-Bold.otf"),
        ("/system/fonts/NotoSansCJK-Regular.ttc", "/system/fonts/NotoSansCJK-Bold.ttc"),
        ("/system/fonts/SamsungOneKorean-Regular.ttf", "/system/fonts/SamsungOneKorean-Bold.ttf"),
        ("/system/fonts/NanumGothic.ttf", "/system/fonts/NanumGothicBold.ttf"),
        ("/system/fonts/DroidSansFallback.ttf", ""),
    ),
    "ios": (
        ("/System/Library/Fonts/Core/AppleSDGothicNeo.ttc", ""),
        ("/System/Library/Fonts/LanguageSupport/AppleSDGothicNeo.ttc", ""),
        ("/System/Library/Fonts/AppleSDGothicNeo.ttc", ""),
        ("/System/Library/Fonts/Cache/AppleSDGothicNeo.ttc", ""),
    ),
    "linux": (
        (f"{_DEBIAN}/truetype/nanum/NanumGothic.ttf", f"{_DEBIAN}/truetype/nanum/NanumGothicBold.ttf"),
        (f"{_DEBIAN}/opentype/noto/NotoSansCJK-Regular.ttc", f"{_DEBIAN}/opentype/noto/NotoSansCJK-Bold.ttc"),
        (f"{_DEBIAN}/noto-cjk/NotoSansCJK-Regular.ttc", f"{_DEBIAN}/noto-cjk/NotoSansCJK-Bold.ttc"),
        (f"{_DEBIAN}/truetype/baekmuk/dotum.ttf", ""),
    ),
    "macosx": (
        ("/System/Library/Fonts/AppleSDGothicNeo.ttc", ""),
        ("/System/Library/Fonts/Supplemental/AppleGothic.ttf", ""),
    ),
    "win": (("C:/Windows/Fonts/malgun.ttf", "C:/Windows/Fonts/malgunbd.ttf"),),
}


def find_korean_font(
    platform: str,
    exists: Callable[[str], bool] = lambda path: Path(path).is_file(),
    candidates: Iterable[tuple[str, str]] | None = None,
) -> FontFiles | None:
    """Give the first installed font of the platform that has Hangul.

    Parameters
    ----------
    platform
        As `kivy.utils.platform` names it: android, ios, linux, macosx, win.
    exists
        Tells whether a file is there.
    candidates
        Pairs (regular, bold or "") in order of preference, in place of the known ones.

    Returns
    -------
    FontFiles or None
        None where no known font is installed: say `HINT` and use English.
    """
    for regular, bold in _CANDIDATES.get(platform, ()) if candidates is None else candidates:
        if exists(regular):
            return FontFiles(regular, bold if bold and exists(bold) else regular)
    return None
