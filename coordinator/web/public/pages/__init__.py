"""The public pages: one question each, answered first in a sentence, then chart and table."""
