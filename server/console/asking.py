"""A dialog that asks before something is done that others will see: whether, and mostly why."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from nicegui import ui
from sqlalchemy.orm import Session

from server.console.acting import PageDesk, Teller
from server.console.frame import Opened
from server.console.texts import Texts
from server.console.widgets import field, heading, main_button, paragraph, side_button
from server.programs.explanations import LONGEST_REASON
from server.staff.actor import Actor

T = TypeVar("T")

_OWN: Final = "own"
_TITLE_ID: Final = "asking-title"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes
    ----------
    title, about
        The question, and what it is about: text, each a line.
    confirm
        What the button says that does it.
    reasons
        Common reasons to choose from, beside words of one's own. Without any, no reason is asked for.
    """

    title: str
    about: Sequence[str]
    confirm: str
    reasons: Sequence[str] = ()


class Asking:
    """The dialog of a page, drawn once where it is made, for all questions of the page.

    What goes wrong is said in the dialog, which stays open; what went well is said on the page. Escape closes
    it, the focus stays within it and goes back to where it came from: that is Quasar's part.
    """

    def __init__(self, page: Opened[Any]) -> None:
        self._page, self._words = page, page.words
        self._dialog = ui.dialog().props(f'aria-labelledby="{_TITLE_ID}"')

    def ask(
        self,
        question: Question,
        act: Callable[[Session, Actor, str], T],
        then: Callable[[T], Awaitable[None] | None],
        *,
        form: Callable[[], None] | None = None,
    ) -> None:
        """Ask; when it is confirmed do `act` with the reason in a transaction, then `then` with its value.

        `form` draws fields into the dialog, which `act` reads.
        """
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("dialog"):
            with ui.element("div").props(f'id="{_TITLE_ID}"'):
                heading(question.title, level=2)
            for line in question.about:
                paragraph(line, kind="soft")
            if form is not None:
                with ui.element("div").classes("dialog-form"):
                    form()
            why = Why(self._words, question.reasons) if question.reasons else None
            teller = _DialogTeller(self._page.teller, self._words)
            desk = PageDesk(self._page.around, self._page.desk.token, teller)

            async def confirm() -> None:
                reason = why.text if why is not None else ""
                done = await desk.change(lambda session, actor: act(session, actor, reason))
                if done is not None:
                    self._dialog.close()
                    afterwards = then(done.value)
                    if afterwards is not None:
                        await afterwards

            with ui.element("div").classes("buttons"):
                main_button(question.confirm, confirm)
                side_button(self._words("ask.close"), self._dialog.close)
        self._dialog.open()


class Why:
    """Common reasons, and a field for another."""

    def __init__(self, words: Texts, reasons: Sequence[str]) -> None:
        options = dict.fromkeys(reasons)
        choices = {reason: reason for reason in options} | {_OWN: words("ask.own")}
        self._chosen = ui.radio(choices).props(f'aria-label="{words("ask.why")}"').classes("reasons")
        self._own = field(words("ask.own_words"), props=f"maxlength={LONGEST_REASON} counter")
        self._own.bind_visibility_from(self._chosen, "value", value=_OWN)

    def clear(self) -> None:
        """Choose none."""
        self._chosen.value, self._own.value = None, ""

    @property
    def text(self) -> str:
        """The reason as the service gets it, empty when there is none."""
        if self._chosen.value == _OWN:
            return str(self._own.value or "")
        return str(self._chosen.value or "")


class _DialogTeller:
    """Says within the dialog what went wrong: the page's own line lies behind it."""

    def __init__(self, page: Teller, words: Texts) -> None:
        self._page, self._words, self._is_away = page, words, False
        self._line = ui.element("div").props("role=alert").classes("message bad")
        self._line.set_visibility(False)
        with self._line:
            self._text = ui.label()

    def say(self, message: str, *, good: bool) -> None:
        """Show a message, or none; as long as the database is away, that it is."""
        if not message and self._is_away:
            message, good = self._words("away"), False
        self._text.text = f"{'✓' if good else '⚠'} {message}" if message else ""
        self._line.set_visibility(bool(message))

    def away(self, is_away: bool) -> None:
        """Say that the database cannot be reached; whoever confirms again finds out whether it is back."""
        self._is_away = is_away
        self.say("", good=True)

    def signed_out(self) -> None:
        """Lead to the sign-in, as the page does."""
        self._page.signed_out()
