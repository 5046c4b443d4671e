"""The sign-in by PIN at a phone of the counter: who are you, and your PIN. HTML without a script."""

from collections.abc import Sequence
from html import escape
from typing import Final

from server.console.engine import MOUNT
from server.console.plain import Field, Form, form_part, heading, links, paragraph, plain_page
from server.console.texts import Texts
from server.staff.counters import StaffName
from server.staff.desk import PIN_PAGE

_LINKS: Final = (("pin.by_email", f"{MOUNT}/sign-in?by=email"),)
_FORM: Final = Form(
    "pin.title",
    f"{MOUNT}/pin-session",
    (Field("pin", "pin.pin", "password", least=4, most=8, mode="numeric"),),
    "pin.start",
    _LINKS,
)


def draw(words: Texts, staff: Sequence[StaffName], *, chosen: str, present: str | None, note: str) -> str:
    """Return the page.

    Parameters
    ----------
    words
        Its texts.
    staff
        Who can sign in here.
    chosen
        The id of whom the last try was for.
    present
        The name of whoever is signed in already; they are signed out by the next PIN.
    note
        What came of the last try, as HTML.
    """
    if present is not None:
        # Isolated, so that a name from right to left turns nothing else around.
        note += paragraph(words("pin.present", name=f"\u2068{present}\u2069"), "banner")
    if staff:
        body = form_part(words, _FORM, {}, level=1, note=note, above=_people(words, staff, chosen))
    else:
        body = (
            heading(words("pin.title"))
            + note
            + paragraph(words("pin.nobody"), "empty")
            + links(words, _LINKS)
        )
    return plain_page(words, title=words("pin.title"), here=PIN_PAGE, body=body)


def _people(words: Texts, staff: Sequence[StaffName], chosen: str) -> str:
    only = staff[0].member_id if len(staff) == 1 else chosen
    choices = "".join(
        f'<label><input type="radio" name="member" value="{escape(one.member_id)}" required'
        f"{' checked' if one.member_id == only else ''}><bdi>{escape(one.name)}</bdi></label>"
        for one in staff
    )
    return f'<fieldset class="people-here"><legend>{escape(words("pin.who"))}</legend>{choices}</fieldset>'
