"""Whether a draft claims that its event is on, or off, by plain cues; neither where it hedges."""

from forecast.inbox._cues import Kind, cues
from forecast.inbox._proposal import Guess
from forecast.inbox._reading import Reading
from forecast.inbox._words import quoted, small

READ = 1_200
"""Characters in which cues are looked for: what a text claims it says at once."""
IN_TITLE, IN_TEXT = 0.7, 0.5


def guess_claims(reading: Reading) -> tuple[Guess, ...]:
    """Return ``on`` or ``off``; nothing where the text claims neither or has no cue.

    The headline is read before the text. Within each, "cannot confirm" and its like come before a
    denial, and a denial before words for what is or will be.
    """
    text = reading.body[:READ]
    for part, score, where in (
        (reading.title, IN_TITLE, "in the headline"),
        (text, IN_TEXT, "in the text"),
    ):
        lower = small(part)
        kinds: tuple[Kind, ...] = ("neither", "off", "on")
        for kind in kinds:
            found = cues(kind).search(lower)
            if found is None:
                continue
            if kind == "neither":
                return ()
            return (Guess(kind, score, f"{quoted(part[found.start() : found.end()])} {where}"),)
    return ()
