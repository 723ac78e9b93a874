"""``forecast elicit``: a guided session for one number."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecast.cli.options import json_option
from forecast.cli.text import print_json, sanitize, tell_on_stderr
from forecast.errors import Fault, InputError

if TYPE_CHECKING:
    from forecast.files._elicitation_files import Answers
    from forecast.history._elicitation import Answer, Expert


@click.command("elicit")
@click.argument("network", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("event")
@click.option(
    "--field",
    type=click.Choice(["rate", "off_rate"]),
    default="rate",
    help="Which number of the event. By default its rate.",
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
@json_option
def command(
    network: Path,
    event: str,
    field: str,
    shown: str,
    answers: Path | None,
    write: bool,
    as_json: bool,
) -> None:
    """Elicit one number: ask, feed back, check, pool, and write it down.

    Asks one expert or several for probabilities within a span, tells what each answer amounts to,
    shows the reference class beside it, and holds answers for several spans against each other.
    EVENT is an event of the file NETWORK.
    """
    # Imported here, so that --help answers at once.
    from forecast.files._elicitation_files import (  # noqa: PLC0415
        field_lines,
        read_answers,
        write_belief,
    )
    from forecast.history._elicitation import belief_of  # noqa: PLC0415

    if as_json and answers is None:
        msg = "--json asks nothing, so it needs --answers FILE."
        raise click.UsageError(msg)
    given = None if answers is None else read_answers(answers)
    case = _case(network, event, field, shown or (given.shown if given else ""))
    tell = tell_on_stderr if as_json else _say
    case.introduce(field, tell)
    heard = _session(case, tell) if given is None else _replay(case, given, tell)
    said = belief_of(heard.experts, heard.pool, heard.outside)
    tell("")
    tell("The network file is to say:")
    for line in field_lines(field, said, 2):
        tell(line)
    keep = write or (given is None and click.confirm(f"Write it into {network}?"))
    if keep:
        write_belief(network, event, field, said, why=heard.why)
        tell(f"Written to {network}, event {event}.")
    if as_json:
        document = {"event": event, "field": field, "belief": said, "written": keep}
        print_json(document, ascii_only=False)


@dataclass(frozen=True)
class _Case:
    """The number at hand: its event, and the class beside it if there is one."""

    event: Any
    shown: str
    counts: Any
    prior: Any

    def introduce(self, field: str, tell: Any) -> None:
        tell(f"{self.event.title or self.event.id} ({field}; now: {getattr(self.event, field)})")
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
    event = found.event(name)
    if getattr(event, field) is None:
        problem = f"the event '{name}' is of kind {event.kind} and has no {field}"
        raise InputError(Fault(problem, "Name an event that has one.", file=str(network)))
    # An event's class counts how often it turns on, and says nothing of how soon it turns off.
    beside = event.reference_class if field == "rate" else ""
    said = shown or (beside if is_class(beside) else str(getattr(event, field)))
    if shown and not is_class(said):
        said = f"class {shown}"
    if not is_class(said):
        return _Case(event, "", None, None)
    shelf = ClassShelf(network.parent / CLASS_FOLDER)
    phrase = shelf.resolve(read_class(said), found.start)
    counts = shelf.chosen(phrase, found.start)
    prior = counts.prior(weight=phrase.weight, half_life=phrase.half_life, at=found.start.year)
    return _Case(event, said, counts, prior)


def _replay(case: _Case, given: "Answers", tell: Any) -> "Answers":
    for expert in given.experts:
        _discuss(case, expert, tell)
    return given


def _session(case: _Case, tell: Any) -> "Answers":
    """Ask until everybody has been heard."""
    from forecast.files._elicitation_files import Answers  # noqa: PLC0415
    from forecast.history._elicitation import Outside  # noqa: PLC0415

    experts = [_interview(case, 1, tell)]
    while click.confirm("Another expert?", default=False):
        experts.append(_interview(case, len(experts) + 1, tell))
    outside = None
    if case.counts is not None:
        text = "Weight of the reference class in the pool, beside the experts' (0 for none)"
        weight = click.prompt(text, default=0.0, type=click.FloatRange(min=0))
        outside = Outside(case.shown.split(":")[0], weight) if weight else None
    why = click.prompt("Why these numbers? (empty leaves the old reason)", default="")
    return Answers(tuple(experts), outside=outside, shown=case.shown, why=why)


def _interview(case: _Case, number: int, tell: Any) -> "Expert":
    from forecast.history._elicitation import Expert  # noqa: PLC0415

    name = click.prompt("Expert's name", default=f"expert_{number}")
    answers = [_ask(case, "6 months", tell)]
    while click.confirm("Another span, to check the first?", default=len(answers) == 1):
        answers.append(_ask(case, "2 years", tell))
    weight = click.prompt(
        "Weight of this expert", default=1.0, type=click.FloatRange(0, min_open=True)
    )
    expert = Expert(name, tuple(answers), weight)
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

    for line in feedback(answer):
        tell(line)
    case.outside(answer.within, answer, tell)


def _clash(expert: "Expert", tell: Any) -> None:
    from forecast.history._elicitation import clashes  # noqa: PLC0415

    for line in clashes(expert.answers):
        tell(f"Not one steady rate: {line}")


def _say(line: str) -> None:
    click.echo(sanitize(line))
