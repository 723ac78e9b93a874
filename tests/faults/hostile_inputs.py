"""Hostile inputs, as a table: what is put into a workspace, and which command is to answer.

Each has about 1 MB at most. A file is text, bytes, or a function that makes it in its place.
"""

import io
import json
import os
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.files.workbooks import write_xlsx
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE

type Made = Callable[[Path], object]


class Hostile(NamedTuple):
    """What is put into a workspace, what is asked, and how that is to end.

    Parameters
    ----------
    files
        By their place in the workspace; None takes a sample's file away.
    asked
        The command, or else lines of Python.
    says
        What the answer has to say; empty for a legal answer, in which nothing is wrong.
    """

    files: dict[str, str | bytes | Made | None]
    says: str = ""
    asked: str = "check"
    python: str = ""


MB = 990_000
PRIORS, ITEMS, TOML = "priors/tiny.yaml", "evidence/items.csv", "forecast.toml"
HEADER = EVIDENCE.splitlines()[0] + "\n"
ROW = "2024-05-01,report,troops,gazette,on,\n"
HEAD = "name: tiny\nstart: 2024-01-01\nhorizon: 2025-12-31\nevents:\n"
NEWS, GIVEN = "news.xml", "given.nc"


def network(text: str, says: str = "") -> Hostile:
    return Hostile({PRIORS: text}, says or r"priors/tiny\.yaml")


def listed(text: str, says: str = "") -> Hostile:
    return Hostile({ITEMS: None, "evidence/items.yaml": text}, says or r"evidence/items\.yaml")


def items(text: str | bytes, says: str = "") -> Hostile:
    return Hostile({ITEMS: text}, says or r"evidence/items\.csv")


def toml(text: str, says: str = r"forecast\.toml") -> Hostile:
    return Hostile({TOML: text}, says)


def news(text: str | bytes | Made, says: str = "", name: str = NEWS) -> Hostile:
    return Hostile({name: text}, says, f"inbox add {name}")


def saved(made: Made, says: str = r"given\.nc|posterior") -> Hostile:
    return Hostile({GIVEN: made}, says, python=f"fc.read_posterior('{GIVEN}')")


def brought(name: str, text: str | Made, what: str, says: str) -> Hostile:
    return Hostile({name: text}, says, f"import {what} {name}")


# ---- YAML

