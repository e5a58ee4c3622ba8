"""Errors that speak to the owner: one sentence, kept apart from its values to be translated.

Exit codes: 0 done, 1 our mistake, 2 wrong input, 3 refused, 4 not there or not in that state.
"""

from typing import ClassVar

from chassis.texts import Texts


class Refusal(Exception):
    """An error whose sentence is an English template with {braces}; values are never data."""

    code: ClassVar[str] = "refused"
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, /, **values: str | int) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message, self.values = message, values

    def said(self, texts: Texts) -> str:
        """Return the sentence in the reader's language."""
        return texts(self.message, **self.values)

    def lines(self, texts: Texts) -> list[str]:
        """Return what else the owner needs to see, on the screen only."""
        return []
