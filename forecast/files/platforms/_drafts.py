"""Drafts of events for questions that no network has an event for: YAML with gaps to fill in.

A gap is the text FILL IN, which no network is read with: a draft becomes an event only by hand.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from forecast.evidence import Question
from forecast.files.platforms._stated import Asked, name_of
from forecast.time import day_words

GAP = "FILL IN"
MOST_OUTCOMES = 8
_TITLE, _KEY = 32, 30


def draft_event(asked: Asked) -> str:
    """Return the name of the event that a question would have: from its title and its key."""
    words = re.sub(r"[^a-z0-9]+", "_", asked.title.lower()).strip("_")[:_TITLE].strip("_")
    if not re.match(r"[a-z]", words):
        words = f"e_{words}".strip("_")
    key = name_of("q", asked.group or asked.event_key or asked.key, longest=_KEY)
    return f"{words}_{key}"


def drafts(
    groups: Mapping[str, Sequence[tuple[Asked, Question]]],
    sources: Iterable[str],
    titles: Mapping[str, str],
) -> str:
    """Return the YAML of drafts.

    Parameters
    ----------
    groups
        The questions of each event that is missing, by the event's name.
    sources
        Whose opinions there are.
    titles
        Of sources that have one.
    """
    lines = [
        "# Drafts. Nothing reads this file. For each event that you want, put its base rate in",
        f"# place of {GAP}, move it into a network, and move its question into questions.csv and",
        "# its opinions into the evidence; or import the file once more, which then does both.",
        "# A base rate comes before this crowd's number: from a reference class, say.",
        "events:",
    ]
    for event, several in groups.items():
        lines += _event(event, several)
    lines += ["sources:"] if sources else []
    for each in sources:
        title = json.dumps(titles.get(each, each), ensure_ascii=False)
        lines.append(f"  {each}: {{title: {title}, type: {GAP}}}")
    return "\n".join(lines) + "\n"


def _event(event: str, several: Sequence[tuple[Asked, Question]]) -> list[str]:
    asked = several[0][0]
    days = sorted({question.by for _, question in several})
    by = " and ".join(
        day_words(day) for day in (days[:1] if len(days) == 1 else days[:: len(days) - 1])
    )
    head = [
        f"  {event}:",
        f"    # asked by {by}: {', '.join(question.id for _, question in several[:8])}",
        f"    kind: {asked.kind}",
        f"    title: {json.dumps(asked.title or event, ensure_ascii=False)}",
    ]
    if asked.kind == "decision":
        head.append(f'    on: {GAP}  # the day on which it falls, such as "2024-11-05"')
        if len(several) > MOST_OUTCOMES:
            head.append(f"    # a decision has at most {MOST_OUTCOMES} outcomes: put some together")
        head.append("    outcomes:  # together 100%; one of them may be: the rest")
        for each, question in several:
            option = json.dumps(each.option, ensure_ascii=False)
            head.append(f"      {question.event.partition('.')[2]}: {GAP}  # {option}")
    else:
        head.append(f'    rate: {GAP}  # such as "20% [10%, 40%] within 6 months"')
    if asked.kind == "state":
        head.append(
            f'    off_rate: {GAP}  # how soon it ends, such as "50% [30%, 70%] within 1 year"'
        )
    if asked.criteria:
        head.append(f"    resolution: {json.dumps(asked.criteria, ensure_ascii=False)}")
    return head
