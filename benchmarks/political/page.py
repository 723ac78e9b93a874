"""What is kept of the benchmark, in sentences, tables and pictures."""

from collections.abc import Mapping
from typing import Any

from benchmarks.political.scores import COLOURS, FORECASTERS, OURS, PERIODS, PUBLISHED
from benchmarks.record import duration, kept, stamp, table

PART = "truth_political"
NAMES = {
    "attempt": "an attempted coup",
    "exit": "a leader's irregular exit",
    "onset": "an onset of internal conflict",
}
TARGET = 0.0812
"""Log loss of attempts, 2011-2014, that is to be reached: the published forest's."""


def headline(found: Mapping[str, Any]) -> list[str]:
    """Return the benchmark in sentences, each with its figures."""
    attempts = found["events"]["attempt"]["periods"]
    said = []
    if PUBLISHED in attempts:
        new = attempts[PUBLISHED]
        by = new["forecasters"]
        loss = {name: one["logarithmic"]["loss"] for name, one in by.items()}
        over = by["forest"]["logarithmic"]["gain"]
        told = "too few attempts to tell the two apart" if over[1] < 0 < over[2] else "clearly"
        said.append(
            f"Attempted coups, 2011-2014, {new['state_years']} state-years with {new['came']} "
            f"attempts: log loss {loss[OURS]:.4f}, against {loss['forest']:.4f} of the published "
            f"random forest, {loss['logistic']:.4f} of a logistic regression and "
            f"{loss['climatology']:.4f} of climatology. The target of {TARGET} is "
            f"{'reached' if round(loss[OURS], 4) <= TARGET else 'missed'}; gain over the forest "
            f"{_gain(over)}, {told}."
        )
    for event, name in NAMES.items():
        period = found["events"][event]["periods"].get("1985-2010")
        if period is None:
            continue
        over = {
            other: period["forecasters"][other]["logarithmic"]["gain"]
            for other in ("logistic", "logistic_rich", "apart")
        }
        said.append(
            f"{name[0].upper()}{name[1:]}, 1985-2010: gain in log loss over a logistic regression "
            f"on the covariates of the files {_gain(over['logistic'])}, over one on eventcast's "
            f"covariates {_gain(over['logistic_rich'])}, and by linking the events "
            f"{_gain(over['apart'])}."
        )
    return said


def _gain(three: list[float]) -> str:
    return f"{three[0]:.4f} [{three[1]:.4f}, {three[2]:.4f}]"


def section() -> str:
    """Return the tables of what was kept; empty where nothing is."""
    found = kept(PART)
    if not found:
        return ""
    parts = [
        "### Political events of states\n",
        f"{stamp(found['machine'], 'truth --data DIR')} Commit {found['commit']}, "
        f"{duration(found['processor_seconds'])} of processor time.\n",
        "Forecasts of each state and year, 1985 to 2014, made from what was on record on the "
        "first of January: does it come within the year? Log and Brier losses, lower is better. "
        "Gains are the other's loss less that of eventcast with links, with central 90% intervals "
        "over resampled states; above 0, eventcast is better. The covariates of the files are "
        "those of governments and counts of past events; eventcast's have decays, regions and the "
        "era as well. Covariates were chosen on forecasts of 1970 to 2010. What "
        "eventcast said of 2011 to 2014 was looked at twice: first with a trend linear in time, "
        "under which 6.6 attempts were expected and 12 came, and then with the one used, which has "
        "a lower log loss from 1970 to 2010 as well.\n",
        *(f"- {sentence}" for sentence in found["headline"]),
        "",
    ]
    for event, name in NAMES.items():
        periods = found["events"][event]["periods"]
        wanted = [period for period in (PUBLISHED, "1985-2010") if period in periods]
        parts += [_table(name, period, periods[period]) for period in wanted]
        parts.append(_by_period(name, periods))
    parts += [_calibration(found), "![Calibration](political_calibration.svg)\n",
              "![ROC](political_roc.svg)\n"]  # fmt: skip
    return "\n".join(parts)


def _table(name: str, period: str, scored: Mapping[str, Any]) -> str:
    rows = []
    for key, one in scored["forecasters"].items():
        cells = [FORECASTERS[key]]
        for rule in ("logarithmic", "brier"):
            cells += [f"{one[rule]['loss']:.4f}", _over(one[rule].get("gain"))]
        rows.append([*cells, f"{one['area']:.3f}", f"{one['mean']:.2%}"])
    head = ["forecaster", "log loss", "gain over it", "Brier loss", "gain over it",
            "ROC area", "mean forecast"]  # fmt: skip
    share = scored["came"] / scored["state_years"]
    title = (
        f"**{name[0].upper()}{name[1:]}, {period}**: {scored['came']} of "
        f"{scored['state_years']:,} state-years ({share:.2%}), {scored['states']} states\n"
    )
    return title + "\n" + table(head, rows)


