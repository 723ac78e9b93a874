"""BACKTEST: forecasts as they would have been at past dates, scored against what came about.

Examples
--------
>>> from forecast.backtest import every
>>> [day.isoformat() for day in every("2024-06-28", "2024-07-31", days=14)]
['2024-06-28', '2024-07-12', '2024-07-26']
"""

from forecast.backtest._replay import Backtest, every, replay
from forecast.backtest._tasks import FORECASTERS

__all__ = ["FORECASTERS", "Backtest", "every", "replay"]
