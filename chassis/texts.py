"""Texts for people: Dutch first, English beside it.

>>> Texts.load(Path("node/locale"), "nl")("Nothing has left this centre.")
'Er heeft nog niets dit centrum verlaten.'
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

Language = Literal["nl", "en"]


@lru_cache(maxsize=8)
def _catalogue(folder: Path, language: Language) -> Mapping[str, str]:
    from babel.messages.pofile import read_po  # slow to import, and English needs none

    path = folder / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and not message.fuzzy
    }


@dataclass(frozen=True, slots=True)
class Texts:
    """Turns an English message into the reader's language; gettext catalogues, read as .po."""

    language: Language
    messages: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path, language: Language) -> "Texts":
        """Read `folder`/<language>/LC_MESSAGES/messages.po; English may have none."""
        return cls(language, _catalogue(folder, language))

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate, then fill the {braces}."""
        text = self.messages.get(message, message)
        return text.format(**values) if values else text

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Translate the sentence about one, or the one about none or several, and fill it."""
        return self(one if number == 1 else many, **values)


def from_environment() -> Language:
    """Return the language of WEGWIJS_LANG; Dutch unless it says `en`."""
    return "en" if os.environ.get("WEGWIJS_LANG", "nl").startswith("en") else "nl"