def _by_period(name: str, periods: Mapping[str, Any]) -> str:
    shown = {period: periods[period] for period in PERIODS if period in periods}
    keys = [key for key in FORECASTERS if all(key in one["forecasters"] for one in shown.values())]
    rows = []
    for key in keys:
        each = [one["forecasters"][key] for one in shown.values()]
        cells = [f"{one['logarithmic']['loss']:.4f} / {one['brier']['loss']:.4f}" for one in each]
        rows.append([FORECASTERS[key], *cells])
    came = [f"{one['came']} of {one['state_years']:,}" for one in shown.values()]
    title = f"**{name[0].upper()}{name[1:]}**: log loss / Brier loss by period\n"
    return title + "\n" + table(["forecaster", *shown], [["came", *came], *rows])


def _over(three: list[float] | None) -> str:
    return "" if three is None else f"{three[0]:+.4f} [{three[1]:+.4f}, {three[2]:+.4f}]"


def _calibration(found: Mapping[str, Any]) -> str:
    rows = []
    for event, name in NAMES.items():
        whole = found["events"][event]
        pictures = {"1985-2014": whole, PUBLISHED: whole.get("published")}
        for period, picture in pictures.items():
            for key, one in (picture or {}).get("reliability", {}).items():
                rows.append(
                    [f"{name}, {period}", FORECASTERS[key], f"{one['expected']:.1f}",
                     str(one["came"]), f"{one['inside']:.1%}", f"{one['recalibration_p']:.3f}"]
                )  # fmt: skip
    head = ["event", "forecaster", "expected", "came", "of forecasts inside the 90% band",
            "p of calibration"]  # fmt: skip
    return (
        "Calibration: how many forecasts lie where the CORP reliability curve is inside the "
        "consistency band, by state, and a test of calibration.\n\n" + table(head, rows)
    )


def draw() -> Mapping[str, Any]:
    """Return the two pictures of what was kept, as figures by the name of their file."""
    import matplotlib.pyplot as plt  # noqa: PLC0415 - takes a second

    found = kept(PART)
    if not found:
        return {}
    events = found["events"]
    panels = [(NAMES[e] + ", 1985-2014", events[e]) for e in NAMES]
    if "published" in events["attempt"]:
        panels.append((f"{NAMES['attempt']}, 2011-2014", events["attempt"]["published"]))
    calibration, axes = plt.subplots(1, len(panels), figsize=(2.6 * len(panels), 3.0))
    for axis, (title, picture) in zip(axes, panels, strict=True):
        one = picture["reliability"][OURS]
        axis.plot([0, 1], [0, 1], ":", color="grey")
        axis.fill_between(one["probability"], one["low"], one["high"], color="grey", alpha=0.25,
                          linewidth=0)  # fmt: skip
        axis.plot(one["probability"], one["calibrated"], color=COLOURS[OURS])
        reach = one["all_but_one_in_200_below"]
        axis.set(xlim=(0, reach), ylim=(0, 2 * reach), xlabel="forecast probability")
        axis.set_title(title, fontsize=7)
    axes[0].set_ylabel("how often it came")
    calibration.tight_layout()
    curves, axes = plt.subplots(1, len(panels), figsize=(2.6 * len(panels), 3.2), sharey=True)
    for axis, (title, picture) in zip(axes, panels, strict=True):
        for place, key in enumerate([key for key in COLOURS if key in picture["roc"]]):
            one = picture["roc"][key]
            axis.plot(one["false_alarm_rate"], one["hit_rate"], color=COLOURS[key],
                      label=FORECASTERS[key])  # fmt: skip
            axis.text(0.97, 0.03 + 0.07 * place, f"{one['area'][0]:.2f}", color=COLOURS[key],
                      ha="right", fontsize=7)  # fmt: skip
        axis.set(xlim=(0, 1), ylim=(0, 1), xlabel="false alarms")
        axis.set_title(title, fontsize=7)
    axes[0].set_ylabel("hits (area under the curve in figures)")
    curves.tight_layout(rect=(0, 0.08, 1, 1))
    handles, names = axes[-1].get_legend_handles_labels()
    curves.legend(handles, names, loc="lower center", ncols=len(names), frameon=False, fontsize=7)
    return {"political_calibration": calibration, "political_roc": curves}
