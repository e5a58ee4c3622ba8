"""Days as people write them."""

from datetime import UTC, datetime

from babel.dates import format_date

from chassis.texts import Language


def day(moment: int, language: Language) -> str:
    """`24 november 2026` for Unix seconds, in UTC."""
    return format_date(datetime.fromtimestamp(moment, UTC), format="d MMMM y", locale=language)
