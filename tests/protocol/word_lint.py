"""Words that claim more than these figures can show: causes, verdicts, proofs."""

import re

FORBIDDEN = re.compile(
    r"\b(zorgt voor|leidt tot|dankzij|effect\w*|bewijst|significant|geen verschil|beste"
    r"|causes?|leads? to|thanks to|proves?|best)\b",
    re.IGNORECASE,
)
