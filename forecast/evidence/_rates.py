"""Which of a source's rates an item of evidence bears on."""

from forecast.evidence._count import Count
from forecast.evidence._forecast_item import Forecast
from forecast.evidence._item import Item
from forecast.evidence._report import Report
from forecast.evidence._silence import Silence


def tells_of(item: Item, source: str, rate: str) -> bool:
    """Return whether what an item says bears on one rate of a source.

    Parameters
    ----------
    item
        The item.
    source
        The source's id.
    rate
        ``"hit_rate"``, ``"predictive_false_alarm_rate"`` and the like.
    """
    match item:
        case Forecast():
            return rate == "forecast_weight" and item.source == source
        case Silence():
            return rate == "report_rate" and item.source == source
        case Count():
            return rate.startswith("count_rate") and item.source == source
        case Report():
            told = rate.removeprefix("predictive_") in {"hit_rate", "false_alarm_rate"}
            spoke = source in {item.source, item.origin}
            return told and spoke and item.is_prediction == rate.startswith("predictive_")
        case _:
            return False
