"""Alerts: a forecast that crossed a stated line since the run before, and the news in between."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from forecast.decimals import reaches
from forecast.evidence import Questions, finish
from forecast.files._run_rules import AlertRule
from forecast.ledger import Ledger, Said, items_seen, latest_run, read_run, run_said
from forecast.network._units import shared_name
from forecast.time import day_label
from forecast.workspace._network_change import network_changes

MOST_NAMED = 20
OF_TIME = ("deadlines", "questions", "recalibration")
"""Settings that change as days pass and questions close; no forecast rests on the last."""

type Kind = Literal["above", "below", "moves"]

type Question = tuple[str, str]
"""An event and a deadline."""


@dataclass(frozen=True)
class Alert:
    """One crossing.

    Parameters
    ----------
    alert
        ``"above"``, ``"below"`` or ``"moves"``: the rule that was met.
    network, event, by
        The question.
    probability, previous
        What is said now, and what the run before said; None where there was none.
    threshold
        The rule's number.
    as_of, entry
        The run's cut-off, and its place in the ledger.
    question
        The name of the question, where it is one of the workspace's.
    changed
        What else differs between the two runs: fields of the network, such as
        ``network.events.pact.rate``, settings, such as ``settings.draws``, and versions, such as
        ``versions.eventcast``; empty where only evidence and time do.
    items
        The items of evidence on any event that the run saw and the one before did not, or the other
        way round; empty where only time has passed.
    """

    alert: Kind
    network: str
    event: str
    by: str
    probability: float
    previous: float | None
    threshold: float
    as_of: str
    entry: int
    items: tuple[str, ...]
    question: str = ""
    changed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the alert for JSON."""
        return asdict(self)


def alerts_of(
    ledger: Ledger,
    entry: int,
    rules: Mapping[str, AlertRule],
    questions: Questions = Questions(),  # noqa: B008  immutable
) -> tuple[Alert, ...]:
    """Return the alerts that a run raises by its events' and questions' rules, and the run before.

    The run before is the one of the latest cut-off up to this run's, of those entered before it: a
    past date that somebody runs again neither hides a crossing nor makes one. The same run raises
    the same alerts however often it is asked.
    """
    now = run_said(ledger, entry) if rules else []
    if not now:
        return ()
    before = latest_run(ledger, now[0].network, before=entry, as_of=now[0].as_of)
    previous = {_question(said): said.forecast.probability for said in before}
    names = {(each.event, each.by.isoformat()): each.id for each in questions}
    crossed = [
        (said, kind, threshold)
        for said in now
        if not said.forecast.condition
        for name in _names(said.forecast.event, names.get(_question(said), ""))
        if name in rules
        for kind, threshold in _crossings(rules[name], said, previous)
    ]
    news = _news(ledger, entry, before) if crossed else ()
    changed = _changed(ledger, entry, before) if crossed else ()
    return tuple(
        Alert(
            alert=kind,
            network=said.network,
            event=said.forecast.event,
            by=said.forecast.by,
            probability=said.forecast.probability,
            previous=previous.get(_question(said)),
            threshold=threshold,
            as_of=day_label(said.as_of),
            entry=entry,
            items=news,
            question=names.get(_question(said), ""),
            changed=changed,
        )
        for said, kind, threshold in crossed
    )


def _names(event: str, question: str) -> tuple[str, ...]:
    """Return by which names a rule may mean a forecast: in a panel the event of every unit too."""
    return tuple(dict.fromkeys((event, shared_name(event), question)))


def _question(said: Said) -> Question:
    return said.forecast.event, said.forecast.deadline.isoformat()


def _crossings(
    rule: AlertRule, said: Said, previous: Mapping[Question, float]
) -> Iterator[tuple[Kind, float]]:
    if rule.by is not None and finish(rule.by) != said.forecast.deadline:
        return
    now, before = said.forecast.probability, previous.get(_question(said))
    above, below, moves = rule.above, rule.below, rule.moves
    if above is not None and reaches(now, above) and (before is None or not reaches(before, above)):
        yield "above", above
    if below is not None and reaches(below, now) and (before is None or not reaches(below, before)):
        yield "below", below
    if moves is not None and before is not None and reaches(abs(now - before), moves):
        yield "moves", moves


def _news(ledger: Ledger, entry: int, before: Sequence[Said]) -> tuple[str, ...]:
    """Return the ids of items that one of the two runs saw and the other did not, or otherwise."""
    now = items_seen(ledger, entry)
    then = items_seen(ledger, before[0].entry) if before else {}
    return tuple(sorted(item for item in {*now, *then} if now.get(item) != then.get(item)))


def _changed(ledger: Ledger, entry: int, before: Sequence[Said]) -> tuple[str, ...]:
    """Return what else than evidence and time differs from the run before."""
    if not before:
        return ()
    then, now = (read_run(ledger, each)[1] for each in (before[0].entry, entry))
    found = [
        f"network.{each.field}" for each in network_changes(then.network_body, now.network_body)
    ]
    old, new = json.loads(then.settings), json.loads(now.settings)
    names = [name for name in dict.fromkeys([*old, *new]) if name not in OF_TIME]
    found += [f"settings.{name}" for name in names if old.get(name) != new.get(name)]
    packages = dict.fromkeys([*then.versions, *now.versions])
    versions = [name for name in packages if then.versions.get(name) != now.versions.get(name)]
    found += [f"versions.{name}" for name in versions]
    more = len(found) - MOST_NAMED
    return tuple(found if more <= 0 else [*found[:MOST_NAMED], f"and {more} more"])
