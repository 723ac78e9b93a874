"""A screen a draft: what it shows, what keys do, and that no text of a stranger acts."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

import forecast.workspace._waiting as waiting_module
from forecast.cli.inbox_review import ACTIONS, Review
from forecast.cli.main import cli
from forecast.errors import ForecastError
from forecast.evidence import Item, Report
from forecast.files._evidence_file import read_evidence
from forecast.inbox._draft import Draft
from forecast.inbox._proposal import Guess, Kin, Proposal
from forecast.workspace._choices import Skip
from forecast.workspace._filed import inbox_of
from forecast.workspace._filing import decide
from forecast.workspace._waiting import pile
from tests.cli.terminal import in_terminal
from tests.workspace.inboxes import a_draft, with_drafts

MOVE = a_draft(
    "Troops are on the move [red]now[/red]",
    "They were seen \x1b[2J on Thursday. " * 40,
    "https://example.org/move",
)
AGAIN = a_draft("Troops move, says agency", url="https://example.net/again")
BARE = a_draft("Nobody knows", published=None)
PROPOSALS = {
    MOVE.id: Proposal(
        MOVE.id,
        sources=(Guess("gazette", 0.9, "its outlet is The Gazette"),),
        events=(Guess("troops", 0.8, "it says 'troops'"), Guess("pact", 0.2, "it says 'seen'")),
        claims=(Guess("on", 0.7, "nothing denies it"),),
        days=(Guess("2024-06-19", 0.6, "it says 'on Thursday'"),),
    ),
    AGAIN.id: Proposal(
        AGAIN.id,
        sources=(Guess("gazette", 0.4, "the only one"),),
        events=(Guess("troops", 0.8, "it says 'troops'"),),
        claims=(Guess("on", 0.7, "nothing denies it"),),
        kin=(
            Kin(MOVE.id, "derived_from", 0.9, "nearly the same words"),
            Kin("e1", "duplicate", 0.5, "the same words", on_file=True),
        ),
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def proposed(drafts: Sequence[Draft], *_: object, **__: object) -> list[Proposal]:
        return [PROPOSALS.get(draft.id, Proposal(draft.id)) for draft in drafts]

    monkeypatch.setattr(waiting_module, "propose", proposed)
    return with_drafts(tmp_path / "workspace", MOVE, AGAIN, BARE)


@dataclass
class Sitting:
    """A review that follows scripted keys and answers, and what its screens showed."""

    folder: Path
    width: int = 80
    height: int = 24

    def __call__(self, keys: Sequence[str], *answers: str) -> "Sitting":
        out = io.StringIO()
        console = Console(
            file=out, width=self.width, height=self.height, force_terminal=True, highlight=False
        )
        told: Iterator[str] = iter(answers)
        pressed = iter(keys)

        def ask(_: str, present: str) -> str:
            said = next(told)
            if said == "^C":
                raise click.Abort
            return said or present

        def key() -> str:
            try:
                return next(pressed)
            except StopIteration:
                raise EOFError from None

        self.review = Review(self.folder, "ann", pile(self.folder), console, key, ask)
        self.review.run()
        assert next(told, None) is None
        self.screens = out.getvalue().split("\x1b[2J\x1b[H")[1:]  # one for each clearing
        return self

    @property
    def last(self) -> str:
        return plain(self.screens[-1])


def plain(screen: str) -> str:
    return click.unstyle(screen)


@pytest.fixture
def sit(folder: Path) -> Sitting:
    return Sitting(folder)


def items(folder: Path) -> list[Item]:
    file = folder / "evidence" / "inbox.csv"
    return list(read_evidence(file)) if file.exists() else []


def reports(folder: Path) -> list[Report]:
    return [item for item in items(folder) if isinstance(item, Report)]


def outcomes(folder: Path) -> list[str]:
    return [each.outcome for each in inbox_of(folder).decisions()]


def test_a_screen_shows_the_draft_the_item_and_the_reasons(sit: Sitting) -> None:
    shown = sit("q").last
    for words in (
        f"1 of 3  {MOVE.id}",
        "Troops are on the move [red]now[/red]",
        "The Gazette · 20 June 2024, 09:30 UTC",
        "https://example.org/move",
        "They were seen",
        "published    2024-06-20T09:30:00Z",
        "event        troops  — Troops deploy  — it says 'troops'",
        "source       gazette  — The Gazette  — its outlet is The Gazette",
        "claim        on  — nothing denies it",
        "speaks_of    2024-06-19  — it says 'on Thursday'",
        ">1 troops  0.80 it says 'troops'",
        " 2 pact  0.20 it says 'seen'",
    ):
        assert words in shown


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (40, 16), (80, 10)])
def test_a_screen_fits(folder: Path, width: int, height: int) -> None:
    sitting = Sitting(folder, width, height)(["n", "a", "n", "q"])
    for screen in sitting.screens:
        lines = plain(screen).splitlines()
        assert len(lines) <= height - 1
        assert max(map(len, lines)) <= width


def test_no_escape_of_a_stranger_reaches_the_terminal(sit: Sitting) -> None:
    assert all("\x1b[2J" not in screen for screen in sit("nnq").screens)


def test_accept_puts_the_draft_on_file_as_shown(sit: Sitting, folder: Path) -> None:
    shown = sit("a").last
    (item,) = reports(folder)
    assert (item.event, item.source, item.claim, str(item.speaks_of)) == (
        "troops", "gazette", "on", "2024-06-19",
    )  # fmt: skip
    assert item.citation == "https://example.org/move"
    assert item.proposed == "event=troops; source=gazette; claim=on; speaks_of=2024-06-19"
    assert item.accepted_by == "ann"
    assert f"Accepted as {item.id}. u takes it back." in shown
    assert "2 of 3, 1 decided" in shown


def test_what_a_person_changed_is_not_what_was_proposed(sit: Sitting, folder: Path) -> None:
    sit("2oaa")  # pact is known at once: the second a confirms the warning
    (item,) = reports(folder)
    assert (item.event, item.claim) == ("pact", "off")
    assert "event=troops" in item.proposed


def test_a_warning_is_shown_before_anything_is_written(sit: Sitting, folder: Path) -> None:
    shown = " ".join(sit("2a").last.split())
    assert "warning:" in shown
    assert "moves no forecast of event 'pact'" in shown
    assert items(folder) == []


def test_what_is_missing_is_told_and_nothing_is_written(sit: Sitting, folder: Path) -> None:
    shown = sit("nna").last
    assert "event        ?  to be filled in: 1-9" in shown
    assert "published: the draft does not say on which day it was published." in shown
    assert items(folder) == []


def test_keys_fill_in_what_is_missing(sit: Sitting, folder: Path) -> None:
    sit(["n", "n", "2", "w", "o", "f", "a"], "published=2024-06-21")
    (item,) = reports(folder)
    assert (item.event, item.source, item.claim) == ("troops", "gazette", "on")
    assert str(item.published) == "2024-06-21"
    assert item.proposed == ""


def test_skip_and_next(sit: Sitting, folder: Path) -> None:
    sitting = sit("nsn")
    assert outcomes(folder) == ["skipped"]
    assert inbox_of(folder).waiting() == [MOVE, BARE]
    assert sitting.review.summary() == "1 skipped; 2 still wait."


def test_merge_adds_no_item(sit: Sitting, folder: Path) -> None:
    sit("nm")
    (decision,) = inbox_of(folder).decisions()
    assert (decision.outcome, decision.items) == ("merged", ("e1",))
    assert items(folder) == []


def test_a_copy_of_a_draft_that_waits_is_merged_once_that_one_is_accepted(
    sit: Sitting, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = replace(PROPOSALS[AGAIN.id], kin=(Kin(MOVE.id, "duplicate", 0.9, "the same words"),))
    monkeypatch.setitem(PROPOSALS, AGAIN.id, twin)
    shown = " ".join(sit("nm").last.split())
    assert "names a draft that is not on file" in shown
    assert "Accept that draft first" in shown
    sit("am")
    accepted, merged = inbox_of(folder).decisions()
    assert (accepted.outcome, merged.outcome) == ("accepted", "merged")
    assert accepted.items == merged.items != ()


def test_a_copy_of_a_draft_names_the_item_that_it_became(sit: Sitting, folder: Path) -> None:
    shown = plain(sit("aa").screens[1])
    assert f"derived_from {MOVE.id}" in shown
    first, second = sorted(reports(folder), key=lambda item: item.draft != MOVE.id)
    assert second.derived_from == (first.id,)


def test_one_text_may_become_two_items(sit: Sitting, folder: Path) -> None:
    sitting = sit("+2\t\to-+2oaa")
    assert {(item.event, item.claim) for item in reports(folder)} == {
        ("troops", "on"),
        ("pact", "on"),
    }
    assert any("item 2 of 2, report" in plain(screen) for screen in sitting.screens)


def test_undo_shows_the_draft_again_as_it_was(sit: Sitting, folder: Path) -> None:
    shown = sit("oasuu").last
    assert "It was accepted; that is taken back." in shown
    assert "claim        off" in shown
    assert items(folder) == []
    assert outcomes(folder) == ["accepted", "skipped", "reopened", "reopened"]


def test_fields_are_asked_for_and_checked_at_once(sit: Sitting, folder: Path) -> None:
    keys = ["c", "a"]
    answers = (
        "report",
        "2024-06-32", "2024-06-18",  # published
        "trops", "troops",  # event
        "",  # source
        "maybe", "off",  # claim
        "-",  # speaks_of
        "", "",  # derived_from, origin
        "They left", "as read",  # text, notes
    )  # fmt: skip
    sitting = sit(keys, *answers)
    (item,) = reports(folder)
    assert (str(item.published), item.claim, item.speaks_of) == ("2024-06-18", "off", None)
    assert (item.text, item.notes) == ("They left", "as read")
    shown = plain("".join(sitting.screens))
    assert "Did you mean 'troops'?" in shown
    assert "claim: must be on or off (got 'maybe')" in shown
    assert "published: is not" in shown


def test_a_change_that_is_broken_off_leaves_the_rest(sit: Sitting, folder: Path) -> None:
    assert "The rest is left as it was." in sit(["c"], "report", "2024-06-18", "^C").last
    assert items(folder) == []


def test_another_kind_of_item_asks_for_its_own_fields(sit: Sitting, folder: Path) -> None:
    answers = ("observation", "", "", "-", "off", "-", "-", "", "")
    sit(["c", "a"], *answers)
    (item,) = items(folder)
    assert (item.kind, item.words()) == ("observation", "observed to be off")


def test_an_unknown_field_and_an_own_one_are_refused(sit: Sitting) -> None:
    assert "There is no field 'clam'." in sit(["f"], "clam=on").last
    assert "There is no field 'accepted_by'." in sit(["f"], "accepted_by=bob").last


def test_help_names_every_key(sit: Sitting) -> None:
    shown = plain(sit("?x").screens[1])
    assert all(words in shown for words, _ in ACTIONS.values())


@pytest.mark.parametrize("key", ["\x1b[A", "9", "z", "u", "-", "ü"])
def test_a_key_without_a_use_says_so_and_changes_nothing(
    sit: Sitting, folder: Path, key: str
) -> None:
    assert len(sit([key]).screens) == 2
    assert sit.review.told
    assert outcomes(folder) == []


def test_copies_are_asked_of_drafts_that_have_none(sit: Sitting) -> None:
    assert "No copy is shown to merge it with; s skips it." in sit("m").last
    assert "No copy is shown; name an item" in sit("d").last


def test_a_draft_decided_by_another_meanwhile_is_told(sit: Sitting, folder: Path) -> None:
    class Late(list[str]):
        def __iter__(self) -> Iterator[str]:
            decide(folder, [Skip(draft=MOVE.id)], by="bob")
            yield "a"

    assert "the draft was skipped already, by bob" in " ".join(sit(Late()).last.split())


def test_a_disk_that_is_full_does_not_end_the_sitting(
    sit: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        msg = "inbox.csv: cannot be written: No space left"
        raise ForecastError(msg)

    monkeypatch.setattr("forecast.workspace._filing.write_whole", full)
    assert "No space left" in sit("a").last


def test_without_a_terminal_it_says_what_to_do(folder: Path) -> None:
    done = CliRunner().invoke(cli, ["inbox", "review", "--workspace", str(folder)])
    assert done.exit_code == 2
    assert "forecast inbox export --output FILE.csv" in done.output


def test_it_runs_in_a_terminal(tmp_path: Path) -> None:
    folder = with_drafts(tmp_path / "workspace", MOVE)
    words = ["inbox", "review", "--workspace", str(folder), "--by", "eve"]
    assert "1 skipped; 0 still wait." in in_terminal(words, "2wos", cwd=tmp_path)
    (decision,) = inbox_of(folder).decisions()
    assert (decision.draft, decision.outcome, decision.by) == (MOVE.id, "skipped", "eve")
