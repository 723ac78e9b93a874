"""An assistant files three articles end to end, and a person accepts them."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from rich.console import Console

from forecast.cli.inbox_review import Review
from forecast.files._evidence_file import read_evidence
from forecast.ledger import ledger_address, open_ledger, said
from forecast.workspace._filed import inbox_of
from forecast.workspace._settings import Request
from forecast.workspace._sheet import sheet_of
from forecast.workspace._update import update
from forecast.workspace._waiting import accept, pile, waiting
from tests.assistant.asked import REPORT, a_workspace, changed, digests, follow, told

FIRST = {
    "title": "Troops deploy to the east, ministry says",
    "text": "Several hundred troops have arrived in the east, the ministry said on Thursday.",
    "url": "https://gazette.example/1",
    "outlet": "The Gazette",
    "published": "2024-06-20",
}
COPY = {
    "title": "Troops deploy to the east, ministry says",
    "text": "Several hundred troops have arrived in the east, the ministry said on Thursday. "
    "The Gazette was first to report it.",
    "url": "https://herald.example/7",
    "outlet": "The Herald",
    "published": "2024-06-21",
}
SIGNED = {
    "title": "The pact is signed",
    "text": "Both presidents signed the pact this morning; its text was published.",
    "url": "https://gazette.example/2",
    "outlet": "The Gazette",
    "published": "2024-06-28",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_workspace(tmp_path / "workspace")


def figures(folder: Path) -> dict[tuple[str, str], float]:
    """Return the last forecast of each event and deadline."""
    with open_ledger(ledger_address(None, folder)) as ledger:
        return {
            (each.forecast.event, each.forecast.by): each.forecast.probability
            for each in said(ledger)
        }


def by_event(changes: dict[str, Any], moment: str) -> dict[tuple[str, str], float]:
    return {
        (each["event"], each[moment]["by"]): each[moment]["probability"]
        for each in changes["changes"]
    }


async def file_three(client: Client) -> list[dict[str, Any]]:
    """Do as the guide says with three articles; return what each was said to do."""
    foretold = []
    assert (await told(client, "find_duplicates", **FIRST))["copies"] == []
    rows = [{**REPORT, "published": "2024-06-20"}]
    assert (await told(client, "check_items", rows=rows))["ok"]
    foretold.append(await told(client, "what_would_it_do", rows=rows))
    first = await told(client, "add_draft", **FIRST, rows=[REPORT], why="A plain claim.")
    assert (first["new"], first["proposed_items"]) == (True, 1)

    (kin,) = (await told(client, "find_duplicates", **COPY))["copies"]
    assert (kin["value"], kin["relation"]) == (first["draft"], "derived_from")
    copy = {**REPORT, "source": "herald", "derived_from": first["draft"]}
    second = await told(client, "add_draft", **COPY, rows=[copy])
    foretold.append(await told(client, "what_would_it_do", draft=second["draft"]))

    seen = {"kind": "observation", "event": "pact", "onset_from": "2024-06-28"}
    dated = [{**seen, "published": "2024-06-28"}]
    foretold.append(await told(client, "what_would_it_do", rows=dated))
    await told(client, "add_draft", **SIGNED, rows=[seen])
    listed = await told(client, "waiting_drafts")
    assert [each["proposed_by"] for each in listed["drafts"]] == ["ada"] * 3
    assert [each["missing"] for each in listed["drafts"]] == [[], [], []]
    return foretold


def troops_moved(changes: dict[str, Any]) -> float:
    return next(each["change"] for each in changes["changes"] if each["event"] == "troops")


def test_three_articles_are_filed_end_to_end(folder: Path) -> None:
    update(folder, Request())
    before, standing = digests(folder), figures(folder)
    foretold: list[dict[str, Any]] = []

    async def script(client: Client) -> None:
        foretold.extend(await file_three(client))

    follow(folder, script)
    assert changed(before, digests(folder)) == {"inbox/drafts.jsonl", "inbox/proposals.jsonl"}
    assert figures(folder) == standing

    one, *others = waiting(folder)
    accept(folder, [one.filing()], by="ann")
    update(folder, Request())
    alone, both, signed = foretold
    assert by_event(alone, "before") == standing
    assert by_event(alone, "after") == pytest.approx(figures(folder), abs=1e-12)
    assert troops_moved(alone) > 0.03
    added = troops_moved(both) - troops_moved(alone)
    assert 0 < added < troops_moved(alone) / 2  # a copy adds little
    assert by_event(signed, "after")["pact", "2024-12-31"] == 1.0

    accept(folder, [each.filing() for each in others], by="ann")
    update(folder, Request())
    assert figures(folder)["pact", "2024-12-31"] == 1.0
    items = read_evidence(folder / "evidence" / "inbox.csv").items
    assert {item.accepted_by for item in items} == {"ann"}
    assert all(item.proposed.startswith("by=ada; ") for item in items)
    assert len(inbox_of(folder).decisions()) == 3
    copied = next(item for item in items if getattr(item, "source", "") == "herald")
    assert copied.derived_from == tuple(item.id for item in items if item.draft == one.draft.id)


def test_events_and_sources_are_listed_with_the_last_forecasts(folder: Path) -> None:
    update(folder, Request())

    async def script(client: Client) -> None:
        events = (await told(client, "list_events"))["events"]
        assert [each["id"] for each in events] == ["pact", "troops"]
        (last,) = events[1]["forecasts"]
        assert last["probability"] == figures(folder)["troops", "2024-12-31"]
        sources = await told(client, "list_sources")
        assert {each["id"] for each in sources["sources"]} == {"gazette", "herald"}
        assert [each["hit_rate"] for each in sources["types"]] == ["70% [50%, 85%]"]
        full = await told(client, "event", event="troops")
        assert [each["id"] for each in full["items"]] == ["e1", "e3"]
        assert full["links"][0]["parent"] == "pact"

    follow(folder, script)


def test_what_an_assistant_proposes_is_handed_out_with_its_name(folder: Path) -> None:
    async def script(client: Client) -> None:
        rows = [REPORT, {**REPORT, "event": "pact", "claim": "off", "text": "No pact was signed"}]
        await told(client, "add_draft", **FIRST, rows=rows, why="Two claims.")

    follow(folder, script)
    (one,) = waiting(folder)
    assert one.suggested is not None
    assert (one.suggested.by, one.suggested.why) == ("ada", "Two claims.")
    assert [row["event"] for row in one.filing().rows] == ["troops", "pact"]
    assert [row["text"] for row in one.filing().rows] == [FIRST["title"], "No pact was signed"]
    head, *rows = sheet_of([one]).splitlines()
    assert "proposed" in head
    assert [row.split(",")[0] for row in rows] == [one.draft.id] * 2
    assert all(
        "proposed by ada Two claims." in row and "by=ada; event=troops" in row for row in rows
    )


def test_a_review_shows_who_proposed_and_each_of_the_items(folder: Path) -> None:
    async def script(client: Client) -> None:
        rows = [REPORT, {**REPORT, "event": "pact", "claim": "off"}]
        await told(client, "add_draft", **FIRST, rows=rows, why="Two claims, [bold]really[/bold].")

    follow(folder, script)
    screen = StringIO()
    console = Console(file=screen, width=100, height=40, highlight=False)
    keys = iter("\tq")
    review = Review(folder, "ann", pile(folder), console, lambda: next(keys), lambda *_: "")
    review.run()
    for number in (1, 2):
        head = f"item {number} of 2, report, proposed by ada: Two claims, [bold]really[/bold]."
        assert head in screen.getvalue()
    assert [row["event"] for row in review.filing().rows] == ["troops", "pact"]


def test_a_later_proposal_stands_in_place_of_the_earlier_one(folder: Path) -> None:
    async def script(client: Client) -> None:
        draft = (await told(client, "add_draft", **FIRST, rows=[REPORT]))["draft"]
        again = await told(client, "add_draft", **FIRST)
        assert (again["draft"], again["new"]) == (draft, False)
        await told(client, "propose_items", draft=draft, rows=[{**REPORT, "claim": "off"}])
        full = await told(client, "proposals", draft=draft)
        assert [each["untrusted_rows"][0]["claim"] for each in full["by_assistants"]] == [
            "off",
            "on",
        ]

    follow(folder, script)
    (one,) = waiting(folder)
    assert one.filing().rows[0]["claim"] == "off"
    assert len(inbox_of(folder).suggestions()) == 2


def test_the_guide_comes_with_the_events_and_sources_of_the_workspace(folder: Path) -> None:
    async def script(client: Client) -> None:
        prompt = await client.get_prompt("coding_guide")
        (message,) = prompt.messages
        text = message.content.text
        for words in ("Decide in this order", "`troops`: Troops deploy", "`herald` (The Herald)"):
            assert words in text
        resource = (await client.read_resource("forecast://guide")).contents[0]
        assert resource.text == text
        assert (await client.call_tool("coding_guide", {})).content[0].text == text

    follow(folder, script)


def test_reasons_and_what_to_watch_are_those_of_the_last_run(folder: Path) -> None:
    update(folder, Request())

    async def script(client: Client) -> None:
        why = await told(client, "reasons", event="troops")
        assert why["moved"][0]["what"] == "(prior)"
        assert "e1" in {each["what"] for each in why["moved"]}
        last = why["moved"][-1]["probability"]
        assert last == pytest.approx(figures(folder)["troops", "2024-12-31"], abs=1e-9)
        assert sum(each["points"] for each in why["moved"]) == pytest.approx(last, abs=1e-9)
        watch = (await told(client, "what_would_change_my_mind", event="troops"))["watch"]
        assert {"The Gazette", "The Herald"} & {each["source"] for each in watch}
        assert all(each["if_so"] != each["if_not"] for each in watch)

    before = digests(folder)
    follow(folder, script)
    (kept,) = changed(before, digests(folder))  # as `forecast show` keeps them
    assert kept.endswith(".reasons.json")


def test_true_and_false_are_on_and_off_for_an_assistant_too(folder: Path) -> None:
    async def script(client: Client) -> None:
        for truth, claim in ((True, "on"), (False, "off")):
            rows = [{**REPORT, "claim": truth, "published": "2024-06-20"}]
            assert (await told(client, "check_items", rows=rows))["ok"]
            article = {**FIRST, "title": f"{FIRST['title']}, {claim}"}
            draft = (await told(client, "add_draft", **article, rows=rows))["draft"]
            (waits,) = (each for each in waiting(folder) if each.draft.id == draft)
            assert waits.prefilled.cells["claim"] == claim

    follow(folder, script)
