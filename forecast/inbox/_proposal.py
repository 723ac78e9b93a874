"""What a machine proposes for a draft, each guess with its reason; it decides nothing."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Guess:
    """One guess.

    Parameters
    ----------
    value
        What it proposes: the id of a source or event, ``on`` or ``off``, a day as ``YYYY-MM-DD``.
    score
        How well it fits, from 0 to 1, for ranking; no probability.
    reason
        Why, in a few plain words.
    """

    value: str
    score: float
    reason: str


type Relation = Literal["duplicate", "derived_from", "origin", "corrects"]


@dataclass(frozen=True)
class Kin:
    """Another draft or item on file that this one repeats.

    Parameters
    ----------
    value
        The id of the draft or the item.
    relation
        ``duplicate``: the same entry again, to be skipped; ``derived_from``: this one takes over
        what that one says; ``origin``: both repeat one statement of a third; ``corrects``: it says
        of itself that it corrects that one, whose item it would retract.
    score, reason
        As of a `Guess`.
    on_file
        Whether it is an item of evidence, and no draft.
    """

    value: str
    relation: Relation
    score: float
    reason: str
    on_file: bool = False


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one draft. Every tuple stands best first, and may be empty.

    Parameters
    ----------
    draft
        The draft's id.
    sources
        Who says it.
    events
        What it may bear on.
    claims
        ``on`` or ``off``; empty for neither.
    days
        The day that it speaks of.
    kin
        What it repeats.
    origin
        A name for the statement that it passes on, such as ``nis``; empty for none.
    """

    draft: str
    sources: tuple[Guess, ...] = ()
    events: tuple[Guess, ...] = ()
    claims: tuple[Guess, ...] = ()
    days: tuple[Guess, ...] = ()
    kin: tuple[Kin, ...] = ()
    origin: str = ""
