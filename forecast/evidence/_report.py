"""Reports: what a source says."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from forecast.errors import Fault
from forecast.evidence._channel import Bearing, Channel, Heard, Number
from forecast.evidence._item import Item, OnOff
from forecast.evidence._moment import OnsetDays, begin, finish, span_words
from forecast.network._base import Id, Listed
from forecast.network._prior_of import RateName
from forecast.network._source import Grade, Share
from forecast.time import day_words

REPORTING: tuple[RateName, RateName] = ("hit_rate", "false_alarm_rate")
PREDICTING: tuple[RateName, RateName] = (
    "predictive_hit_rate",
    "predictive_false_alarm_rate",
)


class Report(Item):
    """A source said that an event is, was or will be on (or off) at the time it speaks of.

    One with an `onset` says instead that the event began within these days (`claim: off`: that it
    did not). It says so with the source's hit rate if the onset was within them, and with its
    false-alarm rate on any other course: begun before, begun after, or never.

    Parameters
    ----------
    source
        The source of the network that said so.
    claim
        ``"on"`` or ``"off"``; True and False are these.
    onset
        The day on which it says that the event began, or the first and last possible day (kept as a
        pair). Of an event of kind ``onset`` alone.
    credibility
        The chance that this item carries what the source knows, apart from how good the source
        is; 0 makes it a coin toss.
    grade
        Such as B2, in the Admiralty code. The letter gives the source's rates, where neither the
        source nor its grade does; the digit gives the credibility, in place of that field.
    derived_from
        The items that this one repeats: reports on the same event, or what the source said of
        another event in the same statement.
    origin
        The source of the network, apart from `source`, whose statement this one passes on, where
        that statement is no item itself: an unnamed official whom several outlets heard. Reports
        of one origin share what it said, which is summed out.
    check
        The chance that the source checked a claim that it copied or passed on for itself, or that
        a statement read for a second event speaks of that one in its own right; the source's own,
        or else its type's, where nothing is said. All else counts as checked.
    """

    kind: Literal["report"] = "report"
    source: Id
    claim: OnOff
    credibility: Share = 1.0
    grade: Grade | None = None
    derived_from: Annotated[tuple[Id, ...], Listed] = ()
    origin: Id | None = None
    check: Share | None = None
    # Left out of what is written where it is empty: items are known by what is written of them.
    onset: OnsetDays | None = Field(None, exclude_if=lambda days: days is None)

    @classmethod
    def rules(cls, fields: Mapping[str, object]) -> Iterable[Fault]:
        """Return the faults between the fields of a report."""
        if fields.get("onset") is not None and fields.get("speaks_of") is not None:
            yield Fault("an onset carries its own days", "Leave it out.", field="speaks_of")
        origins = fields.get("derived_from") or ()
        hidden = fields.get("origin")
        if fields.get("check") not in (None, 1.0) and not origins and not hidden:
            yield Fault(
                "the chance that a copied claim was checked, and this item copies none",
                "Name the item that it repeats in derived_from, or leave check out.",
                field="check",
            )
        if fields.get("grade") is not None and fields.get("credibility") is not None:
            yield Fault(
                "the digit of the grade is the item's credibility, and both are given",
                "Leave one of them out.",
                field="credibility",
            )
        if hidden and origins:
            yield Fault(
                "the item has derived_from, and through it whatever origin the copied item has",
                "Keep derived_from for an item of the record, origin for one who is not in it.",
                field="origin",
            )
        if hidden and hidden == fields.get("source"):
            yield Fault(
                "is the item's own source",
                "Name as origin whom the source heard it from, as a source of its own.",
                field="origin",
            )
        if not isinstance(origins, list | tuple):
            return
        if fields.get("id") in origins:
            remedy = (
                "Name the item that it repeats. If that one has the same id, give this one an id "
                "of its own: ids are unique over all evidence."
            )
            yield Fault("names the item itself", remedy, field="derived_from")
        if len(set(map(str, origins))) < len(origins):
            yield Fault("names an item twice", "Name each once.", field="derived_from")

    def reads(self) -> tuple[Number, ...]:
        """Return its source's hit rate and false-alarm rate, and those of its hidden origin."""
        names = PREDICTING if self.is_prediction else REPORTING
        whose = (self.source,) if self.origin is None else (self.source, self.origin)
        return tuple((name, source) for source in whose for name in names)

    def channel(self) -> Channel | None:
        """Return how its chances follow from those, apart from what it may have copied."""
        inert = self.credibility == 0 or (self.check == 0 and bool(self.derived_from))
        if inert and self.origin is None:
            return None
        hit, false_alarm, *_ = self.reads()
        return Channel("report", hit, false_alarm, said=int(self.claim == "on"))

    @property
    def onset_instants(self) -> tuple[datetime, datetime] | None:
        """The instants between which it says that the onset lies; None where it dates none."""
        if self.onset is None:
            return None
        return begin(self.onset[0]), finish(self.onset[1], cut=self.published)

    @property
    def speaks_of_instant(self) -> datetime:
        """The instant whose state it tells of: of an onset, the end of its last day."""
        days = self.onset_instants
        return super().speaks_of_instant if days is None else days[1]

    def bears(self) -> tuple[Bearing, ...]:
        """Return the moment it tells of; of an onset, the first and the last moment of its days."""
        days = self.onset_instants
        if days is None:
            return super().bears()
        first, last = days
        return Bearing(self.event, first, first, opens=True), Bearing(self.event, last, last)

    @property
    def claims(self) -> bool:
        """A report always makes a claim, which others may copy."""
        return True

    def words(self) -> str:
        """Return whether it says on or off, of when where that is not its own day, and how surely.

        Examples
        --------
        >>> told = {"id": "r", "event": "pact", "published": "2024-03-01", "source": "afp"}
        >>> Report(**told, claim="on").words()
        'says on'
        >>> Report(**told, claim="off", speaks_of="2024-05-31", grade="B2").words()
        'says it will be off by 31 May 2024 (grade B2)'
        >>> Report(**told, claim="on", onset=("2024-02-08", "2024-02-13")).words()
        'dates the onset 8–13 February 2024'
        """
        when = day_words(self.speaks_of_instant)
        if self.onset is not None:
            begun = ("denies an", "dates the"), ("expects no", "expects the")
            days = span_words(begin(self.onset[0]), finish(self.onset[1]))
            said = f"{begun[self.is_prediction][self.claim == 'on']} onset {days}"
        elif self.is_prediction:
            said = f"says it will be {self.claim} by {when}"
        elif when != day_words(self.published_instant):
            said = f"says {self.claim} as of {when}"
        else:
            said = f"says {self.claim}"
        surely = [] if self.grade is None else [f"grade {self.grade}"]
        surely += [f"credibility {self.credibility:.0%}"] if self.credibility < 1 else []
        return f"{said} ({', '.join(surely)})" if surely else said

    def drawn(self, heard: Heard) -> "Report":
        """Return what it says, as drawn."""
        return self.model_copy(update={"claim": "on" if heard.says_on else "off"})
