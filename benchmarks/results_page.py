"""The page and the plots of the figures that are kept: ``benchmarks/results``."""

from importlib import import_module
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks import does_it_help
from benchmarks.compare import ratio
from benchmarks.growth import points
from benchmarks.political.page import draw
from benchmarks.record import RESULTS, kept
from benchmarks.slopes import slope

__all__ = ["MODULES", "write_pages"]

MODULES = (
    "nearest",
    "compare",
    "costs",
    "limit",
    "growth",
    "scale",
    "run",
    "paths",
    "sweeps",
    "mixing",
    "ledger",
    "learn",
    "truth",
)
HEAD = """# Results of the benchmarks

Made by `python -m benchmarks.all`, each part at its date; see [the page on them](../README.md).
"""
PICTURES = does_it_help.PAGE.parent / "figures"
UNITS = {"filter": "active events", "path sampler": "events"}
UNITS |= {name: name for name in ("items", "draws", "networks", "workers")}
COLOURS = {"numpyro": "#d95f02", "pymc": "#7570b3", "pymc as assigned": "#b2abd2"}


def write_pages() -> None:
    """Write the page and the plots from what is kept."""
    found = [import_module(f"benchmarks.{name}").page() for name in MODULES]
    text = "\n".join([HEAD, *(page for page in found if page)])
    (RESULTS / "README.md").write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    plt.rcParams.update({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 8})
    if kept("growth"):
        _growth()
    if kept("peers"):
        _peers()
    for name, figure in draw().items():
        _save(figure, name)
    does_it_help.write()
    _save(does_it_help.draw(), "does_it_help", PICTURES)


def _save(figure: Figure, name: str, folder: Path | None = None) -> None:
    file = (RESULTS if folder is None else folder) / f"{name}.svg"
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    # Matplotlib ends lines of paths with blanks
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def _growth() -> None:
    """Plot each cost against its size on logarithmic scales, one panel a kind of size."""
    curves = kept("growth")["curves"]
    panels: dict[str, list[str]] = {}
    for what in curves:
        panels.setdefault(what.partition(":")[0], []).append(what)
    columns = 3
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(9, 2.6 * rows), squeeze=False)
    for axis, (panel, names) in zip(axes.flat, panels.items(), strict=False):
        for name in names:
            sizes, costs = points(curves[name])
            label = f"{name.partition(': ')[2]}: {slope(sizes, costs):.2f}"
            axis.loglog(sizes, costs, "o-", markersize=3, label=label)
        if panel != "filter":  # which doubles with each event and is linear in nothing
            power = -1 if panel == "workers" else 1
            line = [costs[0] * (s / sizes[0]) ** power for s in sizes]
            axis.loglog(sizes, line, ":", color="grey", label=f"dotted: {power}")
        axis.set(title=panel, xlabel=UNITS[panel], ylabel="seconds")
        axis.set_xticks(sizes, [f"{s:,.0f}" for s in sizes], fontsize=7)
        axis.set_xticks([], minor=True)
        axis.legend(fontsize=6, frameon=False, title="slope", title_fontsize=6)
        axis.grid(alpha=0.3)
    for axis in axes.flat[len(panels) :]:
        axis.remove()
    figure.tight_layout()
    _save(figure, "growth")


def _peers() -> None:
    """Plot how many times eventcast's processor time each peer takes, problem by problem."""
    samplers = kept("peers")["samplers"]
    figure, axes = plt.subplots(2, 1, figsize=(8, 5), sharex=True, sharey=True)
    for axis, equal in zip(axes, (False, True), strict=True):
        for k, (peer, colour) in enumerate(COLOURS.items()):
            rows = [
                (place + 0.27 * (k - 1), ratio(row[peer], row["eventcast"], equal_error=equal))
                for place, row in enumerate(samplers.values())
                if "wanted" in row.get(peer, {}) and "wanted" in row["eventcast"]
            ]
            if rows:
                axis.bar(*zip(*rows, strict=True), 0.25, color=colour, label=peer)
        axis.set_yscale("log")
        axis.axhline(1, color="grey", linewidth=0.8)
        axis.set_title("to equal error" if equal else "to 400 effective draws", fontsize=8)
        axis.set_ylabel("times eventcast's")
    names = [name.replace(", ", "\n") for name in samplers]
    axes[-1].set_xticks(range(len(samplers)), names, fontsize=7)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=3, frameon=False)
    figure.suptitle("Processor time; no bar: no answer", y=0.94, fontsize=8)
    _save(figure, "peers")
