"""Every figure on whether it helps, good and bad, on one page: docs/does-it-help.md.

Made from the files of results alone, by ``python -m benchmarks.all pages``.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import copysign
from pathlib import Path
from typing import Any

from benchmarks import crowd, replay
from benchmarks.marrow import page as marrow
from benchmarks.record import kept

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "does-it-help.md"
CALIBRATION = ROOT / "tests" / "calibration"
POLITICAL = "truth_political"
FEW = 20
"""Clusters below which an interval is too short to conclude from."""
COIN = "coin"
WHOLE = 0.01
"""Gains from here on are shown in whole thousandths."""
EVENTS = {"attempt": "coups", "exit": "exits", "onset": "onsets"}
CROWDS = {
    "forecastbench_superforecasters": "superforecasters",
    "replication_surveys": "replications",
    "replicats": "repliCATS",
    "market_crowd": "markets, crowds",
}
AVERAGES = ("mean", "median", "geometric_mean_of_odds")
SHORT = {
    "copies_independent": "copies",
    "aalen_johansen": "by state",
    "multi_state": "multi-state",
    "cox": "Cox",
    "geometric_mean_of_odds": "mean odds",
    "logistic_rich": "logit, own",
    "climatology": "base rate",
    "logistic": "logit",
}
"""Of names that would make the table too wide."""


@dataclass(frozen=True)
class Row:
    """One comparison.

    Parameters
    ----------
    questions
        Which.
    count
        How many, as text.
    clusters
        How many independent groups of them there are.
    ours, theirs
        The mean losses.
    other
        Who the other is.
    gain
        Theirs less ours, and the ends of its 90% interval.
    """

    questions: str
    count: str
    clusters: int
    ours: float
    theirs: float
    other: str
    gain: tuple[float, float, float]

    @property
    def verdict(self) -> str:
        """In plain words."""
        estimate, low, high = self.gain
        if self.clusters < FEW:
            return "better?" if estimate > 0 else "worse?"
        if low > 0:
            return "**better**"
        return "**worse**" if copysign(1.0, high) < 0 else "unclear"  # -0.0: just below 0


def rows() -> list[Row]:
    """Return every comparison of which figures are kept, the replay with a coin first."""
    return [*_replay(), *_political(), *_marrow(), *_crowds()]


def _replay() -> list[Row]:
    found = json.loads(replay.RESULT.read_text(encoding="utf-8"))
    by = {(row["rule"], row["forecaster"]): row for row in found["scores"]}
    made = []
    for rule, word in (("logarithmic", ", log"), ("brier", "")):
        losses = {name: row["loss"] for (of, name), row in by.items() if of == rule}
        ours = losses.pop("forecast")
        best = min((name for name in losses if name != COIN), key=losses.__getitem__)
        made += [
            Row(
                questions=f"replay 2024{word}",
                count=_count(len(found["questions"]), found["clusters"]),
                clusters=found["clusters"],
                ours=ours,
                theirs=losses[name],
                other=_short(name),
                gain=tuple(by[rule, name][end] for end in ("gain", "low", "high")),
            )
            for name in (COIN, best)
        ]
    return made


def _political() -> list[Row]:
    found = kept(POLITICAL)
    made = []
    for event, name in EVENTS.items() if found else ():
        for years, scored in _periods(found["events"][event]["periods"]):
            by = {key: one["logarithmic"] for key, one in scored["forecasters"].items()}
            others = [key for key in by if key not in {"linked", "apart"}]
            best = min(others, key=lambda key: by[key]["loss"])
            made.append(
                Row(
                    questions=f"{name}{years}, log",
                    count=f"{scored['state_years']:,}",
                    clusters=scored["states"],
                    ours=by["linked"]["loss"],
                    theirs=by[best]["loss"],
                    other=_short(best),
                    gain=tuple(by[best]["gain"]),
                )
            )
    return made


def _periods(periods: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return 1985 to 2010, and the years of which a peer has published forecasts."""
    shown = {"1985-2010": "", "2011-2014, as published": " 2011-14"}
    return [(label, periods[name]) for name, label in shown.items() if name in periods]


