"""In which language a reader asks: Dutch unless the address says `lang=en`."""

from typing import cast, get_args

from starlette.requests import Request

from chassis.texts import Language
from chassis.web.problems import Refused


def language_of(request: Request) -> Language:
    """Return the language to answer in, whatever was asked."""
    return "en" if request.query_params.get("lang") == "en" else "nl"


def asked_language(request: Request) -> Language:
    """Return the language that was asked. Raises Refused when pages are not in it."""
    given = request.query_params.get("lang", "nl")
    if given not in get_args(Language):
        raise Refused(
            "these pages are not in {given}; they are in Dutch (nl) and in English (en)",
            given=f"“{given[:40]}”",
        )
    return cast("Language", given)
