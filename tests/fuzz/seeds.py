"""Sound inputs from which fuzzing begins, for each reader."""

import zipfile
from importlib.resources import files
from pathlib import Path

import forecast as fc
from forecast.ledger import export, ledger_address, open_ledger, publish
from forecast.posterior._kept import TAIL
from tests.files.test_elicitation_files import ANSWERS
from tests.files.test_questions_file import AS_CSV
from tests.files.test_reference_class_file import HEAD, TABLE
from tests.files.workbooks import write_xlsx
from tests.fuzz.readers import PLATFORMS, SHEET
from tests.ledger.samples import run
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE

NEWS = Path("tests/data/inbox")
BAYES = Path("tests/data")
HANDED_OUT = Path("tests/files/platforms/samples")
STARTER = files("forecast.workspace") / "starter"

LISTED = "items:\n  - {id: e1, published: 2024-05-01, kind: report, event: a, source: s}\n"
FULL = f'{WORKSPACE}\n[ledger]\nurl = "postgresql://a@b/c"\n[alerts]\na = {{above = 0.1}}\n'
ROWS = "day,seen,number,what\n2024-01-03,2024-01-04,2,seep\n2024-02-03,2024-02-04,1,seep\n"
DATES = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Vote\r\n"
    "DTSTART;TZID=Europe/Oslo:20240601T120000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=9\r\n"
    "EXDATE:20240608T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
XDSL = (
    '<?xml version="1.0"?><smile version="1.0" id="n"><nodes><cpt id="a"><state id="yes"/>'
    '<state id="no"/><probabilities>0.2 0.8</probabilities></cpt><deterministic id="b">'
    '<state id="x"/><state id="y"/><parents>a</parents><resultingstates>x y</resultingstates>'
    "</deterministic></nodes></smile>"
)
DRAFT = (
    '{"id": "d1", "received": "2024-07-01T00:00:00+00:00", "title": "t", "text": "x", '
    '"published": "2024-07-01T00:00:00+00:00", "via": "a.csv", "layout": "table"}\n'
)
FETCHED = '{"https://a.example/f": {"at": "2024-07-01T00:00:00+00:00", "etag": "x"}}'
MANIFEST = '{"format": 1, "key": "a", "network": "tiny", "as_of": "2024-07-01T00:00:00Z"}'


def seeds(reader: str, folder: Path) -> list[bytes]:
    """Return sound inputs of a reader, and put into the folder what it needs beside them."""
    made = {
        "exported": _exported,
        "database": _database,
        "workbook": _workbook,
        "posterior": _posterior,
    }
    if reader in made:
        return made[reader](folder)
    return [each.encode() if isinstance(each, str) else each for each in _written()[reader]]


def _written() -> dict[str, list[str] | list[bytes]]:
    return {
        "network": [NETWORK, (STARTER / "priors" / "tram.yaml").read_text()],
        "items": [EVIDENCE],
        "listed_items": [LISTED],
        "classes": [HEAD + TABLE],
        "answers": [ANSWERS],
        "questions": [AS_CSV],
        "counts": [ROWS],
        "calendar": [DATES],
        "bayes": [(BAYES / "asia.bif").read_text(), XDSL],
        "manifest": [MANIFEST],
        "workspace": [WORKSPACE, FULL],
        "platform": [*_platforms()],
        "news": [
            (NEWS / name).read_bytes()
            for name in ("rss.xml", "atom.xml", "feed.json", "clippings.csv", "article.html")
        ],
        "inbox": [DRAFT, FETCHED],
    }


def _platforms() -> list[bytes]:
    names = [*PLATFORMS]
    beginnings = {"infer": "goodjudgment", "gjp": "goodjudgment"}
    found = []
    for file in sorted(HANDED_OUT.iterdir()):
        begin = file.name.partition("_")[0]
        name = beginnings.get(begin, begin)
        if name in names:
            first = ("`" if file.suffix == ".csv" else "0").encode()[0] + names.index(name)
            found.append(bytes([first]) + file.read_bytes())
    return found


def _workbook(folder: Path) -> list[bytes]:
    rows = [line.split(",") for line in EVIDENCE.splitlines()]
    file = write_xlsx(folder / "sample.xlsx", {"items": rows})
    with zipfile.ZipFile(file) as archive:
        return [archive.read(SHEET)]


def _posterior(folder: Path) -> list[bytes]:
    pact = fc.Event(id="pact", kind="onset", rate="20% [10%, 35%] within 1 year")
    network = fc.Network(name="demo", start="2024-01-01", horizon="2024-12-31", events=[pact])
    fc.prior(network, draws=64).save(folder / "sound.nc")
    return [(folder / "sound.nc").read_bytes()[:-TAIL]]


def _exported(folder: Path) -> list[bytes]:
    with open_ledger(ledger_address(None, folder, {})) as ledger:
        publish(ledger, run("a"))
        lines = list(export(ledger))
    (folder / "header").write_text(f"{lines[0]}\n")
    return [("#" + "\n".join(lines[1:])).encode(), "\n".join(lines).encode()]


def _database(folder: Path) -> list[bytes]:
    address = ledger_address("sqlite:///sound.sqlite3", folder, {})
    with open_ledger(address) as ledger:
        publish(ledger, run("a"))
    return [(folder / "sound.sqlite3").read_bytes()]
