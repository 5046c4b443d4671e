"""What people type: e-mails, names, passwords and PINs, checked and brought into one form."""

import re
import unicodedata
from itertools import pairwise
from typing import Final

from server.core.errors import Unprocessable

LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 100
PASSWORD_LENGTHS: Final = (10, 200)
_PIN: Final = re.compile(r"[0-9]{4,8}")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+")


def checked_email(email: str) -> tuple[str, str]:
    """Return an e-mail address as typed, without blanks around, and as compared.

    Returns
    -------
    email, key
        Two addresses with one key are taken for one person's: letters count
        alike in both cases. Mail always goes to the address as typed at first,
        so that a look-alike never gets it.

    Raises
    ------
    Unprocessable
        ``email_invalid``.
    """
    email = unicodedata.normalize("NFC", email.strip())
    key = unicodedata.normalize("NFC", email.casefold())
    hidden = any(unicodedata.category(character)[0] == "C" for character in email)
    if hidden or max(len(email), len(key)) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Unprocessable("email: write it as name@example.com.", code="email_invalid")
    return email, key


def checked_name(name: str, *, field: str = "name") -> str:
    """Return a name without blanks around, in any script; Unprocessable ``name_invalid``.

    1 to 100 characters with something to see among them, no line breaks or
    other control characters. Joiners and marks of direction stay: emoji and
    names from right to left need them.
    """
    name = unicodedata.normalize("NFC", name.strip())
    categories = {unicodedata.category(character) for character in name}
    visible = any(category[0] in "LNPS" for category in categories)
    if not visible or len(name) > LONGEST_NAME or categories & {"Cc", "Cs", "Zl", "Zp"}:
        raise Unprocessable(
            f"{field}: 1 to {LONGEST_NAME} characters on one line.", code="name_invalid", field=field
        )
    return name


def checked_password(password: str, *, email: str | None = None) -> str:
    """Return a password that may be set; Unprocessable ``password_invalid`` or ``password_simple``.

    10 to 200 characters; neither the e-mail nor one or two characters over and over.
    """
    least, most = PASSWORD_LENGTHS
    if not least <= len(password) <= most:
        raise Unprocessable(f"password: {least} to {most} characters.", code="password_invalid")
    own = email is not None and password.casefold() in {email.casefold(), email.partition("@")[0].casefold()}
    if own or len(set(password)) <= 2:  # noqa: PLR2004 (as the sentence above says)
        raise Unprocessable("password: choose one that is harder to guess.", code="password_simple")
    return password


def checked_pin(pin: str) -> str:
    """Return a PIN that may be set; Unprocessable ``pin_invalid`` or ``pin_simple``.

    4 to 8 digits; neither one digit over and over nor digits in a row, which are tried first.
    """
    if not _PIN.fullmatch(pin):
        raise Unprocessable("pin: 4 to 8 digits.", code="pin_invalid")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise Unprocessable(
            "pin: choose one that is harder to guess, not as 1111 or 1234.", code="pin_simple"
        )
    return pin
