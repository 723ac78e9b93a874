"""The file format of GeNIe and SMILE (XDSL), as far as it states static Bayesian networks."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from xml.parsers import expat

from forecast.errors import Fault, InputError
from forecast.files._bayes_net import MOST_VARIABLES, Stated, Variable

NOT_TAKEN = {
    "noisymax": "a noisy-MAX node",
    "noisyadder": "a noisy adder",
    "decision": "a decision node",
    "utility": "a utility node",
    "mau": "a utility node",
    "equation": "an equation",
    "demorgan": "a DeMorgan node",
}
DEEPEST = 32


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str]
    line: int
    children: list["_Element"] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> Iterator["_Element"]:
        """Yield the elements of a name below it, at any depth."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.all(tag)

    def said(self, tag: str) -> list[str]:
        """Return the words in the first element of a name just below it."""
        return next((child.text.split() for child in self.children if child.tag == tag), [])


def read_xdsl(text: str, file: str) -> Stated:
    """Return what a GeNIe file says.

    Raises
    ------
    InputError
        With the first fault of XML.
    """
    root = _parsed(text, file)
    if root.tag != "smile":
        raise InputError(
            Fault(
                f"is a document of '{root.tag}', and a GeNIe file is one of 'smile'",
                "Save the network as XDSL.",
                file=file,
                line=root.line,
            )
        )
    titles = {
        each.attributes.get("id", ""): _title(each)
        for each in root.all("node")
        if any(child.tag == "name" for child in each.children)
    }
    nodes = [node for block in root.children if block.tag == "nodes" for node in block.children]
    if len(nodes) > MOST_VARIABLES:
        problem = f"has {len(nodes):,} nodes, and at most {MOST_VARIABLES:,} are imported"
        raise InputError(Fault(problem, "Import a part of it.", file=file))
    faults: list[Fault] = []
    found: list[Variable] = []
    in_time = [node for node in nodes if "dynamic" in node.attributes]
    in_time += [block for block in root.children if block.tag == "dynamic"]
    faults += [
        Fault(
            "is temporal: it stands for one node for each step of time",
            "Write what changes in time as onsets or states with rates.",
            file=file,
            line=node.line,
            field=node.attributes.get("id", node.tag),
        )
        for node in in_time
    ]
    sizes = {node.attributes.get("id", ""): len(list(node.all("state"))) for node in nodes}
    for node in nodes:
        try:
            found.append(_variable(node, titles, sizes, file))
        except InputError as error:
            faults += error.faults
    return Stated(found, root.attributes.get("id", ""), faults)


def _title(node: _Element) -> str:
    return next(" ".join(child.text.split()) for child in node.children if child.tag == "name")


def _variable(node: _Element, titles: dict[str, str], sizes: dict[str, int], file: str) -> Variable:
    name = node.attributes.get("id", "")
    states = tuple(
        child.attributes.get("id", "") for child in node.children if child.tag == "state"
    )
    parents = tuple(node.said("parents"))
    title = titles.get(name) or name
    if node.tag == "cpt":
        numbers = tuple(_number(word, node, file) for word in node.said("probabilities"))
        each = max(1, len(states))
        rows = tuple(tuple(numbers[k : k + each]) for k in range(0, len(numbers), each))
    elif node.tag == "deterministic":
        known = prod(sizes.get(parent, 1) for parent in parents)
        rows = tuple(_certain(state, states, node, file) for state in node.said("resultingstates"))
        if not rows and known == 1:
            rows = (tuple(1.0 if k == 0 else 0.0 for k in range(len(states))),)
    else:
        what = NOT_TAKEN.get(node.tag, f"a node of kind '{node.tag}'")
        raise _refused(
            f"is {what}, and only tables of chances (cpt) and deterministic nodes are imported",
            "In GeNIe, change its type to 'Chance - General', which writes its table out.",
            node,
            file,
        )
    return Variable(name, title, states, parents, rows, node.line)


def _certain(state: str, states: tuple[str, ...], node: _Element, file: str) -> tuple[float, ...]:
    if state not in states:
        raise _refused(f"has no value '{state}'", f"It has {', '.join(states)}.", node, file)
    return tuple(float(one == state) for one in states)


def _number(word: str, node: _Element, file: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise _refused(
            f"has '{word[:80]}' among its chances", "Write numbers.", node, file
        ) from None


def _refused(problem: str, remedy: str, node: _Element, file: str) -> InputError:
    name = node.attributes.get("id", node.tag)
    return InputError(Fault(problem, remedy, file=file, line=node.line, field=name))


def _parsed(text: str, file: str) -> _Element:
    """Return the document. A DOCTYPE is refused, so that nothing is expanded or fetched."""
    parser = expat.ParserCreate()
    top = _Element("", {}, 1)
    stack = [top]

    def refuse(problem: str, remedy: str) -> InputError:
        return InputError(Fault(problem, remedy, file=file, line=parser.CurrentLineNumber))

    def begin(tag: str, attributes: dict[str, str]) -> None:
        element = _Element(tag, attributes, parser.CurrentLineNumber)
        stack[-1].children.append(element)
        stack.append(element)
        if len(stack) > DEEPEST:
            raise refuse("is nested too deeply for a GeNIe file", "Save the network as XDSL.")

    def end(tag: str) -> None:
        del tag
        stack.pop()

    def words(data: str) -> None:
        stack[-1].text += data

    def doctype(*_: object) -> None:
        raise refuse(
            "has a DOCTYPE, which may pull in other files or grow without end",
            "Remove that line; a GeNIe file has none.",
        )

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        problem = f"is no XML: {expat.errors.messages[error.code]}"
        remedy = "Save the network as XDSL again."
        raise InputError(Fault(problem, remedy, file=file, line=error.lineno)) from None
    return top.children[0]
