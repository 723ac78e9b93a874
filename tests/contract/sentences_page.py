"""The figures of docs/from-a-sentence.md; `python -m tests.contract.sentences_page` makes them.

Each section of the page holds a sentence, the lines that say it, and a mark such as
``<!-- silence: troops pact; as of 2024-09-30 -->``: the name of its picture, the events to show,
and what to show them under besides. What stands between the mark and ``<!-- end -->`` is made from
the lines, which are read as a user's files are. Read the page before you commit what has changed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from forecast.files._evidence_file import read_evidence
from forecast.files._network_file import read_network
from forecast.probability import percent, span
from forecast.time import day_label, day_words, parse_instant
from tests.contract.reasons_page import grid
from tests.contract.repository import ROOT

if TYPE_CHECKING:
    from forecast.evidence import Evidence
    from forecast.network import Network
    from forecast.posterior import Posterior

PAGE = ROOT / "docs" / "from-a-sentence.md"
FIGURES = ROOT / "docs" / "figures"
START, HORIZON = "2024-06-01", "2025-11-30"
DATES = ("2024-08-31", "2024-11-30", "2025-05-31")
DRAWS, SEED = 2048, 1
NARROW = 1e-3
POINTS = 18
HEAD = f"name: sentence\nstart: {START}\nhorizon: {HORIZON}\n"
MARK = re.compile(
    r"<!-- (\w+): ([^;]+?)(?:; (as of|given) (.+?))? -->\n(.*?)<!-- end -->", re.DOTALL
)
FENCE = re.compile(r"```(yaml|csv)\n(.*?)```", re.DOTALL)


class Case(NamedTuple):
    """What an event's forecasts are shown under: a posterior, and what is supposed."""

    name: str
    post: "Posterior"
    given: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Section:
    """One sentence: its lines, and what is shown of them.

    Parameters
    ----------
    name
        Of its picture.
    title
        Its heading.
    network, items
        The lines of the network file, and of the file of evidence.
    events
        The events to show.
    besides, value
        ``as of`` and a date, or ``given`` and conditions; empty where there is nothing besides.
    made
        What stands on the page between the marks.
    """

    name: str
    title: str
    network: str
    items: str
    events: tuple[str, ...]
    besides: str
    value: str
    made: str

    def read(self, sources: str) -> "tuple[Network, Evidence | None]":
        """Return the lines as the files' readers take them."""
        with TemporaryDirectory() as folder:
            file = Path(folder) / "sentence.yaml"
            file.write_text(f"{HEAD}{self.network}{sources}", encoding="utf-8")
            network = read_network(file)
            if not self.items:
                return network, None
            rows = Path(folder) / "items.csv"
            rows.write_text(self.items, encoding="utf-8")
            return network, read_evidence(rows)


@cache
def page() -> tuple[str, tuple[Section, ...]]:
    """Return the page's sources, and its sections."""
    text = PAGE.read_text(encoding="utf-8")
    intro, *parts = re.split(r"\n### ", text)
    sources = dict(FENCE.findall(intro))["yaml"]
    return sources, tuple(_section(part) for part in parts)


def _section(text: str) -> Section:
    found = MARK.search(text)
    assert found is not None, text[:80]
    fences = dict(FENCE.findall(text))
    name, events, besides, value, made = found.groups(default="")
    lines = fences["yaml"], fences.get("csv", "")
    title, *_ = text.splitlines()
    return Section(name, title, *lines, tuple(events.split()), besides, value, made)


def cases_of(section: Section, sources: str) -> list[Case]:
    """Return what the events of a section are shown under."""
    from forecast.evidence import Evidence  # noqa: PLC0415 - the test of the lines needs none
    from forecast.posterior import prior, update  # noqa: PLC0415

    network, items = section.read(sources)
    nothing = Evidence([])

    def seen(evidence: Evidence, day: str) -> "Posterior":
        return update(network, evidence, as_of=day, draws=DRAWS, seed=SEED)

    if items is None:
        later = section.besides == "as of"
        post = prior(network, draws=DRAWS, seed=SEED)
        cases = [Case("at the start" if later else "as it is", post)]
    else:
        day = day_label(max(item.published_instant for item in items))
        cases = [Case("without it", seen(nothing, day)), Case("with it", seen(items, day))]
    if section.besides == "as of":
        name = f"as of {day_words(parse_instant(section.value))}"
        cases.append(Case(name, seen(items or nothing, section.value)))
    if section.besides == "given":
        given = dict(each.split("=") for each in section.value.split())
        cases.append(Case(_supposing(given), cases[0].post, given))
    return cases


def _supposing(given: Mapping[str, str]) -> str:
    said = " and ".join(
        f"`{name}` on {day_words(parse_instant(day))}" for name, day in given.items()
    )
    return f"supposing {said}"


def _shown(section: Section, cases: Sequence[Case]) -> list[tuple[str, Case]]:
    """Return each event with each of its cases; one that is supposed is not shown."""
    return [
        (event, case)
        for event in section.events
        for case in cases
        if case.given is None or event not in case.given
    ]


