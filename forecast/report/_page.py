"""The page: the template filled, with its style and its script inside and nothing else let in."""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from forecast.decimals import same
from forecast.probability import percent, points, recalibration_words, span
from forecast.report import _words as words
from forecast.report._charts import curve_chart, last_of_each_day, outlook, past_chart, push
from forecast.report._content import EventPart, NetworkPart, PageContent, Range
from forecast.report._drawing import KINDS, network_drawing
from forecast.report._svg import Drawing
from forecast.time import day_words, parse_instant
from forecast.visible import visible

METHODS = {"importance": "importance sampling", "nuts": "NUTS", "paths": "the path sampler"}


def page(content: PageContent) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    content
        What it shows. Every text in it is taken as text, whatever it looks like.

    Notes
    -----
    The same content gives the same bytes. The page asks for nothing from anywhere: its
    Content-Security-Policy lets in its own style and its own script, by their SHA-256, and nothing
    else.
    """
    style, script = _own("style.css"), _own("script.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash(style)}'; "
        f"script-src 'sha256-{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )
    template = _environment().get_template("page.html")
    return template.render(
        content=content,
        style=Markup(style),  # noqa: S704  our own files
        script=Markup(script),  # noqa: S704
        policy=policy,
        kinds=KINDS,
        methods=METHODS,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        loader=FunctionLoader(_own),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": day_words,
        "instant": parse_instant,
        "percent": percent,
        "points": points,
        "span": span,
        "recalibration_words": recalibration_words,
        "odds": words.odds,
        "level": words.level,
        "teller": words.teller,
        "pushes": words.pushes,
        "changes": words.changes,
        "crowds": _crowds,
        "asked": _asked,
        "verdict": words.verdict_words,
        "scored": words.scored_words,
        "address": words.address,
        "change": words.change_words,
        "names": words.names,
        "figure_errors": words.error_words,
        "outlook": outlook,
        "curve": _curve,
        "past": _past,
        "drawing": _drawing,
        "rate": _rate,
        "rates": _rates,
        "by_day": last_of_each_day,
        "short": words.short,
    }
    environment.globals |= {
        "push": push,
        "bearing": words.bearing,
        "copies_words": words.copies_words,
    }
    return environment


def _shown(value: object) -> object:
    """Return what is put into the page, with what steers a reader written out."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, lines=True)
    return value


def _curve(event: EventPart, network: NetworkPart) -> Drawing:
    crowd = words.opinions(event.items, event.id)
    shown = words.curve_words(event, crowd)
    return curve_chart(network.as_of, event.curve, event.figures, shown, crowd)


def _asked(event: EventPart, network: NetworkPart) -> list[str]:
    """Return the wordings of the questions on an event, the next to close first."""
    wordings = (network.wordings.get((event.id, each.deadline)) for each in event.figures)
    return [wording for wording in wordings if wording]


def _crowds(event: EventPart) -> list[str]:
    ours = {figure.deadline: figure.probability for figure in event.figures}
    return words.crowd_lines(event.items, event.id, ours)


def _past(event: EventPart) -> Drawing:
    deadlines = [figure.deadline for figure in event.figures]
    history = last_of_each_day(event.history)
    return past_chart(history, deadlines, event.items, words.past_words(event))


def _drawing(network: NetworkPart) -> Drawing:
    return network_drawing(network.events, network.drawn, f"{network.name}-")


def _rate(value: float, rate: str) -> str:
    """Return one rate of a source: a probability, or so many a year."""
    return f"{value:.2g} a year" if _yearly(rate) else percent(value)


def _rates(span_: Range, rate: str) -> str:
    if _yearly(rate) and not same(span_.lower, span_.upper):
        return f"{span_.lower:.2g}–{span_.upper:.2g}"
    return span(span_.lower, span_.upper)


def _yearly(rate: str) -> bool:
    return rate == "report rate" or rate.startswith("count rate")


def _own(name: str) -> str:
    return (files("forecast.report") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
