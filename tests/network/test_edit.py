"""Networks changed and combined: what comes out is what a file that says so would give."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecast as fc
from forecast.errors import InputError
from tests.estimate.every_kind import network_of_every_kind

SAID = """\
name: forms
start: 2024-01-01
horizon: 2024-12-31
events:
  troops: {kind: onset, rate: "20% [10%, 35%] within 1 year", known: "within 2 weeks [3 days, 2 months]"}
  law: {kind: onset, ever: "60% [40%, 80%]", pace: "half of it within 4 months [2, 9]"}
  vote: {kind: decision, on: 2024-11-05, outcomes: {left: 40%, right: the rest}}
  strike: {kind: repeated, rate: "once in 1 year [0.5, 2]", rate_after: "once in 2 years [1, 4]", up_to: 3}
  deal: {kind: fact, initially: "30% [10%, 60%]"}
links:
  - {parent: troops, child: law, kind: multiplies, hazard_ratio: "x2 [1, 4]", delay: "1 month [0.5 months, 2 months]"}
types:
  wire: {hit_rate: 80%, false_alarm_rate: 10%}
sources:
  afp: {type: wire}
"""  # noqa: E501


def forms(folder: Path, text: str = SAID) -> fc.Network:
    path = folder / "forms.yaml"
    path.write_text(text)
    return fc.read_network(path)


@given(seed=st.integers(0, 10_000), size=st.integers(2, 7))
def test_a_random_network_that_is_written_reads_back_equal(
    seed: int, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    network = network_of_every_kind(np.random.default_rng(seed), size)
    path = tmp_path_factory.getbasetemp() / "random.yaml"
    fc.write_network(network, path)
    assert fc.read_network(path) == network
    assert (
        network.edited(
            event={event.id: {} for event in network.events},
            link={link.id: {} for link in network.links},
        )
        == network
    )
    assert fc.combine(network, network, name=network.name) == network


def test_every_form_of_event_is_written_edited_and_combined(tmp_path: Path) -> None:
    network = forms(tmp_path)
    fc.write_network(network, tmp_path / "again.yaml")
    assert fc.read_network(tmp_path / "again.yaml") == network
    assert network.edited(event={event.id: {} for event in network.events}) == network
    other = network.edited(
        name="other", event={"law": None}, link={"troops__multiplies__law": None}
    )
    other = other.edited(event={"rain": {"kind": "fact", "initially": "30% [10%, 50%]"}})
    both = fc.combine(network, other)
    assert [event.id for event in both.events] == [*(e.id for e in network.events), "rain"]
    fc.write_network(both, tmp_path / "both.yaml")
    assert fc.read_network(tmp_path / "both.yaml") == both


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("20% [10%, 35%]", "30% [10%, 50%]",
         {"event": {"troops": {"rate": "30% [10%, 50%] within 1 year"}}}),
        (', known: "within 2 weeks [3 days, 2 months]"', "",
         {"event": {"troops": {"known": None}}}),
        ("  afp: {type: wire}\n", "  afp: {type: wire}\n  tass: {type: wire, title: TASS}\n",
         {"source": {"tass": {"type": "wire", "title": "TASS"}}}),
        ("{left: 40%, right: the rest}", "{left: 30%, right: 70%}",
         {"event": {"vote": {"outcomes": {"left": "30%", "right": "70%"}}}}),
        ("horizon: 2024-12-31", "horizon: 2025-06-30", {"horizon": "2025-06-30"}),
    ],
)  # fmt: skip
def test_a_change_is_what_a_file_that_says_so_gives(
    tmp_path: Path, old: str, new: str, changes: dict[str, object]
) -> None:
    network = forms(tmp_path)
    assert SAID.count(old) == 1
    assert network.edited(**changes) == forms(tmp_path, SAID.replace(old, new))  # type: ignore[arg-type]


def test_the_changed_network_answers_as_one_that_was_read(tmp_path: Path) -> None:
    network = forms(tmp_path)
    fc.prior(network, draws=64).probability("law", by="2024-12-31")  # its nodes are worked out
    changed = network.edited(
        event={
            "law": {"ever": "90% [80%, 95%]"},
            "late": {"kind": "onset", "rate": "once in 3 years"},
        },
        link={"troops__multiplies__law": None},
    )
    said = SAID.replace('"60% [40%, 80%]"', '"90% [80%, 95%]"')
    said = said.replace("links:", '  late: {kind: onset, rate: "once in 3 years"}\nlinks:')
    start = said.index("links:")
    read = forms(tmp_path, said[:start] + said[said.index("types:") :])
    assert changed == read
    for event in ("law", "late"):
        one, other = (
            fc.prior(n, draws=64).probability(event, by="2024-12-31") for n in (changed, read)
        )
        assert one.mean == other.mean


def test_all_that_is_wrong_with_changes_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="oops") as raised:
        forms(tmp_path).edited(
            event={"nope": None, "law": {"oops": 1}, "deal": {"id": "other"}},
            source={"afp": 3},  # type: ignore[dict-item]
        )
    assert [fault.field for fault in raised.value.faults] == [
        "events.nope", "events.law.oops", "events.deal.id", "sources.afp",
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"there is no such event \(got 'law'\)"):
        forms(tmp_path).edited(event={"law": None})


def test_what_two_networks_state_otherwise_is_named(tmp_path: Path) -> None:
    one = forms(tmp_path)
    other = one.edited(
        name="other",
        event={"law": {"ever": "90% [80%, 95%]", "title": "The law"}},
        source={"afp": {"title": "AFP"}},
    )
    with pytest.raises(InputError, match="otherwise: title, ever") as raised:
        fc.combine(one, other)
    assert [fault.field for fault in raised.value.faults] == ["events.law", "sources.afp"]
    with pytest.raises(InputError, match="start on different days, 2024-01-01 and 2023-12-01"):
        fc.combine(one, one.edited(start="2023-12-01"))


def test_a_combined_network_runs_to_the_later_horizon(tmp_path: Path) -> None:
    one = forms(tmp_path)
    rain = fc.Event(id="rain", kind="fact", initially="30%")
    other = fc.Network(
        name="rain", start=one.start, horizon="2026-12-31", title="Rain", events=[rain]
    )
    both = fc.combine(one, other)
    assert (both.name, both.title, both.horizon) == ("forms_rain", "Rain", other.horizon)
    assert both.events == (*one.events, *other.events)


def test_a_change_of_a_misspelt_event_offers_the_one_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such event to change.*Did you mean 'strike'\?"):
        forms(tmp_path).edited(event={"strik": {"title": "Other"}})


def test_changes_by_id_under_the_name_of_the_whole_list_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"events: changes by id .* Write event=\."):
        forms(tmp_path).edited(events={"law": {"title": "Other"}})


def test_what_is_no_network_cannot_be_combined(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no network"):
        fc.combine(forms(tmp_path), "other")  # type: ignore[arg-type]
