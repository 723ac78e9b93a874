"""A page's content that nobody estimated, with the same text wherever a text can stand."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from forecast.calibration._record import QuestionScore, Scores
from forecast.gate import Check, Gate
from forecast.layout import Arrow, Diagram, Node
from forecast.ledger import ArtifactRecord, Entry, ForecastRecord, RunRecord
from forecast.report._content import (
    Arrival,
    EventPart,
    Influence,
    Lean,
    Making,
    NamedItem,
    NetworkPart,
    OddsStep,
    PageContent,
    PastRun,
    Point,
    Range,
    Ranked,
    Ranking,
    Reasons,
    SourceRow,
    Watch,
)

AS_OF = datetime(2024, 7, 2, tzinfo=UTC)  # the end of 1 July
DEADLINES = tuple(datetime(year, month, 1, tzinfo=UTC) for year, month in ((2024, 10), (2025, 1)))
DAY = timedelta(days=1)

type Say = Callable[[str], str]
"""Says what stands in a field, given what would stand there."""


def plain(text: str) -> str:
    return text


def figures(level: float) -> tuple[ForecastRecord, ...]:
    """Return forecasts by the deadlines; a level of 1 is settled."""
    return tuple(
        ForecastRecord(
            event="",
            deadline=by,
            probability=level if level == 1 else level * (n + 1) / len(DEADLINES),
            mcse=0.0004,
            lower_mcse=0.0021,
            upper_mcse=0.0123,
            lower=level if level == 1 else level / 4,
            upper=level if level == 1 else min(0.99, 1.6 * level),
            prior=level / 3,
            valid_until=by,
        )
        for n, by in enumerate(DEADLINES)
    )


def item(number: int, event: str, say: Say) -> NamedItem:
    return NamedItem(
        id=f"e{number}",
        event=event,
        published=AS_OF - (3 * number + 2) * DAY,
        kind=say("report"),
        source=say("The Gazette"),
        claim=say("says on"),
        text=say(f"Troops were seen near the border, says witness {number}"),
        citation=say(f"https://example.org/news/{number}"),
    )


def opinion(event: str, say: Say) -> NamedItem:
    """Return what a crowd says by the last deadline."""
    return NamedItem(
        id=f"crowd_{event}",
        event=event,
        published=AS_OF - 4 * DAY,
        kind=say("forecast"),
        source=say("Crowdcaster"),
        claim=say("45% by 31 December 2024"),
        citation=say("Crowdcaster, question 7"),
        probability=0.45,
        deadline=DEADLINES[-1],
    )


def reasons(items: tuple[NamedItem, ...], say: Say) -> Reasons:
    odds = (-2.2, -0.3, *(0.9 - 0.7 * n for n in range(len(items))), 0.01)
    names = ("(prior)", "(time alone)", *(each.id for each in items), "(Monte Carlo error)")
    levels = 1 / (1 + np.exp(-np.cumsum(odds)))
    moved = (
        OddsStep(name, step, float(level), float(points), copies=int(name == "e1"))
        for name, step, level, points in zip(
            names, odds, levels, np.diff(levels, prepend=0.0), strict=True
        )
    )
    return Reasons(
        by=DEADLINES[-1],
        moved=tuple(moved),
        leans=(Lean(say("base rate of the pact"), 0.6, 0.08, 0.41),),
        watch=(Watch(say("The Gazette"), say("Troops deploy"), 0.2, 0.5, 0.18, 0.1),),
    )


def event(name: str, level: float, say: Say, *, settled: bool = False) -> EventPart:
    items = tuple(item(number, name, say) for number in range(3))
    dates = [AS_OF + 31 * n * DAY for n in range(1, 7)]
    runs = (AS_OF - 21 * DAY, AS_OF - 7 * DAY, AS_OF)
    past = tuple(
        PastRun(n + 1, at, at, forced=False, figures=figures(level * (2 + n) / 4))
        for n, at in enumerate(runs)
    )
    return EventPart(
        id=name,
        title=say(f"{name.replace('_', ' ').capitalize()} by word of both governments"),
        kind=say("onset"),
        resolution=say("On from the day on which both heads of state have signed it."),
        why=say("Two such pacts in thirty years."),
        prior=say("10% [3%, 25%] within 6 months"),
        figures=figures(1.0 if settled else level),
        before={by: 0.9 * level * (n + 1) / len(DEADLINES) for n, by in enumerate(DEADLINES)},
        curve=tuple(
            Point(at, level * (n + 1) / 6, level * n / 9, min(1.0, level * (n + 2) / 4))
            for n, at in enumerate(dates)
        ),
        history=past,
        items=(*items, opinion(name, say)) if name == "event_1" else items,
        reasons=None if settled else reasons(items, say),
        outcome=Arrival(say("it began on 3 May 2024"), say("in the papers"), AS_OF)
        if settled
        else None,
    )


def network(number: int = 6, say: Say = plain, *, name: str = "tiny") -> NetworkPart:
    """Return a network of so many events in a ring, the last of them settled."""
    events = tuple(
        event(f"event_{n}", 0.9 * (number - n) / number, say, settled=n == number - 1)
        for n in range(number)
    )
    kinds = ("causes", "multiplies", "requires", "prevents")
    links = tuple(
        Influence(f"event_{n}", f"event_{(n + 1 + n % 3) % number}", kinds[n % 4], say("x3"), ratio)
        for n, ratio in zip(range(number), [3.0, 0.4, None, None] * number, strict=False)
        if (1 + n % 3) % number
    )
    return NetworkPart(
        name=name,
        title=say("A pact and what follows"),
        as_of=AS_OF,
        made_at=datetime(2024, 7, 2, 6, 30, tzinfo=UTC),
        previous=AS_OF - 7 * DAY,
        seen=3 * number,
        fresh=events[0].items[:3],
        events=events,
        influences=links,
        drawn=drawn(events, links),
        sources=(
            SourceRow(
                say("The Gazette"), "hit rate", Range(0.7, 0.5, 0.85), Range(0.74, 0.6, 0.86), 3
            ),
            SourceRow(
                say("The Post"), "report rate", Range(4.0, 1.0, 9.0), Range(3.0, 1.0, 7.0), 1
            ),
        ),
        items={each.id: each for part in events for each in part.items},
        making=making(name, say),
        notes=(say("A note on the whole."),),
        wordings={
            ("event_1", DEADLINES[-1]): say("Will both governments have signed by the new year?")
        },
    )


def drawn(events: Iterable[EventPart], links: Iterable[Influence]) -> Diagram:
    """Return what a drawing shows of events that are one thing each."""
    return Diagram(
        tuple(Node(each.id, each.title, "onset") for each in events),
        tuple(Arrow(each.parent, each.child, each.kind, each.ratio) for each in links),
    )


def making(name: str, say: Say) -> Making:
    """Return how a run was made: kept although its gate failed, on a figure that is not finite."""
    run = RunRecord(
        key="4e5f6071" * 8,
        network=name,
        network_body="{}",
        as_of=AS_OF,
        settings="{}",
        gate="{}",
        forced=True,
        forecasts=(),
        artifacts=(
            ArtifactRecord(say("tiny/2024-07-01-4e5f60714e5f.nc"), "8899aabb" * 8, 123_456),
        ),
        versions={"eventcast": say("0.1.0")},
    )
    checks = (Check(say("khat"), 0.21, 0.7, True), Check(say("ess"), math.nan, 400.0, False))
    settings = {"method": say("importance"), "draws": 4096, "seed": 1, "known": say("published")}
    entry = Entry(3, "run", AS_OF, "0" * 64, "0a1b2c3d" * 8)
    return Making(entry, run, settings, Gate(checks))


def content(number: int = 6, say: Say = plain) -> PageContent:
    """Return a whole page's content with a network of so many events."""
    asked = ("tiny", "event_1", "2024-07-01", 1, "2024-05-01", "2024-07-01", 2)
    scored = QuestionScore(
        *asked, first=0.4, last=0.8, gain=0.031, question=say("A pact is signed")
    )
    return PageContent(
        networks=(network(number, say),),
        scores=Scores((scored,), 0.36, 0.92, 0.031, 0.1, 0.05, 0.25, 11, 1, 2),
    )