def _cell(event: str, case: Case, by: str) -> str:
    """Return a forecast and its interval; nothing where the day has passed."""
    if parse_instant(by) < case.post.as_of:
        return ""
    p = case.post.probability(event, by=by, given=case.given)
    low, high = p.interval()
    ends = f" ({span(low, high)})" if high - low > NARROW else ""
    return f"**{percent(float(p), p.mcse)}**{ends}"


def table(section: Section, cases: Sequence[Case]) -> str:
    """Return the forecasts as a table in Markdown."""
    several = len(cases) > 1
    head = ("event", *(("case",) if several else ()), *(day_words(parse_instant(d)) for d in DATES))
    lines = [
        (f"`{event}`", *((case.name,) if several else ()), *(_cell(event, case, d) for d in DATES))
        for event, case in _shown(section, cases)
    ]
    return grid(head, lines)


def _curve(event: str, case: Case) -> list[tuple[float, float]]:
    """Return a curve from the cut-off on: pairs of a share of the time and a probability."""
    start, end = parse_instant(START, edge="start"), parse_instant(HORIZON)
    days = {start + n * (end - start) / POINTS for n in range(1, POINTS + 1)}
    for each in case.post.network.events:
        if each.day is not None:
            days |= {parse_instant(each.day, edge="start"), parse_instant(each.day)}
    return [
        (
            (day - start) / (end - start),
            float(case.post.probability(event, by=day, given=case.given)),
        )
        for day in sorted(days)
        if day > case.post.as_of
    ]


COLOURS = ("#1f77b4", "#d1662a", "#2a8c6a")
DASHES = ("", "5 4", "2 3")
TEXT = 13
WIDE, HIGH, LEFT, RIGHT, TOP, BOTTOM = 460, 132, 34, 320, 8, 112


def picture(section: Section, cases: Sequence[Case]) -> str:
    """Return the curves as SVG: a colour for each event, dashes for its other cases."""
    events = list(section.events)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" width="{WIDE}" '
        f'height="{HIGH}" font-family="sans-serif" font-size="11" fill="#777">'
    ]
    for level in (0, 0.5, 1):
        y = _y(level)
        parts.append(
            f'<path d="M{LEFT} {y}H{RIGHT}" stroke="#999" stroke-width=".6" opacity=".6"/>'
            f'<text x="{LEFT - 5}" y="{y + 4}" text-anchor="end">{level:.0%}</text>'
        )
    for months, label in ((3, "Aug 2024"), (9, "Feb 2025"), (15, "Aug 2025")):
        x = LEFT + (RIGHT - LEFT) * months / 18
        parts.append(f'<text x="{x:.0f}" y="{HIGH - 5}" text-anchor="middle">{label}</text>')
    names, last = [case.name for case in cases], dict[str, float]()
    for event, case in _shown(section, cases):
        colour, dash = COLOURS[events.index(event)], DASHES[names.index(case.name)]
        curve = _curve(event, case)
        last.setdefault(event, _y(curve[-1][1]))
        path = " ".join(f"{LEFT + (RIGHT - LEFT) * t:.1f} {_y(p):.1f}" for t, p in curve)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        line = f'fill="none" stroke="{colour}" stroke-width="1.8"{dashes}'
        parts.append(f'<path d="M{path}" {line}/>')
    for event, y in _apart(last).items():
        colour = COLOURS[events.index(event)]
        parts.append(f'<text x="{RIGHT + 6}" y="{y:.0f}" fill="{colour}">{event}</text>')
    return "".join([*parts, "</svg>\n"])


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Return where names stand beside the ends of their lines: a line of text apart, from below."""
    found, above = dict[str, float](), float(HIGH)
    for event, y in sorted(ends.items(), key=lambda each: -each[1]):
        found[event] = above = min(y + 4, above - TEXT)
    down = max(0.0, TEXT - above)
    return {event: y + down for event, y in found.items()}


def _y(probability: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * probability, 1)


def made(section: Section, cases: Sequence[Case]) -> str:
    """Return what belongs between a section's marks."""
    lines = zip(("solid", "dashed", "dotted"), cases, strict=False)
    how = "; ".join(f"{line}: {case.name.replace('`', '')}" for line, case in lines)
    several = len(cases) > 1
    words = f"Curves of {', '.join(section.events)}{f' ({how})' if several else ''}"
    shown = f"![{words}](figures/sentence_{section.name}.svg)"
    note = f"\n\n*{how[0].upper()}{how[1:]}.*" if several else ""
    return f"{table(section, cases)}\n\n{shown}{note}\n"


def make() -> None:
    """Compute, draw, and write the page's parts."""
    sources, sections = page()
    text = PAGE.read_text(encoding="utf-8")
    for section in sections:
        cases = cases_of(section, sources)
        part, file = made(section, cases), FIGURES / f"sentence_{section.name}.svg"
        file.write_text(picture(section, cases), encoding="utf-8")
        found = re.search(rf"<!-- {section.name}: .*? -->\n(.*?)<!-- end -->", text, re.DOTALL)
        assert found is not None
        text = text[: found.start(1)] + part + text[found.end(1) :]
        print(section.title)  # noqa: T201 - it takes some minutes
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    make()
