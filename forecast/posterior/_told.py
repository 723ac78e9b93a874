"""What a run keeps of a posterior: its draws and its figures, without pandas and xarray."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from forecast.estimate._datatree import to_groups
from forecast.estimate._groups import Groups
from forecast.estimate._saved import PREDICTIONS, saved_form
from forecast.evidence import Question
from forecast.posterior._conditions import check_event
from forecast.posterior._draws import Draws
from forecast.posterior._tables import Row, event_rows, question_rows
from forecast.time import Day


class Told(ABC):
    """What is kept of a posterior."""

    @property
    @abstractmethod
    def _draws(self) -> Draws:
        """The draws that questions are answered from."""

    @property
    @abstractmethod
    def _before(self) -> Draws | None:
        """The draws of what this is compared with."""

    def event_rows(self, by: Sequence[Day]) -> dict[datetime, dict[str, Row]]:
        """Return the rows of `Posterior.table`, by deadline and event."""
        return event_rows(self._draws, self._draws.calendar.deadlines(by), self._before)

    def question_rows(self, questions: Sequence[Question]) -> list[Row]:
        """Return the figures of `Posterior.questions`, one row for each."""
        return question_rows(self._draws, questions, self._deadlines(questions), self._before)

    def saved_groups(self) -> Groups:
        """Return what a file keeps of `Posterior.idata`."""
        return saved_form(self._draws.fitted, self._groups(PREDICTIONS))

    def _groups(self, most: int) -> Groups:
        """Return the groups of `idata`, with the chances of so many draws; no free variables."""
        draws = self._draws
        dates, number = draws.calendar.months(), len(draws.batch)
        events = [event.id for event in draws.lowered.network.nodes]
        rows = np.arange(min(number, most)) * number // min(number, most)
        chances = draws.chances(events, dates)
        return to_groups(draws.fitted, events, dates, chances.draws(rows), chances.forecasts())

    def _deadlines(self, questions: Sequence[Question]) -> list[datetime]:
        """Return the deadlines of questions on events that there are."""
        for each in questions:
            check_event(self._draws.lowered.network, each.event)
        return self._draws.calendar.deadlines([each.deadline for each in questions])
