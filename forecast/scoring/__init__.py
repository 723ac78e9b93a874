"""SCORE: proper scores of probabilities against what came of them: numbers in, numbers out.

Scores that are losses are better when lower; Metaculus points, skill and gains over a reference
are better when higher. Each function says which.
"""

from forecast.scoring._clusters import Interval, cluster_bootstrap, effective_number
from forecast.scoring._life import (
    ImproperScoreWarning,
    gain_over_life,
    open_days_average,
    standing,
)
from forecast.scoring._losses import (
    RULES,
    Rule,
    brier,
    brier_categories,
    brier_original,
    logarithmic,
    logarithmic_categories,
    ordered_categories,
    ranked_probability,
    spherical,
    spherical_categories,
)
from forecast.scoring._metaculus import (
    metaculus_baseline,
    metaculus_baseline_categories,
    metaculus_baseline_density,
    metaculus_peer,
    metaculus_peer_categories,
)
from forecast.scoring._onset import crps_onset, crps_onset_draws
from forecast.scoring._platforms import good_judgment_scores, metaculus_scores
from forecast.scoring._skill import gain, skill

__all__ = [
    "RULES",
    "ImproperScoreWarning",
    "Interval",
    "Rule",
    "brier",
    "brier_categories",
    "brier_original",
    "cluster_bootstrap",
    "crps_onset",
    "crps_onset_draws",
    "effective_number",
    "gain",
    "gain_over_life",
    "good_judgment_scores",
    "logarithmic",
    "logarithmic_categories",
    "metaculus_baseline",
    "metaculus_baseline_categories",
    "metaculus_baseline_density",
    "metaculus_peer",
    "metaculus_peer_categories",
    "metaculus_scores",
    "open_days_average",
    "ordered_categories",
    "ranked_probability",
    "skill",
    "spherical",
    "spherical_categories",
    "standing",
]
