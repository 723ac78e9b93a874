"""Manifold: markets and bets of its API."""

from collections.abc import Sequence
from typing import Any

from forecast.files.platforms._entry import Entry, as_deadline
from forecast.files.platforms._stated import Asked, Document, Found, answer, dated

NAME = "manifold"
BET = ("contractId", "probAfter")
LEAK = "the close time of a market that resolved early is that of its resolution, no deadline"


def read(documents: Sequence[Document], found: Found) -> None:
    """Read markets, alone or in lists, and lists of bets."""
    entries = [
        entry for each in documents for entry in each.objects("markets", "contracts", "bets")
    ]
    bets = [entry for entry in entries if entry.has(*BET)]
    traded = {bet.text("contractId") for bet in bets}
    for entry in entries:
        if not entry.has(*BET):
            _market(entry, found, traded)
    for bet in bets:
        if bet.flag("isCancelled"):
            continue
        market, option = bet.needed("contractId"), bet.text("answerId")
        at = bet.instant("createdTime", unit="ms")
        found.price(f"{market}/{option}" if option else market, NAME, at, bet.share("probAfter"))


def _market(entry: Entry, found: Found, traded: set[str]) -> None:
    own, kind = entry.needed("id"), entry.text("outcomeType") or "BINARY"
    resolved = entry.instant("resolutionTime", unit="ms") if entry.flag("isResolved") else None
    closes = entry.instant("closeTime", unit="ms")
    if resolved is not None and closes is not None and closes >= resolved:
        found.tell(LEAK)
        closes = None
    same: dict[str, Any] = {
        "platform": NAME,
        "url": entry.text("url"),
        "criteria": entry.text("textDescription"),
        "opened": entry.moment("createdTime", unit="ms"),
        "deadline": as_deadline(closes),
        "place": entry.place,
    }
    title = entry.text("question")
    said = entry.text("resolution") if entry.flag("isResolved") else ""
    if kind == "BINARY":
        outcome, known = _outcome(found, entry, said, resolved)
        asked = Asked(key=own, title=title, outcome=outcome, resolved=known, **same)
        chance = entry.share("probability")
        at = entry.instant("lastBetTime", "lastUpdatedTime", unit="ms")
        found.ask(asked, entry)
        if not said and own not in traded and chance is not None:
            found.price(own, NAME, at, chance)
    elif kind == "MULTIPLE_CHOICE" and entry.raw("answers") is not None:
        _answers(entry, found, own, said, resolved, {**same, "title": title}, traded)
    else:
        found.set_aside(entry, f"a market of type '{kind}' has no probability of yes")


def _outcome(found: Found, entry: Entry, said: str, known: Any) -> tuple[Any, Any]:
    if said == "MKT":
        return dated(found, entry.share("resolutionProbability"), known)
    return answer(found, entry, said, known)


def _answers(  # noqa: PLR0917  # one call
    entry: Entry,
    found: Found,
    own: str,
    said: str,
    known: Any,
    same: dict[str, Any],
    traded: set[str],
) -> None:
    """Take each answer as a question of its own: of one decision where exactly one can be right."""
    flag = entry.raw("shouldAnswersSumToOne")
    exclusive = flag is None or entry.flag("shouldAnswersSumToOne")
    answers = entry.entries("answers")
    ids = {each.text("id") for each in answers}
    shares = entry.entry("resolutions")
    if exclusive and said and said not in ids and said not in {"CANCEL", "MKT", "CHOOSE_MULTIPLE"}:
        found.tell("resolutions name none of the options; these questions stay open")
    for each in answers:
        key = f"{own}/{each.needed('id')}"
        option = each.text("text")
        outcome: Any = None
        when = each.instant("resolutionTime", unit="ms") or known
        if said == "CANCEL":
            outcome = "annulled"
        elif not exclusive:
            outcome, when = _outcome(found, each, each.text("resolution"), when)
        elif said in ids:
            outcome = "yes" if each.text("id") == said else "no"
        elif said and shares is not None:
            share = shares.number(each.text("id")) or 0.0
            outcome = each.checked_share("resolutions", share / 100)  # stated in per cent
        result, day = dated(found, outcome, when if outcome is not None else None)
        named = {**same, "title": f"{same['title']} ({option})"} if not exclusive else same
        asked = Asked(
            key=key,
            outcome=result,
            resolved=day,
            group=own if exclusive else "",
            option=option,
            kind="decision" if exclusive else "onset",
            **named,
        )
        chance = each.share("probability")
        at = entry.instant("lastBetTime", "lastUpdatedTime", unit="ms")
        found.ask(asked, entry)
        entry.read |= set(entry.fields)  # told once, with the first of them
        if not said and own not in traded and chance is not None:
            found.price(key, NAME, at, chance)
