"""What is kept of the benchmark of bone-marrow transplants, in sentences and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.record import kept, stamp, table

PART, OURS = "truth_marrow", "eventcast"
NAMES = {  # by the names in the file
    OURS: "eventcast",
    "eventcast_wide": "eventcast, wide priors",
    "cox": "Cox, time-dependent covariates",
    "multi_state": "the published multi-state model",
    "aalen_johansen": "Aalen-Johansen by state",
}

SHORT = {
    OURS: "eventcast",
    "eventcast_wide": "wide priors",
    "cox": "Cox",
    "multi_state": "multi-state",
    "aalen_johansen": "Aalen-Johansen",
}


def headline(found: Mapping[str, Any]) -> list[str]:
    """Return the benchmark in sentences, each with its figures."""
    six = found["six"]
    lower = sum(each["gain"]["cox"][0] >= 0 for each in six)
    worse = [each for each in six if each["gain"]["cox"][2] < 0]
    better = [each for each in six if each["gain"]["cox"][1] > 0]
    said = [
        f"Bone marrow, {found['patients']:,} patients: the Brier score is at least as good as that "
        f"of Cox models with time-dependent covariates in {lower} of {len(six)} (three days, "
        f"relapse and death, mean of one and two years); the 90% interval of the difference lies "
        f"above 0 in {len(better)} and below 0 in {len(worse)}."
    ]
    for what, mean in found["by_outcome"].items():
        differences = ", ".join(
            f"{_interval(gain)} over {NAMES[name]}"
            for name, gain in mean["gain"].items()
            if not name.startswith(OURS)
        )
        said.append(f"{what.capitalize()}: Brier {mean['brier'][OURS]:.4f}; gain {differences}.")
    flat = found["coefficients"]
    said.append(
        "Log hazard ratios of the published model under flat priors "
        "(`event_history.fit_flat`; its twelve transitions and death after relapse, six covariates "
        f"each): at most {flat['furthest']:.1g} standard errors from lifelines' on the same rows."
    )
    return said


def section() -> str:
    """Return the tables of what was kept; empty where nothing is."""
    found = kept(PART)
    if not found:
        return ""
    others = [name for name in NAMES if name != OURS]
    head = ["question", "patients", "came", *NAMES, *(f"gain over {name}" for name in others)]
    rows = [
        [
            f"{each['outcome']}, day {each['day']}, within {each['within_days']} days",
            f"{each['patients']:,}",
            f"{each['came']:.1%}",
            *_figures(each),
        ]
        for each in found["questions"]
    ]
    rows += [
        [f"**{each['outcome']}, day {each['day']}, mean of both**", "", "", *_figures(each)]
        for each in found["six"]
    ]
    ratios = [
        [each["transition"], f"{each['events']}", f"{each['furthest']:.1g}"]
        for each in found["coefficients"]["transitions"]
    ]
    return "\n".join(
        [
            "### Bone-marrow transplants\n",
            f"The chance of a relapse and of death for each of {found['patients']:,} patients, "
            f"from what was known by the end of a day, by {found['folds']}-fold cross-validation. "
            "Brier scores, weighted for censoring, lower is better. Gains are the other's score "
            "less eventcast's, with central 90% intervals over resampled patients; above 0, "
            "eventcast is better.\n",
            *(f"- {sentence}" for sentence in found["headline"]),
            "",
            table(head, rows),
            "Log hazard ratios under flat priors against lifelines': the largest difference of six "
            "covariates, in standard errors.\n",
            table(["transition", "events", "largest difference"], ratios),
            stamp(found["machine"], "truth --data DIR"),
            "",
        ]
    )


def _figures(each: Mapping[str, Any]) -> list[str]:
    scores = [f"{each['brier'][name]:.4f}" for name in NAMES]
    return scores + [_interval(each["gain"][name]) for name in NAMES if name != OURS]


def _interval(gain: Sequence[float]) -> str:
    return f"{gain[0]:+.4f} [{gain[1]:+.4f}, {gain[2]:+.4f}]"