ALIASES = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{key}: &{key} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, key in zip("abcdefgh", "bcdefghi", strict=True)
)
MANY_EVENTS = "".join(
    f'  e{n}: {{kind: onset, rate: "5% [2%, 9%] within 1 year"}}\n' for n in range(7_900)
)
FACES = HEAD + "".join(
    f'  e{n}: {{kind: onset, rate: "5% [2%, 9%] within 1 year"}}\n' for n in range(100)
)
DENSE = (
    FACES
    + "links:\n"
    + "".join(
        f'  - {{parent: e{i}, child: e{j}, kind: multiplies, hazard_ratio: "x3 [1.5, 6]"}}\n'
        for i in range(100)
        for j in range(i + 1, 100)
    )
)
YAML: dict[str, Callable[[], Hostile]] = {
    "aliases of aliases": lambda: network(ALIASES, "not allowed"),
    "an anchor that holds itself": lambda: network("a: &a [*a]\n", "not allowed"),
    "merge keys": lambda: network("a: {b: 1}\nc:\n  <<: {b: 2}\n  <<: *a\n"),
    "brackets without end": lambda: network("[" * MB, "more than 32 levels"),
    "braces without end": lambda: network("{" * MB),
    "deeper and deeper": lambda: network("".join(" " * n + "a:\n" for n in range(1_400))),
    "dashes in dashes": lambda: network("- " * (MB // 2), "more than 32 levels"),
    "question marks": lambda: network("? " * (MB // 2)),
    "a million numbers": lambda: network("[" + ",".join("1" * (MB // 2)) + "]", "40,000"),
    "a whole number of a million digits": lambda: network("name: " + "9" * MB),
    "a power of ten beyond all": lambda: network("name: 1e999999999"),
    "a number in octal, in hex and in sixties": lambda: network(
        "name: 0o17\nstart: 0xFF\nhorizon: 1:1:1"
    ),
    "one scalar of 1 MB": lambda: network("x" * MB),
    "one quoted scalar of 1 MB, escaped": lambda: network('name: "' + "\\x41" * (MB // 4) + '"'),
    "a folded scalar of a hundred thousand lines": lambda: network("name: >\n" + "  a\n" * 200_000),
    "19,000 keys that are unknown": lambda: network(
        HEAD + "  a: {" + ", ".join(f"k{n}: 1" for n in range(19_000)) + "}\n"
    ),
    "one key 24,900 times": lambda: network("k: 1\n" * 22_900, "is repeated"),
    "9,000 events without a field": lambda: network(
        HEAD + "".join(f"  e{n}: {{}}\n" for n in range(9_000))
    ),
    "9,000 links from nowhere": lambda: network(
        NETWORK + "".join(f"  x{n}: {{parent: a, child: b}}\n" for n in range(9_000))
    ),
    "a tag that runs a command": lambda: network(
        '!!python/object/apply:os.system ["touch owned"]', "tag"
    ),
    "a tag of its own": lambda: network("%TAG ! tag:x,2000:\n---\n!a {b: !c d}\n", "tag"),
    "half of a character": lambda: network(r'name: "\ud83d"', "half of a character"),
    "half of a character as a key": lambda: network(r'"\udc00": 1', "half of a character"),
    "ten thousand documents": lambda: network("--- a\n" * 10_000, "second document"),
    "comments alone": lambda: network("#\n" * (MB // 2), "empty"),
    "a title of 1 MB": lambda: Hostile({PRIORS: NETWORK.replace("A pact and", "A" * 900_000)}),
    "a name of 300 letters": lambda: network(NETWORK.replace("pact", "p" * 300)),
    "a name of 200,000 letters": lambda: network(NETWORK.replace("troops", "t" * 200_000)),
    "7,900 events": lambda: Hostile({PRIORS: HEAD + MANY_EVENTS, ITEMS: HEADER}),
    "100 events, each linked with each": lambda: Hostile({PRIORS: DENSE, ITEMS: HEADER}),
    "a horizon in 2262": lambda: Hostile({PRIORS: NETWORK.replace("2025-12-31", "2262-04-12")}),
    "a horizon in 9998": lambda: Hostile({PRIORS: NETWORK.replace("2025-12-31", "9998-12-31")}),
    "a horizon in 9999": lambda: network(NETWORK.replace("2025-12-31", "9999-12-31"), "calendar"),
    "a start in the year 1": lambda: network(NETWORK.replace("2024-01-01", "0001-01-01"), "years"),
    "a year of five digits": lambda: network(NETWORK.replace("2025-12-31", "12025-12-31")),
    "9,000 items of nothing": lambda: listed("items:\n" + "- {}\n" * 9_000),
    "items in items": lambda: listed("items: " + "[" * 5_000, "32 levels"),
    "9,000 sources of 9,000 types": lambda: Hostile(
        {
            "priors/sources.yaml": "sources:\n"
            + "".join(f"  s{n}: {{title: a, type: t{n}}}\n" for n in range(9_000)),
            PRIORS: NETWORK[: NETWORK.index("types:")],
        },
        r"sources\.yaml",
    ),
}  # fmt: skip

# ---- TOML

TOML_CASES: dict[str, Callable[[], Hostile]] = {
    "a key of 45,000 parts": lambda: toml("[a]\n" + ".".join(["k"] * 45_000) + " = 1"),
    "a heading of 45,000 parts": lambda: toml("[" + ".".join(["k"] * 45_000) + "]"),
    "parts in quotes with dots": lambda: toml(".".join(['"a.b"'] * 16_000) + " = 1"),
    "18 inline tables of 900 parts": lambda: toml(
        "".join(f"x{n} = {{ {'.'.join(['k'] * 900)} = 1 }}\n" for n in range(50))
    ),
    "lists without end": lambda: toml("a = " + "[" * 99_000),
    "inline tables in inline tables": lambda: toml("a = " + "{b=" * 30_000),
    "an endless number": lambda: toml("a = " + "9" * 99_000),
    "a number in hex without end": lambda: toml("a = 0x" + "f" * 99_000),
    "15,000 tables": lambda: toml("".join(f"[t{n}]\n" for n in range(11_000))),
    "11,000 keys on one table": lambda: toml(
        WORKSPACE + "".join(f"k{n}=1\n" for n in range(9_000))
    ),
    "15,000 entries of one list of tables": lambda: toml("[[counts]]\n" * 9_000),
    "15,000 lists in one another": lambda: toml(
        "[workspace]\nnetworks = [" + "[]," * 30_000 + "]\n"
    ),
    "a file of 1 MB": lambda: toml("#" * MB),
    "20,000 networks": lambda: toml(
        "[workspace]\nnetworks = [" + '"a",' * 20_000 + "]\n", "20,000 files"
    ),
    "1,000 networks": lambda: toml(
        "[workspace]\nnetworks = [" + '"a",' * 1_000 + "]\n", "a: there"
    ),
    "20,000 deadlines": lambda: toml(WORKSPACE.replace('"2024-12-31"', '"9999-12-31",' * 6_000)),
    "a workspace that is another type": lambda: toml("workspace = 1979-05-27T07:32:00Z\n"),
    "infinite draws": lambda: toml(WORKSPACE.replace("512", "inf")),
    "20,000 alerts": lambda: toml(
        WORKSPACE + "[alerts]\n" + "".join(f"e{n} = {{}}\n" for n in range(7_000))
    ),
}  # fmt: skip

# ---- CSV and workbooks


def sheets(*files: tuple[str, bytes], sheet: bytes = b"") -> Made:
    """Return what makes a workbook of which a sheet, or some files, are others."""

    def make(path: Path) -> None:
        rows = [line.split(",") for line in EVIDENCE.splitlines()]
        sound = zipfile.ZipFile(write_xlsx(path.with_name("sound.zip"), {"items": rows}))
        with sound, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sound.namelist():
                if name not in dict(files):
                    taken = sheet and name.endswith("sheet1.xml")
                    archive.writestr(name, sheet if taken else sound.read(name))
            for name, data in files:
                archive.writestr(name, data)
        path.with_name("sound.zip").unlink()

    return make


def book(made: Made, says: str = r"items\.xlsx") -> Hostile:
    return Hostile({ITEMS: None, "evidence/items.xlsx": made}, says)


SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
    '2006/main"><sheetData>%s</sheetData></worksheet>'
)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
CSV: dict[str, Callable[[], Hostile]] = {
    "a row of a million cells": lambda: Hostile({ITEMS: HEADER + "," * MB}),
    "a header of 100,000 columns": lambda: items(",".join(f"c{n}" for n in range(100_000))),
    "one column 190 times": lambda: items(",".join(["id"] * 190) + "\n" + "," * 189, "lacks"),
    "quotes without end": lambda: items(HEADER + '"' * 900_001),
    "a quote that is never closed": lambda: items(HEADER + '"' + ROW * 20_000, "broken"),
    "NUL bytes": lambda: items(HEADER.encode() + b"\0" * MB, "NUL"),
    "one cell of 1 MB": lambda: items(f'{HEADER}e1,"{"x" * 980_000}",a,b,c,d,e\n'),
    "24,000 rows of one id": lambda: items(HEADER + ("e," + ROW) * 24_000, "same id"),
    "24,000 rows that are wrong": lambda: items(HEADER + ("e,20-1,rep,troop,gaz,onn,\n") * 38_000),
    "100,000 rows without a field": lambda: items(
        HEADER + "".join(f"{n},,,,,,\n" for n in range(75_000))
    ),
    "300,000 blank rows": lambda: Hostile({ITEMS: HEADER + ",,,,,,\n" * 140_000}),
    "carriage returns alone": lambda: Hostile({ITEMS: HEADER + "\r" * MB}),
    "not in UTF-8": lambda: items(b"\xff\xfe" * (MB // 2), "UTF-8"),
    "10,000 rows, all legal": lambda: Hostile(
        {ITEMS: HEADER + "".join(f"e{n}," + ROW for n in range(10_000))}
    ),
    "24,000 rows, all legal": lambda: Hostile(
        {ITEMS: HEADER + "".join(f"e{n}," + ROW for n in range(24_000))}
    ),
    "10,000 retractions in a chain": lambda: items(
        HEADER.strip()
        + ",retracts\n"
        + "".join(f"e{n},2024-05-01,report,troops,gazette,on,,e{n + 1}\n" for n in range(10_000))
    ),
    "10,000 copies in a ring": lambda: items(
        HEADER.strip()
        + ",derived_from\n"
        + "".join(
            f"e{n},2024-05-01,report,troops,gazette,on,,e{(n + 1) % 10_000}\n"
            for n in range(10_000)
        )
    ),
    "days from the year 1 to 9999": lambda: items(
        HEADER + "".join(f"e{n},{y},report,troops,gazette,on,\n" for n, y in enumerate(
            ("0001-01-01", "9999-12-31", "0000-01-01", "10000-01-01", "-0001-01-01", "1e9",
             "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59")))
    ),
    "a workbook of zeros": lambda: book(sheets(("xl/media/a.bin", bytes(60_000_000))), "too large"),
    "a sheet that unpacks to 49 MB": lambda: book(
        sheets(sheet=(SHEET % ("<row/>" * 8_000_000)).encode())
    ),
    "a sheet of a million cells": lambda: book(
        sheets(sheet=(SHEET % ("<row>" + "<c><v>1</v></c>" * 1_000_000 + "</row>")).encode())
    ),
    "a sheet of a million rows": lambda: book(
        sheets(sheet=(SHEET % ("<row><c><v>1</v></c></row>" * 1_000_000)).encode())
    ),
    "a sheet with one cell far off": lambda: book(
        sheets(sheet=(SHEET % '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>').encode())
    ),
    "a sheet that says a false dimension": lambda: book(
        sheets(
            sheet=(SHEET % "<row><c><v>1</v></c></row>")
            .replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
            .encode()
        )
    ),
    "texts that a sheet shares a thousand times": lambda: book(
        sheets(
            ("xl/sharedStrings.xml", b"<sst><si><t>" + b"x" * 10_000_000 + b"</t></si></sst>"),
            sheet=(SHEET % ("<row>" + '<c t="s"><v>0</v></c>' * 1_000 + "</row>")).encode(),
        ),
        "too large",
    ),
    "entities in a sheet": lambda: book(
        sheets(sheet=(LAUGHS + SHEET[21:] % "<row><c t='str'><v>&i;</v></c></row>").encode())
    ),
    "elements in elements in a sheet": lambda: book(
        sheets(sheet=(SHEET % ("<row>" + "<c>" * 1_000_000)).encode())
    ),
    "a workbook just within its limits": lambda: book(
        sheets(
            ("a.bin", os.urandom(MB)),
            sheet=(SHEET % ("<row><c><v>1</v></c></row>" * 220_000)).encode(),
        )
    ),
    "a workbook of cells just within its limits": lambda: book(
        sheets(
            ("a.bin", os.urandom(MB)),
            sheet=(SHEET % (("<row>" + "<c><v>1</v></c>" * 33 + "</row>") * 9_900)).encode(),
        )
    ),
    "a workbook that is no archive": lambda: book(lambda path: path.write_bytes(b"PK\3\4" * 99)),
    "a workbook of 7,000 files": lambda: Hostile(
        {"evidence/b.xlsx": sheets(*((f"xl/worksheets/s{n}.xml", b"<row/>") for n in range(7_000))),
         ITEMS: None}
    ),
    "100,000 questions": lambda: Hostile(
        {"questions.csv": "id,event,deadline\n" + "".join(f"q{n},x,y\n" for n in range(75_000))},
        r"questions\.csv",
    ),
    "100,000 resolutions": lambda: Hostile(
        {
            "evidence/resolutions.csv": "id,event,deadline,outcome\n"
            + "".join(f"q{n},x,y,z\n" for n in range(75_000))
        },
        r"resolutions\.csv",
    ),
    "100,000 rows to count": lambda: Hostile(
        {
            TOML: WORKSPACE
            + '[[counts]]\nid = "a"\nfile = "rows.csv"\nsource = "gazette"\nevent = "troops"\n'
            'date = "day"\nper = "day"\nfrom = "1000-01-01"\n',
            "rows.csv": "day\n" + "9999-99-99\n" * 90_000,
        },
        r"rows\.csv",
        "counts",
    ),
}  # fmt: skip

# ---- News


def zipped(data: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)
    return whole.getvalue()


RSS = '<?xml version="1.0"?><rss version="2.0"><channel>%s</channel></rss>'
NEWS_CASES: dict[str, Callable[[], Hostile]] = {
    "entities in a feed": lambda: news(LAUGHS + "<rss><channel>&i;</channel></rss>", "declares"),
    "a feed of a file outside": lambda: news(
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>', "declares"
    ),
    "elements in elements in a feed": lambda: news(RSS % ("<item>" * 160_000), "tags"),
    "59,000 elements in one another": lambda: news(RSS % ("<a>" * 59_000)),
    "9,000 entries of a feed": lambda: news(
        RSS % "".join(f"<item><title>t{n}</title></item>" for n in range(9_000))
    ),
    "articles of markup in a feed": lambda: news(
        RSS
        % (
            ("<item><description><![CDATA[" + "<b>x</b>" * 30_000 + "]]></description></item>") * 4
        )
    ),
    "attributes without end in a feed": lambda: news(
        RSS % ("<item " + " ".join(f'a{n}="b"' for n in range(80_000)) + "/>"), "a tag of more"
    ),
    "JSON in JSON": lambda: news("[" * MB, "JSON|feed", "news.json"),
    "objects in objects": lambda: news('{"a":' * (MB // 5), "JSON|feed", "news.json"),
    "JSON of one number": lambda: news('{"title": ' + "9" * MB + "}", "JSON|feed", "news.json"),
    "JSON of numbers beyond all": lambda: news('{"title": 1e400, "text": NaN}', "", "news.json"),
    "20,000 lines of JSON": lambda: news('{"title": "a"}\n' * 19_999, "", "news.jsonl"),
    "60,000 lines of JSON": lambda: news('{"title": "a"}\n' * 60_000, "20,000", "news.jsonl"),
    "a page of tags that stay open": lambda: news("<html><p>" + "<div>" * 190_000, "", "n.html"),
    "a page of brackets": lambda: news("<html><p>" + "<" * MB, "", "n.html"),
    "a page of quotes": lambda: news("<html>" + "<p a='" * 160_000, "", "n.html"),
    "a page of references": lambda: news("<html><p>" + "&amp" * 240_000, "", "n.html"),
    "a page of attributes": lambda: news("<html><p " + "a=b " * 240_000 + ">x", "", "n.html"),
    "a table of 100,000 columns": lambda: news(
        "title," + ",".join(f"c{n}" for n in range(100_000)) + "\na" + "," * 100_000,
        "more than 500",
        "n.csv",
    ),
    "a table of 300,000 short rows": lambda: news("title\n" + "a\n" * 300_000, "20,000", "n.csv"),
    "an archive of zeros": lambda: news(zipped(bytes(97_000_000)), "more than 96 MB", "n.zip"),
    "zeros in gzip": lambda: news(
        zlib.compressobj(9, zlib.DEFLATED, 31).compress(b"") + b"\x1f\x8b", "broken", "n.gz"
    ),
    "a text of 1 MB without a blank": lambda: news("x" * MB, "", "n.txt"),
    "a draft with a million brackets": lambda: Hostile(
        {"inbox/drafts.jsonl": "[" * MB + "\n"}, r"drafts\.jsonl", "inbox"
    ),
    "10,000 drafts that are none": lambda: Hostile(
        {"inbox/drafts.jsonl": '{"id": 1}\n' * 90_000}, r"drafts\.jsonl", "inbox"
    ),
}  # fmt: skip

# ---- What other programs have

EVENT = "BEGIN:VEVENT\r\nUID:%s\r\nSUMMARY:a\r\n%s\r\nEND:VEVENT\r\n"
ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n%sEND:VCALENDAR\r\n"


def calendar(inside: str, says: str = "") -> Hostile:
    return Hostile({"a.ics": ICS % inside}, says, "import calendar a.ics")


def platform(text: str, name: str, says: str, suffix: str = "json") -> Hostile:
    return brought(f"x.{suffix}", text, name, says)


BIF = "network a { }\nvariable %s { type discrete [ 2 ] { yes, no }; }\n"
GIVEN_CASES: dict[str, Callable[[], Hostile]] = {
    "a rule from the year 1": lambda: calendar(
        EVENT % ("a", "DTSTART;VALUE=DATE:00010101\r\nRRULE:FREQ=DAILY")
    ),
    "a rule of every second": lambda: calendar(
        EVENT % ("a", "DTSTART:20240101T000000Z\r\nRRULE:FREQ=SECONDLY")
    ),
    "a rule that never comes true": lambda: calendar(
        EVENT % ("a", "DTSTART:20240101T000000Z\r\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    ),
    "2,900 entries of every day": lambda: calendar(
        "".join(
            EVENT % (n, "DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=DAILY") for n in range(2_900)
        )
    ),
    "2,900 rules that never come true": lambda: calendar(
        "".join(
            EVENT % (n, "DTSTART:20240101T000000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
            for n in range(2_900)
        )
    ),
    "rules of a number of times from long ago": lambda: calendar(
        "".join(
            EVENT
            % (
                n,
                "DTSTART:18000101T000000Z\r\n"
                "RRULE:FREQ=DAILY;COUNT=99999999;BYMONTH=2;BYMONTHDAY=30",
            )
            for n in range(2_900)
        )
    ),
    "100,000 days that are left out": lambda: calendar(
        EVENT
        % (
            "a",
            "DTSTART;VALUE=DATE:20240101\r\nRRULE:FREQ=DAILY\r\n"
            + "EXDATE;VALUE=DATE:" + ",".join(["20240102"] * 100_000),
        )
    ),
    "10,000 entries of nothing": lambda: calendar(EVENT % ("a", "") * 15_000, "3,000"),
    "calendars in calendars": lambda: calendar("BEGIN:VCALENDAR\r\n" * 50_000, r"a\.ics"),
    "parameters without end": lambda: calendar(EVENT % ("a", "DTSTART" + ";A=B" * 200_000 + ":1")),
    "a BIF file of brackets": lambda: brought(
        "a.bif", BIF % "a" + "probability ( a ) " + "{" * 900_000, "network", r"a\.bif"
    ),
    "a variable of 100,000 values": lambda: brought(
        "a.bif",
        "network a { }\nvariable a { type discrete [ 9 ] { " + "v," * 300_000 + "v }; }\n",
        "network",
        r"a\.bif",
    ),
    "20,000 variables": lambda: brought(
        "a.bif", "".join(BIF[14:] % f"v{n}" for n in range(17_000)), "network", r"a\.bif"
    ),
    "a child of 30 parents": lambda: brought(
        "a.bif",
        "".join(BIF[14:] % f"v{n}" for n in range(31))
        + f"probability ( v30 | {', '.join(f'v{n}' for n in range(30))} ) {{ default 0.5, 0.5; }}",
        "network",
        r"a\.bif",
    ),
    "entities in a GeNIe file": lambda: brought(
        "a.xdsl", LAUGHS + "<smile>&i;</smile>", "network", "DOCTYPE"
    ),
    "elements in elements in a GeNIe file": lambda: brought(
        "a.xdsl", "<smile>" * 140_000, "network", "nested too deeply"
    ),
    "a GeNIe file of 70,000 nodes": lambda: brought(
        "a.xdsl", "<smile><nodes>" + "<cpt/>" * 160_000 + "</nodes></smile>", "network", r"a\.xdsl"
    ),
    "a market of a million brackets": lambda: platform("[" * MB, "manifold", r"x\.json"),
    "a market twice in one object": lambda: platform(
        "{" + ",".join(['"a":1'] * 150_000) + "}", "manifold", "one key twice"
    ),
    "150,000 keys and one twice": lambda: platform(
        "{" + ",".join(f'"{n}":1' for n in range(75_000)) + ',"74999":1}',
        "manifold", "one key twice",
    ),
    "300,000 markets that are none": lambda: platform(
        "[" + ",".join(["1"] * 400_000) + "]", "manifold", "the rest was not judged"
    ),
    "100,000 posts of nothing": lambda: platform(
        "[" + ",".join(["{}"] * 300_000) + "]", "metaculus", r"x\.json"
    ),
    "100,000 posts of a number": lambda: platform(
        "[" + ",".join(['{"id":1}'] * 110_000) + "]", "metaculus", "objects, more than"
    ),
    "a number of a million digits": lambda: platform(
        '{"id": ' + "9" * MB + "}", "polymarket", r"x\.json"
    ),
    "100,000 rows of a platform": lambda: platform(
        "a,b\n" + "1,2\n" * 240_000, "fatebook", r"x\.csv", "csv"
    ),
    "a platform's table of 100,000 columns": lambda: platform(
        ",".join(f"c{n}" for n in range(100_000)) + "\n" + "," * 99_999,
        "fatebook", r"x\.csv", "csv",
    ),
    "a platform's table of one column 200,000 times": lambda: platform(
        ",".join(["c"] * 200_000) + "\n" + "," * 199_999, "goodjudgment", r"x\.csv", "csv"
    ),
}  # fmt: skip

# ---- Saved draws


def netcdf(write: Callable[["object"], object]) -> Made:
    """Return what writes a saved posterior whose HDF5 content is another, with a seal that fits."""

    def make(path: Path) -> None:
        import h5py  # type: ignore[import-untyped]  # noqa: PLC0415

        from forecast.posterior._kept import MARK  # noqa: PLC0415

        with h5py.File(path, "w", libver="latest") as file:
            write(file)
        data = path.read_bytes()
        path.write_bytes(data + MARK + sha256(data).hexdigest().encode() + b"\n")

    return make


def stated(**attributes: object) -> Made:
    def write(file: "object") -> None:
        text = json.dumps({"form": 1, "version": "0", **attributes}).encode()
        file["stated"] = np.frombuffer(text, "u1")  # type: ignore[index]

    return netcdf(write)


def _bomb(file: object, shape: tuple[int, ...], **how: object) -> None:
    file.create_dataset("a", shape, "f8", **how)  # type: ignore[attr-defined]


def _objects(file: object) -> None:
    import h5py  # noqa: PLC0415

    kind = h5py.vlen_dtype("f8")
    made = file.create_dataset("a", (1_000,), kind)  # type: ignore[attr-defined]
    made[:] = [[1.0] * 100] * 1_000


def _shared_values(file: object) -> None:
    """Write values of variable length whose parts are few bytes and say that they are many."""
    import h5py  # noqa: PLC0415

    made = file.create_dataset(  # type: ignore[attr-defined]
        "a", (10_000_000,), h5py.string_dtype(), compression="gzip", chunks=(1_000_000,)
    )
    made.attrs["x"] = "y" * 30_000


def _outside(file: object) -> None:
    import h5py  # noqa: PLC0415

    file["a"] = h5py.ExternalLink("/dev/zero", "/a")  # type: ignore[index]
    file["b"] = h5py.SoftLink("/b")  # type: ignore[index]
    raw = file.create_dataset("c", (8,), "u1", external=[("/etc/passwd", 0, 8)])  # type: ignore[attr-defined]
    assert raw.shape == (8,)


def _groups(file: object) -> None:
    for _ in range(3_000):
        file = file.create_group("g")  # type: ignore[attr-defined]


def _attributes(file: object) -> None:
    for n in range(15):
        file.attrs[f"a{n}"] = "x" * 60_000  # type: ignore[attr-defined]


def _ring(file: object) -> None:
    file.create_group("a")["b"] = file["/"]  # type: ignore[attr-defined,index]


def _loud(file: object) -> None:
    """Write units and packed values as netCDF has them, to be worked out when read."""
    made = file.create_dataset("a", (8_000_000,), "i1", compression="gzip", fillvalue=1)  # type: ignore[attr-defined]
    made.attrs["scale_factor"] = 0.1
    made.attrs["units"] = "days since 0001-01-01"


SAVED: dict[str, Callable[[], Hostile]] = {
    "a shape of 80 GB": lambda: saved(netcdf(lambda f: _bomb(f, (10**10,), chunks=(1000,)))),
    "zeros of 3 GB, compressed": lambda: saved(
        netcdf(lambda f: _bomb(f, (400_000_000,), compression="gzip", chunks=(50_000_000,)))
    ),
    "zeros of 60 MB, compressed": lambda: saved(
        netcdf(lambda f: _bomb(f, (7_500_000,), compression="gzip", fillvalue=1.0))
    ),
    "a shape with a factor of 2^62": lambda: saved(
        netcdf(lambda f: _bomb(f, (2**62, 0), maxshape=(None, None), chunks=(1, 1)))
    ),
    "values of variable length": lambda: saved(netcdf(_objects)),
    "ten million texts": lambda: saved(netcdf(_shared_values)),
    "links to the outside": lambda: saved(netcdf(_outside)),
    "3,000 groups in one another": lambda: saved(netcdf(_groups)),
    "a group that holds itself": lambda: saved(netcdf(_ring)),
    "attributes of 1 MB": lambda: saved(netcdf(_attributes)),
    "packed values and days from the year 1": lambda: saved(netcdf(_loud)),
    "a statement that is none": lambda: saved(stated(network="{}", items=[], settings={})),
    "a statement of brackets": lambda: saved(
        netcdf(lambda f: f.__setitem__("stated", np.frombuffer(b"[" * 90_000, "u1")))  # type: ignore[attr-defined]
    ),
    "a form that is a text": lambda: saved(stated(form="x")),
    "no HDF5 at all": lambda: saved(lambda path: path.write_bytes(bytes(900_000))),
    "/dev/zero as a posterior": lambda: Hostile(
        {GIVEN: lambda path: path.symlink_to("/dev/zero")}, "not a file",
        python=f"fc.read_posterior('{GIVEN}')",
    ),
}  # fmt: skip

# ---- Ledgers


def database(*statements: str) -> Made:
    def make(path: Path) -> None:
        with sqlite3.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    return make


LEDGER = "ledger.sqlite3"
LEDGERS: dict[str, Callable[[], Hostile]] = {
    "a database of something else": lambda: Hostile(
        {LEDGER: database("CREATE TABLE a (b)")}, "ledger", "ledger verify"
    ),
    "a database that is none": lambda: Hostile(
        {LEDGER: b"SQLite format 3\0" + b"x" * 900_000}, "ledger", "ledger verify"
    ),
    "a backup of brackets": lambda: Hostile(
        {"copy.jsonl": "[" * MB}, "copy|export", "ledger restore copy.jsonl"
    ),
    "a backup of one number": lambda: Hostile(
        {"copy.jsonl": '{"seq": ' + "9" * MB + "}"}, "copy|export", "ledger restore copy.jsonl"
    ),
}

# ---- Files that are none


def fifo(path: Path) -> None:
    os.mkfifo(path)


def linked(to: str) -> Made:
    return lambda path: path.symlink_to(to)


FILES: dict[str, Callable[[], Hostile]] = {
    "a pipe among the evidence": lambda: Hostile({"evidence/a.csv": fifo}, r"evidence.*a\.csv"),
    "a pipe as the network": lambda: Hostile({PRIORS: fifo}, r"tiny\.yaml.*not a file"),
    "a pipe as the workspace file": lambda: Hostile({TOML: fifo}, r"forecast\.toml"),
    "a pipe as the questions": lambda: Hostile({"questions.csv": fifo}, r"questions\.csv"),
    "a pipe as the sources": lambda: Hostile({"priors/sources.yaml": fifo, PRIORS: NETWORK[
        : NETWORK.index("types:")]}, r"sources\.yaml"),
    "a folder called as evidence": lambda: Hostile(
        {"evidence/b.csv": Path.mkdir}, r"b\.csv"
    ),
    "/dev/zero among the evidence": lambda: Hostile(
        {"evidence/z.csv": linked("/dev/zero")}, r"z\.csv"
    ),
    "/dev/zero as the network": lambda: Hostile({PRIORS: linked("/dev/zero")}, r"tiny\.yaml"),
    "/dev/zero as news": lambda: news(linked("/dev/zero"), "not a file", "n.csv"),
    "a link to itself": lambda: Hostile(
        {"evidence/loop.csv": linked("loop.csv")}, r"loop\.csv"
    ),
    "a link to nothing": lambda: Hostile({"evidence/gone.csv": linked("nowhere")}, r"gone\.csv"),
    "a network outside": lambda: Hostile({PRIORS: linked("/etc/passwd")}, r"tiny\.yaml"),
    "a folder of evidence that is a loop": lambda: Hostile(
        {ITEMS: None, TOML: WORKSPACE.replace("evidence/", "turn"), "turn": linked("turn")}, "turn"
    ),
    "a pipe as a draft file": lambda: Hostile({"inbox/drafts.jsonl": fifo}, "drafts", "inbox"),
    "a pipe as the ledger": lambda: Hostile({LEDGER: fifo}, "ledger", "ledger verify"),
    "a pipe as a calendar": lambda: Hostile({"a.ics": fifo}, "not a file", "import calendar a.ics"),
    "3,000 files of evidence": lambda: Hostile(
        {ITEMS: lambda path: [path.with_name(f"{n}.csv").write_text(HEADER) for n in range(1_000)]}
    ),
}  # fmt: skip

CASES: dict[str, Callable[[], Hostile]] = {
    **{f"yaml: {name}": case for name, case in YAML.items()},
    **{f"toml: {name}": case for name, case in TOML_CASES.items()},
    **{f"table: {name}": case for name, case in CSV.items()},
    **{f"news: {name}": case for name, case in NEWS_CASES.items()},
    **{f"given: {name}": case for name, case in GIVEN_CASES.items()},
    **{f"saved: {name}": case for name, case in SAVED.items()},
    **{f"ledger: {name}": case for name, case in LEDGERS.items()},
    **{f"file: {name}": case for name, case in FILES.items()},
}
