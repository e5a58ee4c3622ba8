"""What a centre sent that was not taken, in words for the operator."""

from chassis.texts import Texts
from coordinator.store.faults import Fault, Phase, Reason


def sentence(t: Texts, fault: Fault) -> str:
    """One sentence that names the centre, or the pair of which nobody can tell who it was."""
    if fault.peer is not None:
        return t("{what}; the round went on without one of the two.", what=_pair(t, fault))
    return t.count("Centre {id}, {phase}: {what} (once).",
                   "Centre {id}, {phase}: {what} ({times} times).", fault.times, id=fault.centre,
                   phase=_phases(t)[fault.phase], what=_reasons(t)[fault.reason],
                   times=fault.times)  # fmt: skip


def _pair(t: Texts, fault: Fault) -> str:
    if fault.reason == "pair-without-link":
        return t("Centres {id} and {peer} hold no link with each other", id=fault.centre,
                 peer=fault.peer)  # fmt: skip
    return t("Centres {id} and {peer} disagree about the secret they share", id=fault.centre,
             peer=fault.peer)  # fmt: skip


def _phases(t: Texts) -> dict[Phase, str]:
    return {
        "announce": t("getting ready"),
        "contribute": t("contributing"),
        "certify": t("signing the set"),
        "unmask": t("opening shares"),
        "abandon": t("giving up"),
    }


def _reasons(t: Texts) -> dict[Reason, str]:
    unreadable = t("what came cannot be read")
    return {
        "malformed": unreadable,
        "malformed-document": unreadable,
        "malformed-frame": unreadable,
        "bad-signature": t("it is not signed by this centre"),
        "bad-card": t("its key card holds no key; it has to join again"),
        "bad-link": t("its link is for another pair or for rounds to come"),
        "bad-prekeys": t("its keys for the round cannot be used"),
        "copied-key": t("it sent a key of another centre"),
        "bad-contribution": t("its contribution is not its own, or a second one"),
        "bad-set": t("its signature on the set stands under another name"),
        "not-certified": t("its signature is on another set"),
        "bad-abandonment": t("its statement is not its own, or about another round"),
        "half-sent": t("it announced an answer and did not send the whole of it in time"),
        "too-many-objects": t("it announced an answer in far more parts than an answer has"),
        "too-large": t("it sent an answer that is too large"),
        "another-shape": unreadable,
        "false-share": t("it told false shares, which were corrected"),
        "false-commitment": t("it promised another secret than it shared"),
        "inconsistent-shares": t("its shares open no secret, which stopped the round; it is left "
                                 "out until: round readmit"),
        "damaged-here": t("what it sent is damaged in this coordinator's database; it is asked to "
                          "send it again, and at worst is left out"),
        "not-handled": t("this program could not handle it; see the log"),
        "pair-disagrees": t("it disagrees with another centre"),
        "pair-without-link": t("it holds no link with another centre"),
    }  # fmt: skip
