"""Refusals: one sentence for a person, kept apart from its values so that it can be translated.

Refusal           3  refused
├── WrongInput    2  what was given cannot be used
├── NotAllowed    3  well formed, but refused
└── NotYet        4  something is not there, or something else has to happen first

The numbers are exit codes of the commands; 0 is done, 1 our own mistake.
"""

from typing import ClassVar, Self

from chassis.texts import Texts


class Refusal(Exception):
    """Nothing was changed. The sentence is an English template with {braces}, or a clause
    without a full stop, of which `said` makes a sentence. Values are never a client's data.
    """

    code: ClassVar[str] = "refused"
    exit_code: ClassVar[int] = 3

    many: tuple[str, int] | None = None

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message, self.values = message, values

    def counted(self, many: str, number: int) -> Self:
        """Say `many` instead, unless the number that the sentence goes with is one."""
        self.many = (many, number)
        if number != 1:
            self.args = (many.format(**self.values),)
        return self

    def said(self, texts: Texts) -> str:
        """Return the sentence in the reader's language."""
        if self.many is not None:
            return texts.count(self.message, *self.many, **self.values)
        return sentence(texts, self.message, **self.values)

    def lines(self, texts: Texts) -> list[str]:
        """Return what else the reader needs to see, on the screen only."""
        return []


class WrongInput(Refusal):
    """What was given cannot be used. Nothing was changed."""

    code = "wrong-input"
    exit_code = 2


class NotAllowed(Refusal):
    """Well formed, but refused. Nothing was changed."""

    code = "not-allowed"
    exit_code = 3


class NotYet(Refusal):
    """Something is not there, or has to happen first. Nothing was changed."""

    code = "not-yet"
    exit_code = 4


def sentence(texts: Texts, message: str, /, **values: object) -> str:
    """Translate a message; a clause gets its capital, its full stop, and that nothing was lost."""
    template = texts(message)
    text = template.format(**values) if values else template
    if message.endswith("."):
        return text
    if not template.startswith("{"):  # a path or a name stays as it is
        text = text[:1].upper() + text[1:]
    return f"{text}. {texts('Nothing was changed.')}"
