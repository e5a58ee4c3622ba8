"""The small region, at three moments of a round."""

from small_stages import _contributed, _given, _opened, contributed, given, opened

__all__ = ["_contributed", "_given", "_opened", "contributed", "given", "opened"]
