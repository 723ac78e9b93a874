"""Which events are proposed, and why."""

from forecast.inbox._events import Events
from tests.inbox.drafts import NAMES, NOON, network, read


def ranked(events: Events, title: str, text: str = "") -> list[str]:
    return [guess.value for guess in events.guess(read(title, text))]


def test_events_are_ranked_by_the_words_that_they_share() -> None:
    events = Events([network()], NAMES)
    assert ranked(events, "Warships close the strait of Ormen to freighters")[:1] == ["blockade"]
    assert ranked(events, "Both sides sign a ceasefire in Karsk")[:1] == ["ceasefire"]


def test_the_reason_names_the_words_as_the_draft_writes_them() -> None:
    (guess, *_) = Events([network()], NAMES).guess(read("Ceasefires were signed in Karsk"))
    assert "Karsk" in guess.reason
    assert "Ceasefires" in guess.reason
    assert "its title" in guess.reason


def test_what_shares_one_word_or_none_proposes_nothing() -> None:
    events = Events([network()], NAMES)
    assert ranked(events, "Football: a late goal in Karsk") == []
    assert ranked(events, "Ten tips for better sleep") == []
    assert ranked(events, "") == []


def test_what_was_filed_on_an_event_teaches_its_words() -> None:
    said = "Tankers turn round off Port Ulla as patrols bar the channel"
    plain = Events([network()], NAMES)
    taught = Events(
        [network()], NAMES, [(read("Patrols bar the channel off Port Ulla"), ["blockade"])]
    )
    assert ranked(plain, said) == []
    assert ranked(taught, said) == ["blockade"]


def test_what_is_like_skipped_drafts_scores_less() -> None:
    said = "Ferry race: the strait of Ormen cheers its rowers"
    plain = Events([network()], NAMES)
    taught = Events(
        [network()], NAMES, skipped=[read("Ferry race: Ormen cheers its rowers in the strait")]
    )
    before, after = (events.guess(read(said)) for events in (plain, taught))
    assert before[0].value == "blockade"
    assert not after or after[0].score < before[0].score


def test_an_event_that_was_observed_scores_less_from_then_on() -> None:
    said = "Warships close the strait of Ormen"
    plain, settled = (
        Events([network()], NAMES),
        Events([network()], NAMES, settled={"blockade": NOON}),
    )
    assert settled.guess(read(said))[0].score < plain.guess(read(said))[0].score
    assert "on file as observed" in settled.guess(read(said))[0].reason
    earlier = read(said, at=NOON.replace(month=9))
    assert settled.guess(earlier) == plain.guess(earlier)


def test_an_event_whose_place_is_not_named_scores_less() -> None:
    events = Events([network()], NAMES)
    there = events.guess(read("Both sides sign a ceasefire in Karsk"))[0]
    elsewhere = [
        g
        for g in events.guess(read("Both sides sign a ceasefire in Ulla"))
        if g.value == "ceasefire"
    ]
    assert not elsewhere or elsewhere[0].score < 0.8 * there.score
