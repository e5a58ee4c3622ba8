"""Texts for people: Dutch first, English beside it.

>>> t = Texts.load(Path("node/locale"), "nl")
>>> t("Nothing has left this centre.")
'Er heeft nog niets dit centrum verlaten.'
>>> t.count("{n} day", "{n} days", 3, n=3)
'3 dagen'

One gettext catalogue a domain, read as .po: that of its owner, and beneath it the one of this
package, whose words all domains share.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from gettext import c2py
from pathlib import Path
from typing import Literal, Self

Language = Literal["nl", "en"]
SHARED = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Messages of one domain; `forms`: of a message with a plural, by the message for one;
    `form`: which of them goes with a number.
    """

    messages: Mapping[str, str]
    forms: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]


@lru_cache(maxsize=16)
def _catalogue(folder: Path, language: Language) -> Catalogue:
    path = folder / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalogue({}, {}, int)
    from babel.messages.pofile import read_po  # slow to import, and English needs none

    with path.open("rb") as source:
        read = read_po(source, locale=language)
    told = [message for message in read if message.id and message.string and not message.fuzzy]
    return Catalogue(
        {str(one.id): str(one.string) for one in told if not one.pluralizable},
        {one.id[0]: tuple(one.string or ()) for one in told if one.pluralizable},
        c2py(read.plural_expr),
    )


@dataclass(frozen=True, slots=True)
class Texts:
    """Turns an English message into the reader's language; catalogues: the first that knows it."""

    language: Language
    catalogues: tuple[Catalogue, ...]

    @classmethod
    def load(cls, folder: Path, language: Language) -> Self:
        """Read `folder`/<language>/LC_MESSAGES/messages.po; English may have none."""
        return cls(language, (_catalogue(folder, language), _catalogue(SHARED, language)))

    def __call__(self, message: str, /, **values: object) -> str:
        """Translate, then fill the {braces}."""
        text = message
        for known in self.catalogues:
            if message in known.messages:
                text = known.messages[message]
                break
        return text.format(**values) if values else text

    def count(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Translate the sentence that goes with a number, and fill it."""
        text = one if number == 1 else many
        for known in self.catalogues:
            if one in known.forms:
                text = known.forms[one][known.form(number)]
                break
        return text.format(**values) if values else text


def from_environment() -> Language:
    """Return the language of WEGWIJS_LANG; Dutch unless it says `en`."""
    return "en" if os.environ.get("WEGWIJS_LANG", "nl").startswith("en") else "nl"
