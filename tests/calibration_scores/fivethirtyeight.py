"""FiveThirtyEight's forecasts decomposed and drawn for docs/calibration.md.

``python -m tests.calibration_scores.fivethirtyeight`` writes the page's table and its picture anew.
"""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from forecast.calibration import (
    consistency_band,
    corp,
    murphy,
    recalibration_test,
    roc,
    sharpness,
)
from forecast.scoring import effective_number
from tests.calibration_scores.worlds import FAULTS, Said
from tests.contract.repository import ROOT

DATA = ROOT / "docs" / "data" / "fivethirtyeight.csv.gz"
PAGE = ROOT / "docs" / "calibration.md"
PICTURE = ROOT / "docs" / "figures" / "fivethirtyeight.svg"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
RATES_BEGIN, RATES_END = "<!-- rates: begin -->\n", "<!-- rates: end -->\n"
RESULT = Path(__file__).with_name("false_alarms_result.json")
TITLES = {
    "governors": "Governors' races",
    "mlb": "Baseball, MLB",
    "nba": "Basketball, NBA",
    "nfl": "American football, NFL",
    "nhl": "Ice hockey, NHL",
}
SIDE, GAP, HEAD = 180, 24, 34
HISTOGRAM = 30


def read() -> dict[str, Said]:
    """Return the forecasts by set."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(DATA.read_bytes()).decode())))
    found = {}
    for name in TITLES:
        of_set = [row for row in rows if row["set"] == name]
        cluster = np.array([int(row["cluster"]) for row in of_set])
        p, y = (np.array([float(row[key]) for row in of_set]) for key in ("p", "y"))
        found[name] = Said(p, y, cluster if len(set(cluster)) < len(cluster) else None)
    return found


class Row(NamedTuple):
    """One line of the table."""

    set: str
    forecasts: int
    clusters: int
    effective: float
    brier: tuple[float, float, float, float]
    logarithmic: tuple[float, float, float, float]
    bins: tuple[float, float, float, float]
    sharpness: float
    area: float
    p_value: float

    def __str__(self) -> str:
        parts = (*self.brier, *self.logarithmic[1:], *self.bins)
        numbers = " | ".join(f"{round(part, 4) + 0.0:.4f}" for part in parts)  # no -0.0000
        counts = f"{self.forecasts:,} | {self.clusters:,} | {self.effective:,.0f}"
        return (
            f"| {TITLES[self.set]} | {counts} | {numbers} | {self.sharpness:.4f} "
            f"| {self.area:.3f} | {self.p_value:.3f} |"
        )


def row(name: str, said: Said) -> Row:
    """Return everything about one set."""
    p, y, cluster = said
    brier, logarithmic = corp(p, y), corp(p, y, rule="logarithmic")
    bins = murphy(p, y, bins=10)
    each = np.arange(p.size) if cluster is None else cluster
    return Row(
        set=name,
        forecasts=p.size,
        clusters=len(set(each)),
        effective=effective_number((y - p) * (1 - 2 * p), each),
        brier=(brier.mean_score, brier.miscalibration, brier.discrimination, brier.uncertainty),
        logarithmic=(
            logarithmic.mean_score,
            logarithmic.miscalibration,
            logarithmic.discrimination,
            logarithmic.uncertainty,
        ),
        bins=(
            bins.reliability,
            bins.resolution,
            bins.within_bin_variance,
            bins.within_bin_covariance,
        ),
        sharpness=sharpness(p),
        area=roc(p, y).area,
        p_value=recalibration_test(p, y, cluster=cluster).p_value,
    )


def table(sets: dict[str, Said]) -> str:
    """Return the page's table."""
    scores = ["Brier", "MCB", "DSC", "UNC", "log MCB", "log DSC", "log UNC"]
    bins = ["REL", "RES", "WBV", "WBC"]
    counts = ["set", "forecasts", "clusters", "effective"]
    names = [*counts, *scores, *bins, "sharpness", "ROC area", "p-value"]
    head = f"| {' | '.join(names)} |\n|---|{'--:|' * (len(names) - 1)}\n"
    return head + "\n".join(str(row(name, said)) for name, said in sets.items()) + "\n"


