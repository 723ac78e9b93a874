"""Polymarket: markets and events of its Gamma API, and price histories of its order book's API."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from forecast.errors import Fault
from forecast.files.platforms._entry import Entry, as_deadline, clean
from forecast.files.platforms._stated import Asked, Document, Found, dated

NAME = "polymarket"
TOKEN = ("market", "token_id", "asset_id")
YES_NO = ("yes", "no")


def read(documents: Sequence[Document], found: Found) -> None:
    """Read markets, events with their markets, and price histories."""
    histories: list[Entry] = []
    markets: list[tuple[Entry, Entry | None]] = []
    for each in documents:
        data = each.data
        if isinstance(data, dict) and "history" in data:
            histories.append(Entry(data, each.file, each.faults))
            continue
        for entry in each.objects("data", "markets"):
            if isinstance(entry.fields.get("markets"), list):  # an event
                markets += [(inner, entry) for inner in entry.entries("markets")]
            elif "history" in entry.fields:
                histories.append(entry)
            else:
                markets.append((entry, None))
    tokens: dict[str, tuple[str, bool]] = {}
    traded = {entry.text(*TOKEN) for entry in histories}
    alone = bool(histories) and len(markets) == 1
    for entry, event in markets:
        _market(entry, event, found, tokens, traded, alone=alone)
    for entry in histories:
        _history(entry, found, tokens, [entry for entry, _ in markets])


def _market(
    entry: Entry,
    event: Entry | None,
    found: Found,
    tokens: dict[str, tuple[str, bool]],
    traded: set[str],
    *,
    alone: bool,
) -> None:
    own = entry.text("id") or entry.needed("conditionId")
    names = [clean(each) for each in entry.listed("outcomes")]
    ids = [clean(each) for each in entry.listed("clobTokenIds")]
    if len(names) != 2:  # noqa: PLR2004
        found.set_aside(entry, "a market that has not two outcomes")
        return
    plain = tuple(name.lower() for name in names) == YES_NO
    keys = [own] if plain else [f"{own}/{name}" for name in names]
    for position, token in enumerate(ids[:2]):
        tokens[token] = (keys[0], position == 0) if plain else (keys[position], True)
    prices = _prices(entry)
    slug = entry.text("slug") if event is None else event.text("slug")
    outcome, known = _outcome(found, entry, prices)
    for position, key in enumerate(keys):
        share = None if outcome is None else (outcome if position == 0 else 1 - outcome)
        result: Any = {0.0: "no", 1.0: "yes"}.get(share, share) if share is not None else None
        result, day = dated(found, result, known)
        found.ask(
            Asked(
                key=key,
                platform=NAME,
                title=entry.text("question"),
                url=f"https://polymarket.com/event/{slug}" if slug else "",
                criteria=entry.text("description"),
                opened=entry.moment("startDate", "createdAt"),
                deadline=as_deadline(entry.moment("endDate", "endDateIso", "end_date_iso")),
                outcome=result,
                resolved=day,
                group="" if plain else own,
                option="" if plain else names[position],
                kind="onset" if plain else "decision",
                place=entry.place,
            ),
            entry,
        )
        entry.read |= set(entry.fields)  # told once, with the first of them
        told = bool(traded & set(ids)) or alone
        if outcome is None and not entry.flag("closed") and prices and not told:
            found.price(key, NAME, entry.instant("updatedAt"), prices[position])


def _prices(entry: Entry) -> list[float]:
    """Return the prices of both outcomes; none where they are not stated."""
    listed = entry.listed("outcomePrices")
    found = []
    for position, value in enumerate(listed[:2]):
        name = f"outcomePrices[{position}]"
        one = Entry({name: value}, entry.file, entry.faults, entry.path, entry.line)
        price = one.share(name)
        if price is not None:
            found.append(price)
    return found if len(found) == 2 else []  # noqa: PLR2004


def _outcome(
    found: Found, entry: Entry, prices: list[float]
) -> tuple[float | None, datetime | None]:
    """Return what the first outcome paid, and when that was known; None while it is open."""
    known = entry.instant("closedTime", "umaEndDate")
    status = entry.text("umaResolutionStatus")
    if not entry.flag("closed") or not prices:
        return None, None
    final = status == "resolved" or (not status and sorted(prices) == [0.0, 1.0])
    if not final:
        found.tell("markets are closed and not yet resolved; these questions stay open")
        return None, None
    return prices[0], known


def _history(
    entry: Entry, found: Found, tokens: dict[str, tuple[str, bool]], markets: list[Entry]
) -> None:
    token = entry.text(*TOKEN)
    if token and token in tokens:
        key, yes = tokens[token]
    elif not token and len(markets) == 1:
        own = markets[0].text("id") or markets[0].text("conditionId")
        names = [clean(each) for each in markets[0].listed("outcomes")]
        plain = tuple(name.lower() for name in names) == YES_NO
        key, yes = (own if plain else f"{own}/{names[0]}" if names else own), True
    else:
        problem = "does not say which market the prices are of"
        remedy = (
            "Give the history of its first outcome together with the file of its one market, or "
            'write "market": "TOKEN" beside "history", with an id from its clobTokenIds.'
        )
        entry.faults.add(Fault(problem, remedy, entry.file, field=entry.at("market"), value=token))
        return
    for point in entry.entries("history"):
        price = point.share("p")
        chance = price if yes or price is None else 1 - price
        found.price(key, NAME, point.instant("t"), chance)
