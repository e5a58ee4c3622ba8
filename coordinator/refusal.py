"""Refusals of the coordinator's commands and enrolment: a sentence and two stable codes.

Refusal
├── WrongInput    2  what was given cannot be used
├── NotAllowed    3  well formed, but refused
└── NotYet        4  something else has to happen first
"""

from typing import ClassVar


class Refusal(ValueError):
    """Nothing was changed. The sentence and its values are kept apart, to be translated."""

    code: ClassVar[str] = "refused"
    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, /, **values: object) -> None:
        super().__init__(message.format(**values) if values else message)
        self.message, self.values = message, values


class WrongInput(Refusal):
    """What was given cannot be used. Nothing was changed."""

    code = "wrong-input"
    exit_code = 2


class NotAllowed(Refusal):
    """Well formed, but refused. Nothing was changed."""

    code = "not-allowed"
    exit_code = 3


class NotYet(Refusal):
    """Something else has to happen first. Nothing was changed."""

    code = "not-yet"
    exit_code = 4