def _marrow() -> list[Row]:
    found = kept(marrow.PART)
    made = []
    for what, mean in found["by_outcome"].items() if found else ():
        others = [name for name in mean["brier"] if not name.startswith(marrow.OURS)]
        best = min(others, key=mean["brier"].__getitem__)
        made += [
            Row(
                questions=f"marrow, {what}",
                count=f"{found['patients']:,}",
                clusters=found["patients"],
                ours=mean["brier"][marrow.OURS],
                theirs=mean["brier"][name],
                other=_short(name),
                gain=tuple(mean["gain"][name]),
            )
            for name in dict.fromkeys(("cox", best))
        ]
    return made


def _crowds() -> list[Row]:
    found = json.loads(crowd.RESULT.read_text(encoding="utf-8"))
    made = []
    for name, title in CROWDS.items():
        by = dict(found[name]["brier"])
        ours = by.pop("bayesian")[0]
        average = min(AVERAGES, key=lambda method: by[method][0])
        best = min(by, key=lambda method: by[method][0])
        made += [
            Row(
                questions=title,
                count=_count(found[name]["questions"], found[name]["clusters"]),
                clusters=found[name]["clusters"],
                ours=ours,
                theirs=by[method][0],
                other=_short(method),
                gain=tuple(by[method][1:]),
            )
            for method in dict.fromkeys((average, best))
        ]
    return made


def _count(questions: int, clusters: int) -> str:
    return f"{questions}" if questions == clusters else f"{questions} ({clusters})"


def _short(name: str) -> str:
    return SHORT.get(name, name.replace("_", " "))


def summary() -> str:
    """Return the page's first table."""
    lines = [
        "| questions | verdict | gain, thousandths | ours | other | n |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for row in rows():
        digits = 0 if abs(row.gain[0]) >= WHOLE else 1
        estimate, low, high = (f"{1000 * number:+.{digits}f}" for number in row.gain)
        cells = (
            row.questions,
            row.verdict,
            f"{estimate} [{low}, {high}]",
            f"{row.ours:.3f}",
            f"{row.theirs:.3f} {row.other}",
            row.count,
        )
        lines.append(f"| {' | '.join(cells)} |")
    for title, file in (("in 90%: worlds", "sbc"), ("in 90%: forms", "sbc_forms")):
        worlds, coverage, _ = _coverage(file)
        lines.append(f"| {title} | holds |  | {coverage:.1%} | 90% | {worlds} |")
    return "\n".join(lines) + "\n"


def _coverage(name: str) -> tuple[int, float, int]:
    """Return worlds, the mean share of true values in 90% intervals, and of how many numbers."""
    found = json.loads((CALIBRATION / f"{name}_result.json").read_text(encoding="utf-8"))
    covered = list(found["interval_coverage"].values())
    return found["worlds"], sum(covered) / len(covered), len(covered)


def plainly() -> str:
    """Return how the comparisons came out, counted."""
    found = rows()
    words = [row.verdict.strip("*") for row in found]
    clear = {word: words.count(word) for word in ("better", "worse")}
    coin = next(row for row in found if row.other == COIN and row.questions.endswith("log"))
    worse = "worse" if coin.gain[0] < 0 else "better"
    return (
        f"**The replay of 2024 did {worse} than a coin**: a log loss of {coin.ours:.2f}, against "
        f"{coin.theirs:.2f} of one half on every question. Of {len(found)} comparisons with a "
        f"reference named beforehand or the best of all, eventcast is clearly better in "
        f"{clear['better']} and clearly worse in {clear['worse']}; in the other "
        f"{len(found) - sum(clear.values())} the interval includes 0 or the questions are too "
        "few.\n"
    )


def replayed() -> str:
    """Return the replay against every reference forecaster."""
    return replay.scores(json.loads(replay.RESULT.read_text(encoding="utf-8")))


def headlines(part: str) -> str:
    """Return the sentences that are kept with a part's figures."""
    found = kept(part)
    return "".join(f"- {sentence}\n" for sentence in found.get("headline", ["Not measured yet."]))


def marrow_six() -> str:
    """Return the table of three days and two outcomes."""
    found = kept(marrow.PART)
    names = list(marrow.NAMES)
    heads = " | ".join(marrow.SHORT[name] for name in names)
    lines = [
        f"| day, outcome | {heads} | gain over Cox, 90% |",
        "|---" + "|--:" * (len(names) + 1) + "|",
    ]
    for each in found["six"] if found else ():
        estimate, low, high = each["gain"]["cox"]
        scores = " | ".join(f"{each['brier'][name]:.4f}" for name in names)
        lines.append(
            f"| {each['day']}, {each['outcome']} | {scores} "
            f"| {estimate:+.4f} [{low:+.4f}, {high:+.4f}] |"
        )
    return "\n".join(lines) + "\n"


def calibrated() -> str:
    """Return what simulation says of the arithmetic."""
    lines = ["| what | cases | found | if it were exact |", "|---|--:|--:|--:|"]
    for file, title in (
        ("sbc", "events, links, every kind of item"),
        ("sbc_forms", "forms of statements, decisions, repeated events"),
    ):
        found = json.loads((CALIBRATION / f"{file}_result.json").read_text(encoding="utf-8"))
        worlds, coverage, parameters = _coverage(file)
        least = min([*found["rank_p_values"].values(), *found["ecdf_p_values"].values()])
        lines.append(
            f"| 90% intervals that hold the true value: {title} | {worlds} worlds × {parameters} "
            f"| {coverage:.1%} | 90% |"
        )
        lines.append(
            f"| least of {2 * parameters} p-values of uniform ranks | {worlds} worlds "
            f"| {least:.3f} | about {1 / (2 * parameters):.3f} |"
        )
    cases = json.loads((CALIBRATION / "honesty_result.json").read_text(encoding="utf-8"))["cases"]
    ratios = [each[name] for each in cases.values() for name in ("mean", "lower", "upper")]
    lines.append(
        f"| spread over seeds, over the stated error | {len(cases)} networks and methods "
        f"| {min(ratios):.2f} to {max(ratios):.2f} | 1 |"
    )
    return "\n".join(lines) + "\n"


BLOCKS: dict[str, Callable[[], str]] = {
    "plainly": plainly,
    "summary": summary,
    "replay": replayed,
    "political": lambda: headlines(POLITICAL),
    "marrow": lambda: headlines(marrow.PART),
    "six": marrow_six,
    "calibration": calibrated,
}


def shown(name: str) -> str:
    """Return a block that the page has."""
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"<!-- {name}: begin -->\n")[1].split(f"<!-- {name}: end -->")[0]


