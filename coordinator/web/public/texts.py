"""The texts of the public pages; those that all pages share stand beneath them."""

from pathlib import Path

from chassis.texts import Language, Texts

_LOCALE = Path(__file__).parent / "locale"


def texts(language: Language) -> Texts:
    """The texts of the public pages, in a language."""
    return Texts.load(_LOCALE, language)
