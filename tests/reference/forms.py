"""Random networks of events that are stated in all forms: ever, confirmed, decided, repeated."""

from datetime import timedelta
from typing import Any

import numpy as np

from forecast.network import Event, Link, Network
from tests.reference.numbers import HORIZON, START, Numbers, Size, sources
from tests.reference.parts import Named, named, parts_of

__all__ = ["formed_network"]

MOST_STATES = 600  # joint states of a network: what the oracle takes a second for
LAG, PACE = (15, 90), (20, 200)  # days within which half of it has come, at the least and most
FORMS = {
    "onset": 0.1,
    "ever": 0.14,
    "confirmed": 0.14,
    "day": 0.2,
    "upon": 0.12,
    "repeated": 0.16,
    "state": 0.07,
    "fact": 0.07,
}


def formed_network(rng: np.random.Generator, numbers: Numbers, size: Size) -> tuple[Network, int]:
    """Draw a network of events in all forms, and how many names it has."""
    while True:
        numbers.values.clear()
        events = list[Event]()
        for k in range(int(rng.integers(2, 5))):
            before = [one for event in events for one in named(event)]
            events.append(_event(rng, numbers, f"e{k}", before))
        links = _links(rng, numbers, events)
        shape = [part.size for event in events for part in parts_of(event)]
        shape += [link.stages + 1 for link in links if link.delay is not None]
        tied = sum(len(list(named(event))) for event in events)
        plain = all(event.kind in ("onset", "state", "fact") for event in events)
        if tied <= size.tied and np.prod(shape) <= MOST_STATES and not plain:
            break
    network = Network(
        name="random",
        start=START,
        horizon=HORIZON,
        events=events,
        links=links,
        **sources(numbers),
    )
    return network, tied


def _event(rng: np.random.Generator, numbers: Numbers, label: str, before: list[Named]) -> Event:
    forms = dict(FORMS)
    if not before:
        del forms["upon"]
    shares = np.array(list(forms.values()))
    form = str(rng.choice(list(forms), p=shares / shares.sum()))
    if form in ("day", "upon"):
        day = START + timedelta(days=int(rng.integers(10, 330)))
        outcomes = numbers.outcomes(label, int(rng.integers(2, 4)))
        on = str(day) if form == "day" else str(rng.choice([one.name for one in before]))
        return Event(id=label, kind="decision", on=on, outcomes=outcomes)
    fields: dict[str, Any] = {"id": label, "kind": "onset", "public": bool(rng.random() < 0.3)}
    if form == "fact" or (form == "state" and rng.random() < 0.5):
        fields["initially"] = numbers.share("initial_probability", label, 0.1, 0.9)
    if form in ("onset", "state"):
        fields |= {"kind": form}
    elif form == "fact":
        fields |= {"kind": form, "public": False}
    elif form == "ever":
        fields["ever"] = numbers.share("initial_probability", f"{label}.ever", 0.1, 0.9)
        fields["pace"] = f"half of it within {numbers.half_time('base_rate', label, *PACE)}"
    elif form == "repeated":
        fields |= {"kind": form, "up_to": int(rng.integers(2, 4))}
        if rng.random() < 0.5:
            fields["rate_after"] = numbers.rate("base_rate", f"{label}.2")
        fields["initially"] = bool(rng.random() < 0.1)
    lagged = {"confirmed": 1.0, "ever": 0.2, "fact": 0.5, "repeated": 0.5}.get(form, 0.0)
    if rng.random() < lagged:
        fields["known"] = f"within {numbers.half_time('base_rate', f'{label}.confirmed', *LAG)}"
        fields["public"] = False
    if form not in ("fact", "ever"):
        fields["rate"] = numbers.rate("base_rate", label)
    if form == "state":
        fields["off_rate"] = numbers.rate("off_rate", label)
    if form not in ("fact", "state") and rng.random() < 0.15:
        begins = START + timedelta(days=int(rng.integers(5, 200)))
        fields["windows"] = [{"start": begins, "end": begins + timedelta(days=60), "weight": 2.0}]
        fields["outside_windows"] = 0.3
    return Event(**fields)


def _links(rng: np.random.Generator, numbers: Numbers, events: list[Event]) -> list[Link]:
    names = [(k, one) for k, event in enumerate(events) for one in named(event)]
    found: dict[tuple[str, str], Link] = {}
    for _ in range(int(rng.integers(1, 2 * len(events) + 2))):
        (i, parent), (j, child) = (names[int(k)] for k in rng.integers(len(names), size=2))
        stated = events[j]
        whole = stated.kind in ("decision", "repeated") and rng.random() < 0.4
        name = stated.id if whole and not child.name.endswith("confirmed") else child.name
        if i == j or child.kind == "fact" or (parent.name, name) in found:
            continue
        link = _link(rng, numbers, parent, name, stated, earlier=i < j)
        found[parent.name, name] = link
    return list(found.values())


def _link(
    rng: np.random.Generator,
    numbers: Numbers,
    parent: Named,
    child: str,
    stated: Event,
    *,
    earlier: bool,
) -> Link:
    decided = stated.kind == "decision"
    shares = {"causes": 0.3, "multiplies": 0.4, "requires": 0.15, "prevents": 0.15}
    if decided:
        del shares["causes"]
        if child == stated.id:
            del shares["multiplies"]
    chances = np.array(list(shares.values()))
    kind = str(rng.choice(list(shares), p=chances / chances.sum()))
    if kind == "requires" and not earlier:
        kind = "prevents"  # a ring of requirements is refused
    label = f"{parent.name}__{kind}__{child}".replace(".", "_")
    fields: dict[str, Any] = {"parent": parent.name, "child": child, "kind": kind}
    if kind == "causes":
        fields["extra_rate"] = numbers.rate("extra_rate", label)
    elif kind == "multiplies":
        strength = "odds_ratio" if decided else "hazard_ratio"
        fields[strength] = numbers.ratio(strength, label, 0.2, 5)
    if rng.random() < 0.2:
        fields |= {"delay": numbers.delay(label), "stages": int(rng.integers(1, 3))}
    return Link(**fields)
