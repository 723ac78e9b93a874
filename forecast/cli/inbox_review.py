"""``forecast inbox review``: a screen a draft, one key each for what becomes of it."""

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import by_option, workspace_option
from forecast.cli.text import visible
from forecast.errors import Fault, ForecastError, InputError

if TYPE_CHECKING:
    from rich.console import Console

    from forecast.workspace._choices import Choice, Filing
    from forecast.workspace._waiting import Pile, Waiting

CLEAR = "-"
"""What empties a field when it is asked for."""
SELDOM = {
    "report": {"credibility", "grade", "check", "onset_from", "onset_to"},
    "forecast": {"base"},
}
"""Fields of a kind of item that ``c`` passes over; ``f`` sets any."""
_ITEM = re.compile(r"^item '\w+': ")
ESCAPES = ("\x03", "\x04", "\x1b")


@click.command("review")
@by_option
@workspace_option
def command(folder: Path, by: str) -> None:
    """Go through waiting drafts: a screen a draft, one key each.

    Each shows what came in, the item of evidence that it would be, what is proposed with the
    reasons, and copies that were found. Keys: a accept as shown, 1-9 choose another event, w
    another source, o switch on and off, c change fields, s skip, m merge with the copy shown, n
    leave it for later, u take the last decision back, q quit, ? all keys.

    Accepting checks the whole workspace and writes at once, so a crash loses nothing.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError(
            Fault(
                "a review asks for keys, and this is no terminal",
                "Run 'forecast inbox export --output FILE.csv', fill in its column decision, and "
                "run 'forecast inbox accept FILE.csv'.",
            )
        )
    # Imported here, so that --help answers at once.
    from rich.console import Console  # noqa: PLC0415

    from forecast.workspace._waiting import pile  # noqa: PLC0415

    review = Review(folder, by, pile(folder), Console(highlight=False), click.getchar, _asked)
    review.run()
    click.echo(visible(review.summary()))


def _asked(name: str, present: str) -> str:
    """Ask for one field, its present cell as the default."""
    words = visible(name)
    told: str = click.prompt(words, default=visible(present), show_default=bool(present))
    return told


@dataclass
class Review:
    """One sitting.

    Parameters
    ----------
    folder, by
        The workspace, and who decides.
    pile
        What waits.
    console
        The screen.
    keys, ask
        What gives the next key, and asks for a field, given its name and present cell.
    """

    folder: Path
    by: str
    pile: "Pile"
    console: "Console"
    keys: Callable[[], str]
    ask: Callable[[str, str], str]
    at: int = 0
    """Which draft is shown."""
    row: int = 0
    """Which of the items that it would be."""
    told: list[str] = field(default_factory=list)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """The items that drafts would be, as changed."""
    decided: dict[str, str] = field(default_factory=dict)
    """What was decided in this sitting, by draft, in order."""
    warned: object = None
    """The choice of which warnings were shown: the same again is meant."""

    def run(self) -> None:
        """Show drafts and follow keys until all are seen, or the person quits."""
        while self.at < len(self.pile.waiting):
            self.show()
            try:
                key = self.keys()
            except (EOFError, KeyboardInterrupt):
                return
            self.told = []
            if key in ESCAPES or key == "q":
                return
            self.press(key)

    def press(self, key: str) -> None:
        """Do what a key stands for."""
        if key in ACTIONS:
            ACTIONS[key][1](self)
        elif key in "123456789":
            self.choose(int(key))
        else:
            self.told = ["This key means nothing here; ? shows those that do."]

    @property
    def waiting(self) -> "Waiting":
        """The draft that is shown."""
        return self.pile.waiting[self.at]

    @property
    def items(self) -> list[dict[str, str]]:
        """The items that it would be."""
        rows = self.waiting.prefilled.rows
        return self.rows.setdefault(self.waiting.draft.id, [dict(cells) for cells in rows])

    def show(self) -> None:
        """Draw the screen."""
        from forecast.cli.inbox_page import Page, lines_of  # noqa: PLC0415

        count = len(self.pile.waiting)
        done = f", {len(self.decided)} decided" if self.decided else ""
        page = Page(
            waiting=self.waiting,
            head=f"{self.at + 1} of {count}{done}",
            rows=self.items,
            at=self.row,
            events=self.pile.events,
            titles=self.pile.sources,
            told=self.told,
        )
        self.console.clear()
        for line in lines_of(page, self.console):
            self.console.print(line, no_wrap=True, overflow="ellipsis", crop=True)

    def filing(self) -> "Filing":
        """Return the draft as it is to be accepted."""
        from forecast.workspace._choices import Filing  # noqa: PLC0415

        rows = tuple({name: cell for name, cell in row.items() if cell} for row in self.items)
        waiting = self.waiting
        return Filing(draft=waiting.draft.id, rows=rows, proposed=waiting.prefilled.proposed)

    def accept(self) -> None:
        """Put the draft on file as shown; where that brings warnings, the second time."""
        from forecast.workspace._filing import checked  # noqa: PLC0415

        filing = self.filing()
        if filing != self.warned:
            try:
                found = checked(self.folder, [filing])
            except InputError as error:
                self.told = [str(fault) for fault in error.faults]
                return
            self.told = [self._short(fault) for fault in found.faults]
            if found.faults:
                return
            if found.warnings:
                self.told = [f"warning: {self._short(fault)}" for fault in found.warnings]
                self.told.append("Press a again to accept it all the same.")
                self.warned = filing
                return
        self._decide(filing, "accepted")

    def _short(self, fault: Fault) -> str:
        """Return a fault without the draft and the item that are on the screen anyway."""
        words = str(fault).removeprefix(f"draft {self.waiting.draft.id}: ")
        return words if len(self.items) > 1 else _ITEM.sub("", words)

    def skip(self) -> None:
        """Leave the draft out."""
        from forecast.workspace._choices import Skip  # noqa: PLC0415

        proposed = self.waiting.prefilled.proposed
        self._decide(Skip(draft=self.waiting.draft.id, proposed=proposed), "skipped")

    def merge(self) -> None:
        """Note that the draft is a copy of what is shown, and adds nothing."""
        from forecast.workspace._choices import Merge  # noqa: PLC0415

        kin = self.waiting.proposal.kin
        if not kin:
            self.told = ["No copy is shown to merge it with; s skips it."]
            return
        best = next((each for each in kin if each.relation == "duplicate"), kin[0])
        proposed = self.waiting.prefilled.proposed
        merge = Merge(draft=self.waiting.draft.id, item=best.value, proposed=proposed)
        self._decide(merge, "merged")

    def derive(self) -> None:
        """Let the item name the first copy shown as what it takes over."""
        kin = self.waiting.proposal.kin
        if not kin:
            self.told = ["No copy is shown; name an item with f, such as derived_from=ID."]
            return
        self.items[self.row].pop("origin", None)
        self.items[self.row]["derived_from"] = kin[0].value

    def _decide(self, choice: "Choice", outcome: str) -> None:
        from forecast.workspace._filing import decide  # noqa: PLC0415

        try:
            filed = decide(self.folder, [choice], by=self.by)
        except InputError as error:
            self.told = [self._short(fault) for fault in error.faults]
            return
        except ForecastError as error:
            self.told = [str(error)]
            return
        names = ", ".join(name for some in filed.items.values() for name in some)
        self.told = [f"{outcome.capitalize()}{f' as {names}' if names else ''}. u takes it back."]
        self.decided[choice.draft] = outcome
        self._go(self.at + 1)

    def next(self) -> None:
        """Leave the draft for later."""
        self._go(self.at + 1)

    def back(self) -> None:
        """Show the draft before."""
        self._go(max(self.at - 1, 0))

    def _go(self, to: int) -> None:
        self.at, self.row, self.warned = to, 0, None

    def undo(self) -> None:
        """Take back the last decision of this sitting, and show its draft again."""
        from forecast.workspace._undoing import undo  # noqa: PLC0415

        if not self.decided:
            self.told = ["Nothing is decided in this sitting yet."]
            return
        name = next(reversed(self.decided))
        try:
            undone = undo(self.folder, name, by=self.by)
        except ForecastError as error:
            self.told = [str(error)]
            return
        del self.decided[name]
        self._go(next(n for n, each in enumerate(self.pile.waiting) if each.draft.id == name))
        how = f", by a retraction of {', '.join(undone.retracted)}" if undone.retracted else ""
        self.told = [f"It was {undone.outcome}; that is taken back{how}."]

    def choose(self, number: int) -> None:
        """Choose one of the events that are offered."""
        from forecast.cli.inbox_page import offered_events  # noqa: PLC0415

        offered = offered_events(self.waiting, self.pile.events)
        if number > len(offered):
            self.told = [f"There is no event {number}."]
            return
        self.items[self.row]["event"] = offered[number - 1]

    def switch(self) -> None:
        """Switch what is claimed, or seen, between on and off."""
        row = self.items[self.row]
        column = "state" if row.get("kind") == "observation" else "claim"
        row[column] = "off" if row.get(column) == "on" else "on"

    def who(self) -> None:
        """Choose the next source: those proposed first, then the network's others."""
        proposed = [guess.value for guess in self.waiting.proposal.sources]
        sources = list(dict.fromkeys([*proposed, *self.pile.sources]))
        if not sources:
            self.told = ["The network has no sources."]
            return
        row = self.items[self.row]
        present = sources.index(row["source"]) if row.get("source") in sources else -1
        row["source"] = sources[(present + 1) % len(sources)]

    def another(self) -> None:
        """Begin another item: the same text says one thing more."""
        shared = ("kind", "published", "source", "citation", "text")
        row = {name: cell for name, cell in self.items[self.row].items() if name in shared}
        self.items.append(row)
        self.row = len(self.items) - 1

    def drop(self) -> None:
        """Drop the item that is shown, where there are several; and show the one before."""
        if len(self.items) == 1:
            self.told = ["It is the only item; s skips the draft."]
            return
        del self.items[self.row]
        self.row = max(self.row - 1, 0)

    def turn(self) -> None:
        """Show the next of several items."""
        self.row = (self.row + 1) % len(self.items)

    def change(self) -> None:
        """Ask for each field, and check it at once."""
        from forecast.evidence._fields import COLUMNS, columns_of  # noqa: PLC0415
        from forecast.workspace._filing import OWN  # noqa: PLC0415

        try:
            self._change_field("kind")
            kind = self.items[self.row].get("kind", "report")
            of_kind, row = columns_of(kind), self.items[self.row]
            self.items[self.row] = {name: cell for name, cell in row.items() if name in of_kind}
            rare = {"id", "citation", "retracts", "reinstates", *SELDOM.get(kind, ())}
            left_out = {*OWN, "kind", *rare}
            for name in COLUMNS:
                if name in of_kind and name not in left_out:
                    self._change_field(name)
        except (click.Abort, EOFError, KeyboardInterrupt):
            self.told = ["The rest is left as it was."]

    def one(self) -> None:
        """Ask for a field by its name, and check it at once."""
        from forecast.evidence._fields import COLUMNS  # noqa: PLC0415
        from forecast.workspace._filing import OWN  # noqa: PLC0415

        try:
            name, _, cell = self.ask("field=value", "").partition("=")
        except (click.Abort, EOFError, KeyboardInterrupt):
            return
        name = name.strip()
        if name not in COLUMNS or name in OWN:
            known = [each for each in COLUMNS if each not in OWN]
            self.told = [f"There is no field '{name[:40]}'. Fields: {', '.join(known)}."]
            return
        self._set(name, cell.strip())
        self.told = self._faults_of(name)

    def _change_field(self, name: str) -> None:
        """Ask for a field until it has no fault of its own."""
        while True:
            present = self.items[self.row].get(name, "")
            self._set(name, self.ask(name, present).strip())
            faults = self._faults_of(name)
            if not faults:
                return
            for words in faults:
                self.console.print(visible(words), markup=False, highlight=False)

    def _set(self, name: str, cell: str) -> None:
        row = self.items[self.row]
        row.pop(name, None)
        if cell and cell != CLEAR:
            row[name] = cell

    def _faults_of(self, name: str) -> list[str]:
        """Return what is wrong with one field of the item."""
        from forecast.workspace._filing import checked  # noqa: PLC0415

        if name not in self.items[self.row]:
            return []
        try:
            faults = checked(self.folder, [self.filing()]).faults
        except InputError as error:
            faults = error.faults
        return [self._short(fault) for fault in faults if fault.field.rpartition(": ")[2] == name]

    def help(self) -> None:
        """Show what each key does."""
        self.console.clear()
        for key, (words, _) in ACTIONS.items():
            self.console.print(f"  {key}    {words}", markup=False)
        for words in HELP:
            self.console.print(f"  {words}", markup=False)
        self.console.print("Any key goes back.", markup=False)
        self.keys()

    def summary(self) -> str:
        """Return what was done, in a line."""
        outcomes = list(self.decided.values())
        counts = [f"{outcomes.count(each)} {each}" for each in dict.fromkeys(outcomes)]
        left = len(self.pile.waiting) - len(outcomes)
        ahead = " Now: forecast update" if "accepted" in outcomes else ""
        return f"{', '.join(counts) or 'Nothing decided'}; {left} still wait.{ahead}"


HELP = (
    "1-9  choose the event of this number",
    "q    quit; what was decided is written already",
)
ACTIONS: dict[str, tuple[str, Callable[[Review], None]]] = {
    "a": ("accept as shown", Review.accept),
    "s": ("skip: leave it out of the evidence", Review.skip),
    "n": ("next, and leave this one for later", Review.next),
    "b": ("back to the one before", Review.back),
    "w": ("who says it: the next source", Review.who),
    "o": ("on or off", Review.switch),
    "c": ("change fields, one after the other; - empties one", Review.change),
    "f": ("set any one field, such as speaks_of=2024-07-01", Review.one),
    "d": ("derived from the copy shown: it takes over what that one says", Review.derive),
    "m": ("merge with the copy shown: the same entry again, no item", Review.merge),
    "+": ("another item: the same text says one thing more", Review.another),
    "-": ("drop the item shown, where there are several", Review.drop),
    "\t": ("(tab) show the next of several items", Review.turn),
    "u": ("undo: take back the last decision of this sitting", Review.undo),
    "?": ("these keys", Review.help),
}