def picture(sets: dict[str, Said]) -> str:
    """Return the reliability diagrams as one SVG."""
    width, height = len(sets) * (SIDE + GAP) + GAP, HEAD + SIDE + GAP + HISTOGRAM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11" role="img" aria-label="Reliability diagrams">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, (name, said) in enumerate(sets.items()):
        left = GAP + number * (SIDE + GAP)
        lines.append(f'<g transform="translate({left},{HEAD})">')
        lines += _panel(TITLES[name], said)
        lines.append("</g>")
    return "\n".join([*lines, "</svg>"]) + "\n"


def _panel(title: str, said: Said) -> Iterator[str]:
    p, y, cluster = said
    found = corp(p, y)
    curve, band = found.curve, consistency_band(p, y, cluster=cluster, resamples=200)
    kept = np.unique(np.linspace(0, curve.probability.size - 1, 200).astype(int))
    edge = np.concatenate([band.probability, band.probability[::-1]])
    side = np.concatenate([band.low, band.high[::-1]])
    counts, _ = np.histogram(p, bins=20, range=(0, 1))
    yield f'<text y="-18" font-weight="bold">{title}</text>'
    yield (
        f'<text y="-5" fill="#555">MCB {found.miscalibration:.4f}, '
        f"DSC {found.discrimination:.4f}</text>"
    )
    yield f'<polygon points="{_points(edge, side)}" fill="#9ecae1" fill-opacity="0.6"/>'
    yield f'<line y1="{SIDE}" x2="{SIDE}" y2="0" stroke="#999" stroke-dasharray="3 3"/>'
    yield (
        f'<polyline points="{_points(curve.probability[kept], curve.calibrated[kept])}" '
        'fill="none" stroke="#b30000" stroke-width="1.5"/>'
    )
    yield f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#333"/>'
    for place, count in enumerate(counts):
        tall = HISTOGRAM * count / counts.max()
        yield (
            f'<rect x="{place * SIDE / 20:.1f}" y="{SIDE + HISTOGRAM + 4 - tall:.1f}" '
            f'width="{SIDE / 20 - 1:.1f}" height="{tall:.1f}" fill="#888"/>'
        )
    yield f'<text y="{SIDE + HISTOGRAM + 17}">0</text>'
    yield f'<text x="{SIDE}" y="{SIDE + HISTOGRAM + 17}" text-anchor="end">1</text>'


def _points(x: np.ndarray, y: np.ndarray) -> str:
    return " ".join(f"{a * SIDE:.1f},{(1 - b) * SIDE:.1f}" for a, b in zip(x, y, strict=True))


def rates() -> str:
    """Return the page's table of false alarms and power, from the kept result of the long form."""
    kept = json.loads(RESULT.read_text(encoding="utf-8"))
    sizes = {
        "independent": "200 independent questions",
        "linked": "60 clusters of linked questions",
        "rare": "60 clusters of rare linked questions",
        "repeated": "60 repeated questions",
        "both sides": "100 repeated questions, both sides of each",
    }
    lines = ["| forecasters | on | share |", "|---|---|--:|"]
    lines += [
        f"| calibrated, that fail | {sizes[world]} | {rate:.2%} |"
        for world, rate in kept["calibrated_that_fail"].items()
    ]
    lines += [
        f"| without skill, that pass | {count} independent questions | {rate:.2%} |"
        for count, rate in kept["unskilled_that_pass"].items()
    ]
    several = {"independent": "600 independent questions", "linked": "300 linked clusters"}
    for name, rate in kept["faults_found"].items():
        fault, world = name.split(", ")
        told = " ".join((FAULTS[fault].__doc__ or "").split()).rstrip(".")
        lines.append(f"| {fault} ({told}), that fail | {several[world]} | {rate:.1%} |")
    return "\n".join(lines) + "\n"


def shown(begin: str = BEGIN, end: str = END) -> str:
    """Return a table that the page has."""
    return PAGE.read_text(encoding="utf-8").split(begin)[1].split(end)[0]


def rewrite() -> None:
    """Write the tables and the picture."""
    sets = read()
    page = PAGE.read_text(encoding="utf-8")
    for begin, end, new in ((BEGIN, END, table(sets)), (RATES_BEGIN, RATES_END, rates())):
        head, tail = page.split(begin)
        page = head + begin + new + end + tail.split(end)[1]
    PAGE.write_text(page, encoding="utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(sets), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
