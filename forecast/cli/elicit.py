"""``forecast elicit``: a guided session for one number."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecast.cli import completing
from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, tell_on_stderr, visible
from forecast.errors import Fault, InputError
from forecast.time import years_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forecast.files._elicitation_files import Answers
    from forecast.history._elicitation import Answer, Expert
    from forecast.history._ever import EverAnswer, EverExpert
    from forecast.network._spoken import Wording


@click.command("elicit")
@click.argument(
    "network",
    type=click.Path(path_type=Path, dir_okay=False),
    shell_complete=completing.networks,
)
@click.argument("event")
@click.option(
    "--field",
    type=click.Choice(["rate", "ever", "off_rate"]),
    default=None,
    help="What of the event: its rate; or the chance that it ever comes, with how soon; or how "
    "fast it ends. By default a session on an onset asks which; else the rate.",
)
@click.option(
    "--class",
    "shown",
    default="",
    metavar="CLASS",
    help="The reference class to show beside it, such as 'troop_entry/interstate'. By default the "
    "event's own.",
)
@click.option(
    "--answers",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Take the answers from a YAML file, and ask nothing.",
)
@click.option(
    "--write", is_flag=True, help="Write the number into the network file without asking."
)
@workspace_option
@json_option
def command(
    network: Path,
    event: str,
    field: str | None,
    shown: str,
    answers: Path | None,
    write: bool,
    folder: Path,
    as_json: bool,
) -> None:
    """Elicit one number: ask, feed back, check, pool, and write it down.

    Asks one expert or several for probabilities within a span, tells what each answer amounts to,
    shows the reference class beside it, and holds answers for several spans against each other. An
    onset can be stated as whether it ever comes and how soon instead. EVENT is an event of
    NETWORK, a file or the name of a network of the workspace.
    """
    # Imported here, so that --help answers at once.
    from forecast.files._elicitation_files import (  # noqa: PLC0415
        field_lines,
        read_answers,
        write_beliefs,
    )
    from forecast.workspace._by_name import network_file  # noqa: PLC0415

    if as_json and answers is None:
        msg = "--json asks nothing, so it needs --answers FILE."
        raise click.UsageError(msg)
    network = network_file(network, folder)
    given = None if answers is None else read_answers(answers)
    way = _way(field, given)
    case = _case(network, event, way or "rate", shown or (given.shown if given else ""))
    tell = tell_on_stderr if as_json else _say
    case.introduce(way or "rate", tell)
    way = way or _chosen(case, tell)
    heard = _session(case, way, tell) if given is None else _replay(case, given, tell)
    beliefs = _beliefs(way, heard)
    tell("")
    tell("The network file is to say:")
    for line in (line for name, said in beliefs.items() for line in field_lines(name, said, 2)):
        tell(line)
    keep = write or (given is None and click.confirm(f"Write it into {network}?"))
    if keep:
        write_beliefs(network, event, beliefs, why=heard.why)
        tell(f"Written to {network}, event {event}.")
    if as_json:
        belief = beliefs if way == EVER else beliefs[way]
        document = {"event": event, "field": way, "belief": belief, "written": keep}
        print_json(document, ascii_only=False)


EVER = "ever"


def _way(field: str | None, given: "Answers | None") -> str | None:
    """Return what is asked for; None where that is to be asked first."""
    if given is None:
        return field
    spoken = EVER if given.ever else "rate"
    if field is None or field == spoken or (field == "off_rate" and spoken == "rate"):
        return field or spoken
    msg = f"--field {field} needs answers of it, and these are of {spoken}."
    raise click.UsageError(msg)


def _chosen(case: "_Case", tell: Any) -> str:
    """Ask in which way an onset is to be stated; anything else has a rate."""
    if case.event.kind != "onset":
        return "rate"
    tell("An onset can be stated in two ways.")
    tell("  rate: as likely to come in one month as in another, so that it comes in the end")
    tell("  ever: the chance that it ever comes, and how soon it comes if it does")
    before = "rate" if case.event.ever is None else EVER
    return str(click.prompt("Which", default=before, type=click.Choice(["rate", EVER])))


def _beliefs(way: str, heard: "Answers") -> "Mapping[str, Wording]":
    from forecast.history._elicitation import belief_of  # noqa: PLC0415
    from forecast.history._ever import beliefs_of  # noqa: PLC0415

    if way == EVER:
        return beliefs_of(heard.ever, heard.pool)
    return {way: belief_of(heard.experts, heard.pool, heard.outside)}


@dataclass(frozen=True)
class _Case:
    """The number at hand: its event, and the class beside it if there is one."""

    event: Any
    shown: str
    counts: Any
    prior: Any
    start: date
    horizon: float
    """How far the network reaches, in years from its start."""

    def introduce(self, field: str, tell: Any) -> None:
        from forecast.network._as_stated import as_stated  # noqa: PLC0415

        now = self.event.off_rate if field == "off_rate" else as_stated(self.event)
        what = field if self.event.ever is None else EVER
        tell(f"{self.event.title or self.event.id} ({what}; now: {now})")
        for text in (self.event.resolution, self.event.notes):
            if text:
                tell(" ".join(text.split()))
        tell("All that links and calendar windows of the network add is to be left out here.")
        if self.counts is not None:
            tell(f"Reference class: {self.shown}")
        elif field == "rate" and self.event.reference_class:
            tell(f"Reference class: {self.event.reference_class}")

    def outside(self, within: str, answer: "Answer | None", tell: Any) -> None:
        from forecast.history._elicitation import outside_view  # noqa: PLC0415

        if self.counts is not None:
            for line in outside_view(self.counts, self.prior, within, answer):
                tell(line)


def _case(network: Path, name: str, field: str, shown: str) -> _Case:
    from forecast.files._network_file import read_network  # noqa: PLC0415
    from forecast.files._reference_class_file import CLASS_FOLDER, ClassShelf  # noqa: PLC0415
    from forecast.network._rate_belief import is_class, read_class  # noqa: PLC0415

    found = read_network(network)
    event = found.stated(name)
    _require_stated(network, name, event, field)
    horizon = years_between(found.start_instant, found.horizon_instant)
    # An event's class counts how often it turns on, and says nothing of how soon it turns off.
    beside = "" if field == "off_rate" else event.reference_class
    number = event.off_rate if field == "off_rate" else event.rate
    said = shown or (beside if is_class(beside) else str(number))
    if shown and not is_class(said):
        said = f"class {shown}"
    if not is_class(said):
        return _Case(event, "", None, None, found.start, horizon)
    shelf = ClassShelf(network.parent / CLASS_FOLDER)
    phrase = shelf.resolve(read_class(said), found.start)
    counts = shelf.chosen(phrase, found.start)
    prior = counts.prior(weight=phrase.weight, half_life=phrase.half_life, at=found.start.year)
    return _Case(event, said, counts, prior, found.start, horizon)


def _require_stated(network: Path, name: str, event: Any, field: str) -> None:
    """Refuse a node of an event, and an event that has no such number."""
    if name != event.id:
        problem = f"'{name}' follows from what is stated of '{event.id}'"
        raise InputError(Fault(problem, f"Name the event '{event.id}'.", file=str(network)))
    stated = {"rate": event.rate or event.ever, EVER: event.kind == "onset" or None}
    if stated.get(field, getattr(event, field)) is None:
        problem = f"the event '{name}' is of kind {event.kind} and has no {field}"
        raise InputError(Fault(problem, "Name an event that has one.", file=str(network)))


def _replay(case: _Case, given: "Answers", tell: Any) -> "Answers":
    for expert in given.experts:
        _discuss(case, expert, tell)
    for each in given.ever:
        tell("")
        tell(f"{each.name}, weight {each.weight:g}:")
        _feed_back_ever(case, each.answer, tell)
    return given


def _session(case: _Case, way: str, tell: Any) -> "Answers":
    """Ask until everybody has been heard."""
    from forecast.files._elicitation_files import Answers  # noqa: PLC0415
    from forecast.history._elicitation import Outside  # noqa: PLC0415

    if way == EVER:
        voices = [_interview_ever(case, 1, tell)]
        while click.confirm("Another expert?", default=False):
            voices.append(_interview_ever(case, len(voices) + 1, tell))
        return Answers(ever=tuple(voices), shown=case.shown, why=_reason())
    experts = [_interview(case, 1, tell)]
    while click.confirm("Another expert?", default=False):
        experts.append(_interview(case, len(experts) + 1, tell))
    outside = None
    if case.counts is not None:
        text = "Weight of the reference class in the pool, beside the experts' (0 for none)"
        weight = click.prompt(text, default=0.0, type=click.FloatRange(min=0))
        outside = Outside(case.shown.split(":")[0], weight) if weight else None
    return Answers(tuple(experts), outside=outside, shown=case.shown, why=_reason())


def _reason() -> str:
    return str(click.prompt("Why these numbers? (empty leaves the old reason)", default=""))


def _interview_ever(case: _Case, number: int, tell: Any) -> "EverExpert":
    from forecast.history._ever import EverExpert  # noqa: PLC0415

    name = click.prompt("Expert's name", default=f"expert_{number}")
    return EverExpert(name, _ask_ever(case, tell), _weight())


def _ask_ever(case: _Case, tell: Any) -> "EverAnswer":
    """Ask whether it ever comes and how soon, until the answer is kept; ends come first."""
    from forecast.history._ever import EverAnswer  # noqa: PLC0415

    while True:
        tell("The chance that it ever comes, however long one waits:")
        chances = _ends("Lowest", "Highest")
        tell("If it comes: the time by which half of such cases have come.")
        times = _ends("Shortest", "Longest")
        try:
            answer = EverAnswer(chances, times)
        except InputError as error:
            tell(str(error))
            continue
        _feed_back_ever(case, answer, tell)
        if click.confirm("Is this what you mean?", default=True):
            return answer


def _ends(least: str, most: str) -> tuple[str, str, str]:
    low = click.prompt(f"{least} that would not surprise you (1 in 20 lies below)")
    high = click.prompt(f"{most} that would not surprise you (1 in 20 lies above)")
    return low, click.prompt("As likely too high as too low"), high


def _feed_back_ever(case: _Case, answer: "EverAnswer", tell: Any) -> None:
    from forecast.history._ever import feedback, implied  # noqa: PLC0415
    from forecast.network._belief import ProbabilityBelief  # noqa: PLC0415
    from forecast.network._pace import Pace  # noqa: PLC0415

    for line in feedback(answer):
        tell(line)
    ever = ProbabilityBelief.parse(answer.beliefs["ever"]).prior()
    pace = Pace.parse(answer.beliefs["pace"]).prior(case.start)
    for line in implied(ever, pace, case.horizon):
        tell(line)
    case.outside("1 year", None, tell)


def _weight() -> float:
    asked = "Weight of this expert"
    return float(click.prompt(asked, default=1.0, type=click.FloatRange(0, min_open=True)))


def _interview(case: _Case, number: int, tell: Any) -> "Expert":
    from forecast.history._elicitation import Expert  # noqa: PLC0415

    name = click.prompt("Expert's name", default=f"expert_{number}")
    answers = [_ask(case, "6 months", tell)]
    while click.confirm("Another span, to check the first?", default=len(answers) == 1):
        answers.append(_ask(case, "2 years", tell))
    expert = Expert(name, tuple(answers), _weight())
    _clash(expert, tell)
    return expert


def _ask(case: _Case, span: str, tell: Any) -> "Answer":
    """Ask for one span until the answer is kept; the ends come first, so nothing anchors them."""
    from forecast.history._elicitation import Answer  # noqa: PLC0415

    while True:
        within = click.prompt("Within what span", default=span)
        low = click.prompt("Lowest probability that would not surprise you (1 in 20 lies below)")
        high = click.prompt("Highest probability that would not surprise you (1 in 20 lies above)")
        median = click.prompt("As likely too high as too low")
        try:
            answer = Answer(within, low, median, high)
        except InputError as error:
            tell(str(error))
            continue
        _feed_back(case, answer, tell)
        if click.confirm("Is this what you mean?", default=True):
            return answer


def _discuss(case: _Case, expert: "Expert", tell: Any) -> None:
    tell("")
    tell(f"{expert.name}, weight {expert.weight:g}:")
    for answer in expert.answers:
        tell(answer.belief)
        _feed_back(case, answer, tell)
    _clash(expert, tell)


def _feed_back(case: _Case, answer: "Answer", tell: Any) -> None:
    from forecast.history._elicitation import feedback  # noqa: PLC0415
    from forecast.history._ever import implied_by_rate  # noqa: PLC0415

    for line in (*feedback(answer), *implied_by_rate(answer.rates, case.horizon)):
        tell(line)
    case.outside(answer.within, answer, tell)


def _clash(expert: "Expert", tell: Any) -> None:
    from forecast.history._elicitation import clashes  # noqa: PLC0415

    for line in clashes(expert.answers):
        tell(f"Not one steady rate: {line}")


def _say(line: str) -> None:
    click.echo(visible(line))
