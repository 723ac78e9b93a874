"""The tables and pictures of docs/reasons.md; `python -m tests.contract.reasons_page` makes them.

It takes some two minutes of processor time. Read the page before you commit what has changed: what
it says of the tables is a reading, which no program writes.
"""

import re
from typing import TYPE_CHECKING

from forecast.probability import points
from forecast.report._words import copies_words, level, odds, pushes, short
from forecast.time import day_label
from forecast.workspace._named import named_items
from forecast.workspace._reasons import steps_of
from tests.contract.repository import ROOT

if TYPE_CHECKING:
    import pandas as pd

    from forecast.posterior import Posterior

PAGE = ROOT / "docs" / "reasons.md"
FIGURES = ROOT / "docs" / "figures"
AS_OF, BY = "2024-12-31", "2025-12-31"
EVENTS = (
    "dprk_troops_donetsk",
    "rok_lethal_exports",
    "nato_rok_pact",
    "nato_asia_pacificization",
)
HEAD = ("published", "what", "odds", "points", "left out")
TEXT, MOST, UNLIKELY = 90, 12, 8
"""Letters of an item's text; items in a table; and claims that were least expected."""


def marked(name: str) -> re.Pattern[str]:
    """Return what finds a part of the page that is made, between its marks."""
    return re.compile(rf"(<!-- {name}: begin -->\n)(.*?)(<!-- {name}: end -->)", re.DOTALL)


def shown(name: str) -> str:
    """Return a part of the page as it stands there."""
    found = marked(name).search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    return found[2].strip()


def steps_table(post: "Posterior", event: str, told: "pd.DataFrame") -> str:
    """Return what moved a forecast as a table."""
    moved, _ = steps_of(told)
    items = named_items(post.network, post.evidence)
    titles = {each.id: each.title for each in post.network.nodes}
    rows = []
    for push in pushes(moved, MOST):
        starts, day, words, without = push.log_odds is None, "", push.words, ""
        how = "" if push.log_odds is None else f"{odds(push.log_odds)} ± {push.mcse:.0%}"
        if push.item:
            item, row = items[push.item], told.loc[push.item]
            day = day_label(item.published)
            about = "" if item.event == event else f"; about: {titles[item.event]}"
            said = f"{item.source}: {item.claim}" if item.source else item.claim
            more = f"; {copies_words(push.copies)}" if push.copies else ""
            words = f"“{short(item.text, TEXT)}” *{said}{about}{more}* [{push.item}]"
            without = f"{odds(row['leave_cluster_out'])} ± {row['leave_cluster_out_mcse']:.0%}"
            without += "*" if row["estimated"] else ""
        figure = level(push.points) if starts else points(push.points)
        rows.append((day, words, how, figure, without.replace("*", "\\*")))
    rows.append(("", "**The forecast**", "", f"**{level(moved[-1].probability)}**", ""))
    return grid(HEAD, rows)


def surprise_table(post: "Posterior") -> str:
    """Return the claims that were least expected as a table."""
    known = post.surprises().dropna(subset=["probability"])
    known = known[known["kind"] != "observation"].nsmallest(UNLIKELY, "probability")
    rows = []
    for name, p in known["probability"].items():
        item = post.evidence.item(str(name))
        words = f"“{short(item.text, TEXT)}” [{name}]"
        rows.append((day_label(item.published_instant), words, f"{p:.0%}"))
    return grid(("published", "what", "probability"), rows)


def grid(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table in Markdown, figures to the right."""
    right = {"odds", "points", "left out", "probability"}
    rule = ["--:" if name in right else "---" for name in head]
    lines = [head, tuple(rule), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def make() -> None:
    """Estimate, explain, draw, and write the page's parts."""
    import matplotlib as mpl  # noqa: PLC0415 - the test reads the page alone

    mpl.use("Agg")
    import forecast as fc  # noqa: PLC0415
    from forecast import plot  # noqa: PLC0415

    network = fc.read_network(ROOT / "priors" / "nato_rok.yaml")
    post = fc.update(network, fc.read_evidence(ROOT / "evidence"), as_of=AS_OF, seed=1)
    parts = {"surprises": surprise_table(post)}
    for event in EVENTS:
        parts[event] = steps_table(post, event, post.explain(event, by=BY))
        figure = plot.waterfall(post, event, by=BY).figure
        figure.savefig(FIGURES / f"why_{event}.png", dpi=100)
    text = PAGE.read_text(encoding="utf-8")
    for name, part in parts.items():
        found = marked(name).search(text)
        assert found is not None, name
        text = f"{text[: found.start()]}{found[1]}{part}\n{found[3]}{text[found.end() :]}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    make()