def first_run() -> PageContent:
    """Return the content of a page with nothing before it to compare with."""
    whole = content()
    part = whole.networks[0]
    events = tuple(replace(each, before={}, history=each.history[-1:]) for each in part.events)
    part = replace(part, previous=None, fresh=(), events=events, notes=())
    return replace(whole, networks=(part,))


def long_history(runs: int = 60) -> PageContent:
    """Return the content of a page after so many runs, the last of them a year after the first."""
    whole = content()
    part = whole.networks[0]
    events = []
    for number, each in enumerate(part.events):
        days = [AS_OF - round(365 * (runs - 1 - n) / (runs - 1)) * DAY for n in range(runs)]
        levels = 0.4 + 0.3 * np.sin(np.arange(runs) / 9 + number)
        levels[runs // 2 :] += 0.15  # some news
        history = tuple(
            PastRun(n + 1, at, at, forced=False, figures=figures(float(level)))
            for n, (at, level) in enumerate(zip(days, levels, strict=True))
        )
        items = tuple(
            replace(one, published=AS_OF - 90 * n * DAY) for n, one in enumerate(each.items)
        )
        events.append(replace(each, history=history, items=items))
    part = replace(part, events=tuple(events), notes=())
    return replace(whole, networks=(part,))


def panel(units: int = 24) -> PageContent:
    """Return the content of a page on a panel of so many units, with two events each."""
    whole = content(2)
    part = whole.networks[0]
    names = [f"unit_{n}" for n in range(units)]
    ranked = []
    for place, shared in enumerate(("coup", "exit")):
        rows = []
        for n, name in enumerate(names):
            one = event(f"{name}.{shared}", 0.8 / (1 + n), plain)
            one = replace(one, title=f"Country {n}: {shared}", figures=one.figures[-1:])
            rows.append(
                Ranked(
                    n + 1, f"Country {n}", f"region {n % 3}", one, one.figures[0], n % 4, n == place
                )
            )
        ranked.append(Ranking(shared, f"An irregular {shared}", DEADLINES[-1], tuple(rows)))
    told = tuple(ranking.rows[0].event for ranking in ranked)
    drawing = drawn(told, ())
    every = tuple(row.event for ranking in ranked for row in ranking.rows)
    part = replace(
        part,
        events=told,
        influences=(),
        drawn=drawing,
        fresh=(),
        rankings=tuple(ranked),
        every=every,
        items={each.id: each for one in told for each in one.items},
        notes=(),
        wordings={},
    )
    return replace(whole, networks=(part,))


def fifteen_questions() -> PageContent:
    """Return the content of a page on fifteen questions, each with its own deadline and wording."""
    whole = content(15)
    part = whole.networks[0]
    events, wordings = [], {}
    for n, each in enumerate(part.events):
        by = AS_OF + (20 + 37 * n % 300) * DAY
        figure = replace(each.figures[-1], deadline=by, valid_until=by)
        before = {by: 0.9 * figure.probability}
        events.append(replace(each, figures=(figure,), before=before, history=()))
        wordings[each.id, by] = f"Will number {n} have come about by its day, as the rules have it?"
    part = replace(part, events=tuple(events), by_question=True, wordings=wordings, notes=())
    return replace(whole, networks=(part,))
