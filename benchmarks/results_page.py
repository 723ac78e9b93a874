"""The page and the plots of the figures that are kept: ``benchmarks/results``."""

from importlib import import_module

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from benchmarks.growth import points
from benchmarks.record import RESULTS, kept

__all__ = ["MODULES", "write_pages"]

MODULES = ("compare", "limit", "growth", "scale", "run", "paths", "sweeps", "mixing", "ledger")
HEAD = """# Results of the benchmarks

Made by `python -m benchmarks.all`, each part at its date; see [the page on them](../README.md).
"""
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


def _save(figure: Figure, name: str) -> None:
    figure.savefig(RESULTS / f"{name}.svg", bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)
    file = RESULTS / f"{name}.svg"  # Matplotlib ends lines of paths with blanks
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
            axis.loglog(sizes, costs, "o-", markersize=3, label=name.partition(": ")[2])
        if panel != "filter":  # which doubles with each event and is linear in nothing
            axis.loglog(sizes, [costs[0] * s / sizes[0] for s in sizes], ":", color="grey")
        axis.set(title=panel, xlabel="size", ylabel="seconds")
        axis.legend(fontsize=6, frameon=False)
        axis.grid(alpha=0.3)
    for axis in axes.flat[len(panels) :]:
        axis.remove()
    figure.tight_layout()
    _save(figure, "growth")


def _peers() -> None:
    """Plot how many times eventcast's processor time each peer takes, problem by problem."""
    samplers = kept("peers")["samplers"]
    figure, axis = plt.subplots(figsize=(7, 3))
    for k, (peer, colour) in enumerate(COLOURS.items()):
        rows = [
            (place, row[peer]["wanted"]["processor"] / row["eventcast"]["wanted"]["processor"])
            for place, row in enumerate(samplers.values())
            if "wanted" in row.get(peer, {}) and "wanted" in row["eventcast"]
        ]
        if rows:
            places, ratios = zip(*rows, strict=True)
            axis.bar([p + 0.27 * (k - 1) for p in places], ratios, 0.25, color=colour, label=peer)
    axis.set_yscale("log")
    axis.axhline(1, color="grey", linewidth=0.8)
    axis.set_xticks(range(len(samplers)), list(samplers), fontsize=7)
    axis.set_ylabel("processor time over eventcast's")
    axis.legend(frameon=False)
    _save(figure, "peers")
