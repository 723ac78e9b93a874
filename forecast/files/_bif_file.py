"""The Interchange Format for Bayesian networks (BIF), in which the well-known networks are kept.

The grammar is that of version 0.15 [1]_ as programs write it: separators may be commas or blanks,
and names may hold any character that is no bracket, bar or separator.

References
----------
.. [1] Cozman (1998). The Interchange Format for Bayesian Networks, version 0.15.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import NamedTuple, NoReturn

from forecast.errors import Fault, InputError, did_you_mean
from forecast.files._bayes_net import MOST_CHANCES, Stated, Variable

TOKEN = re.compile(
    r"(?P<blank>\s+|//[^\n]*|/\*.*?\*/)"
    r'|(?P<text>"[^"\n]*")'
    r"|(?P<mark>[{}()\[\];,|])"
    r'|(?P<word>(?:(?!/[/*])[^\s{}()\[\];,|"])+)',
    re.DOTALL,
)
CLOSING = {"{": "}", "(": ")", "[": "]"}


class _Token(NamedTuple):
    text: str
    line: int


@dataclass
class _Table:
    """What a probability block says: whole tables, and rows by the values of parents."""

    line: int
    child: str
    parents: tuple[str, ...]
    table: tuple[float, ...] = ()
    default: tuple[float, ...] = ()
    rows: list[tuple[int, tuple[str, ...], tuple[float, ...]]] = field(default_factory=list)


@dataclass
class _Values:
    """A variable block."""

    line: int
    states: tuple[str, ...]


def read_bif(text: str, file: str) -> Stated:
    """Return what a file in the Interchange Format says.

    Raises
    ------
    InputError
        With the first fault of grammar.
    """
    return _Parser(text, file).network()


class _Parser:
    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.tokens = list(self._split(text))
        self.at = 0
        self.name = ""
        self.stated: dict[str, _Values] = {}
        self.tables: list[_Table] = []
        self.faults: list[Fault] = []

    def _split(self, text: str) -> Iterator[_Token]:
        place, line = 0, 1
        while place < len(text):
            found = TOKEN.match(text, place)
            if found is None:
                self._refuse(_Token(text[place], line), "cannot be read here", "Close the text.")
            if found.lastgroup != "blank":
                yield _Token(found[0], line)
            line += found[0].count("\n")
            place = found.end()
        yield _Token("", line)

    # ---- Grammar

    def network(self) -> Stated:
        """Return what the file says, once all blocks are read."""
        blocks = {
            "network": self._network,
            "variable": self._variable,
            "probability": self._probability,
        }
        while self._now.text:
            token = self._next()
            if token.text not in blocks:
                known = ", ".join(blocks)
                self._refuse(token, "begins no block", f"A block begins with one of: {known}.")
            blocks[token.text](token.line)
        return Stated(self._joined(), self.name, self.faults)

    def _network(self, line: int) -> None:
        del line
        while self._now.text not in ("{", ""):
            self.name = self._next().text.strip('"')
        self._skip_block()

    def _variable(self, line: int) -> None:
        name = self._word("the name of a variable")
        states: tuple[str, ...] = ()
        self._expect("{")
        while self._now.text != "}":
            token = self._next()
            if token.text == "type":
                self._type(name)
                self._expect("{")
                states = tuple(one.text.strip('"') for one in self._until("}"))
                self._expect(";")
            elif token.text in ("property", "observed"):
                self._until(";")
            else:
                self._refuse(token, "says nothing of a variable", "Write its type.")
        self._expect("}")
        if name in self.stated:
            self._note(line, name, f"the variable '{name}' is stated twice", "Keep one of them.")
        self.stated[name] = _Values(line, states)

    def _type(self, name: str) -> None:
        kind = self._next()
        if kind.text != "discrete":
            self._refuse(
                kind,
                f"is the type of '{name}', and only variables of type discrete are imported",
                "Cut its values into ranges first.",
            )
        if self._now.text == "[":
            self._next()
            self._until("]")

    def _probability(self, line: int) -> None:
        self._expect("(")
        names = [token.text for token in self._until(")")]
        if "|" in names:
            bar = names.index("|")
            names = [*names[:bar], *names[bar + 1 :]]
        if not names:
            self._refuse(_Token(")", line), "closes a block that names no variable", "Name it.")
        table = _Table(line, names[0], tuple(names[1:]))
        self._expect("{")
        while self._now.text != "}":
            token = self._next()
            if token.text == "table":
                table.table = self._numbers()
            elif token.text == "default":
                table.default = self._numbers()
            elif token.text == "(":
                values = tuple(one.text.strip('"') for one in self._until(")"))
                table.rows.append((token.line, values, self._numbers()))
            elif token.text == "property":
                self._until(";")
            else:
                self._refuse(token, "says nothing of probabilities", "Write table, or a row.")
        self._expect("}")
        self.tables.append(table)

    def _numbers(self) -> tuple[float, ...]:
        found = []
        for token in self._until(";"):
            try:
                found.append(float(token.text))
            except ValueError:
                self._refuse(token, "is no number", "Write a probability such as 0.25.")
            if len(found) > MOST_CHANCES:
                self._refuse(token, "is one chance too many", "Import a part of the network.")
        return tuple(found)

    # ---- Tokens

    @property
    def _now(self) -> _Token:
        return self.tokens[self.at]

    def _next(self) -> _Token:
        token = self.tokens[self.at]
        if not token.text:
            self._refuse(token, "the file ends in the middle of a block", "Close it with '}'.")
        self.at += 1
        return token

    def _word(self, what: str) -> str:
        token = self._next()
        if token.text in {*CLOSING, *CLOSING.values(), ";", ",", "|"}:
            self._refuse(token, f"stands where {what} is expected", "Write it.")
        return token.text.strip('"')

    def _expect(self, mark: str) -> None:
        token = self._next()
        if token.text != mark:
            self._refuse(token, f"stands where '{mark}' is expected", "Write it.")

    def _until(self, mark: str) -> list[_Token]:
        """Return the tokens up to a mark, without commas; what closes something else is refused."""
        found = []
        while (token := self._next()).text != mark:
            if token.text in (*CLOSING, *CLOSING.values(), ";"):
                self._refuse(token, f"stands where '{mark}' is expected", "Write it.")
            if token.text != ",":
                found.append(token)
        return found

    def _skip_block(self) -> None:
        self._expect("{")
        depth = 1
        while depth:
            depth += {"{": 1, "}": -1}.get(self._next().text, 0)

    def _refuse(self, token: _Token, problem: str, remedy: str) -> NoReturn:
        raise InputError(
            Fault(problem, remedy, file=self.file, line=token.line, value=token.text[:80])
        )

    def _note(self, line: int, name: str, problem: str, remedy: str, value: str = "") -> None:
        self.faults.append(
            Fault(problem, remedy, file=self.file, line=line, field=name, value=value)
        )

    # ---- Variables

    def _joined(self) -> list[Variable]:
        """Return each variable with its chances."""
        tables: dict[str, _Table] = {}
        for table in self.tables:
            if table.child not in self.stated:
                remedy = did_you_mean(table.child, self.stated)
                self._note(table.line, table.child, "there is no such variable", remedy)
            elif table.child in tables:
                problem = f"the chances of '{table.child}' are stated twice"
                self._note(table.line, table.child, problem, "Keep one of them.")
            tables.setdefault(table.child, table)
        found = []
        for name, stated in self.stated.items():
            own = tables.get(name)
            if own is None:
                problem = f"the chances of '{name}' are missing"
                remedy = f"Write 'probability ( {name} ) {{ table …; }}'."
                self._note(stated.line, name, problem, remedy)
                continue
            rows = self._rows(own, len(stated.states))
            found.append(Variable(name, name, stated.states, own.parents, rows, own.line))
        return found

    def _rows(self, table: _Table, states: int) -> tuple[tuple[float, ...], ...] | None:
        """Return the chances by the parents' values; None where what is wrong is told."""
        before = len(self.faults)
        parents = [self.stated[name].states for name in table.parents if name in self.stated]
        if len(parents) < len(table.parents):
            return None  # told with the unknown parent
        if table.table:  # the child's value runs slowest, that of the last parent fastest
            each = max(1, len(table.table) // max(1, states))
            if each * states != len(table.table):
                return (table.table,)  # told with the wrong number
            return tuple(tuple(table.table[k::each]) for k in range(each))
        chances_needed = prod(map(len, parents)) * states
        if chances_needed > MOST_CHANCES:
            problem = f"needs {chances_needed:,} chances, and at most {MOST_CHANCES:,} are imported"
            self._note(table.line, table.child, problem, "Give it fewer parents.")
            return None
        found: dict[tuple[str, ...], tuple[float, ...]] = {}
        for line, values, chances in table.rows:
            known = len(values) == len(parents) and all(
                value in states for value, states in zip(values, parents, strict=True)
            )
            if not known:
                self._note(
                    line,
                    table.child,
                    "the row names no values of its parents",
                    f"Write a value of each of {', '.join(table.parents)}, in this order.",
                    f"({', '.join(values)})",
                )
            elif values in found:
                problem = "two rows are for the same values"
                self._note(line, table.child, problem, "Keep one.", f"({', '.join(values)})")
            found[values] = chances
        every = [found.get(values, table.default) for values in product(*parents)]
        missing = [values for values, row in zip(product(*parents), every, strict=True) if not row]
        for values in missing[:1]:
            problem = f"no row is for ({', '.join(values)})"
            more = f" There are {len(missing)} such." if len(missing) > 1 else ""
            self._note(table.line, table.child, problem, f"Add it, or a default.{more}")
        return tuple(every) if len(self.faults) == before else None