def write() -> None:
    """Write the page's blocks from what is kept."""
    page = PAGE.read_text(encoding="utf-8")
    for name, block in BLOCKS.items():
        head, tail = page.split(f"<!-- {name}: begin -->\n")
        end = f"<!-- {name}: end -->"
        page = f"{head}<!-- {name}: begin -->\n{block()}{end}{tail.split(end)[1]}"
    PAGE.write_text(page, encoding="utf-8")


def draw() -> Any:
    """Return the figure of all comparisons: gains as shares of the other's loss, with intervals."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - takes a second

    found: Sequence[Row] = rows()[::-1]
    figure, axis = plt.subplots(figsize=(7.5, 0.32 * len(found) + 0.8))
    for place, row in enumerate(found):
        share, low, high = (100 * number / row.theirs for number in row.gain)
        colour = COLOURS.get(row.verdict, "#767676")
        axis.plot([max(low, -LIMIT), min(high, LIMIT)], [place, place], color=colour, lw=1.4)
        axis.plot([max(min(share, LIMIT), -LIMIT)], [place], "o", color=colour, markersize=4)
    axis.axvline(0, color="grey", linewidth=0.8)
    labels = [f"{row.questions}: {row.other}" for row in found]
    axis.set_yticks(range(len(found)), labels, fontsize=7)
    axis.set_xlim(-LIMIT, LIMIT)
    axis.set_xlabel(f"per cent of the other's loss that is saved, 90% interval; cut at {LIMIT}")
    axis.grid(axis="x", alpha=0.3)
    figure.tight_layout()
    return figure


LIMIT = 50
COLOURS = {"**better**": "#1b6ca8", "**worse**": "#c0392b"}
"""Of what its interval tells apart; all else is grey."""
