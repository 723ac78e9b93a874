"""News that means harm, or is broken, ends as a fault or as inert, bounded drafts, and soon."""

import gzip
import json
import time
import tracemalloc
import unicodedata
import zipfile
from dataclasses import fields
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.files import _workbook
from forecast.inbox._draft import Draft
from forecast.inbox._store import DRAFTS, Inbox
from forecast.inbox.readers import LAYOUTS, Entries, Origin, read_entries
from forecast.inbox.readers import _bytes as reading
from forecast.inbox.readers import _entry as bounds
from forecast.inbox.readers._markup import plain

NOW = datetime(2024, 12, 1, tzinfo=UTC)
MEGABYTES_5 = 5_000_000
SECONDS = 60.0
"""Of the processor: ten times what the slowest takes, a quarter of what grows with a square."""


def read(data: bytes | str, name: str = "x.xml", layout: str | None = None) -> Entries:
    given = data.encode() if isinstance(data, str) else data
    return read_entries(given, Origin(name), NOW, layout)


def rss(body: str, title: str = "t") -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>c</title><item>'
        f"<title>{title}</title><link>https://a.example/1</link>"
        f"<description>{body}</description></item></channel></rss>"
    )


def assert_inert(draft: Draft) -> None:
    """Hold a draft to its bounds, and to text that does nothing on a terminal."""
    most = {
        "title": bounds.MOST_TITLE,
        "text": bounds.MOST_TEXT,
        "url": bounds.MOST_URL,
        "outlet": bounds.MOST_NAME,
        "byline": bounds.MOST_NAME,
        "language": bounds.MOST_LANGUAGE,
        "published_as": bounds.MOST_NAME,
    }
    assert all(len(getattr(draft, name)) <= length for name, length in most.items())
    assert draft.url == "" or draft.url.startswith(("http://", "https://"))
    assert len(draft.fields) <= bounds.MOST_FIELDS
    assert len(draft.notes) <= bounds.MOST_NOTES
    texts = [str(getattr(draft, each.name)) for each in fields(draft) if each.name != "text"]
    texts += [draft.text.replace("\n", " "), *draft.fields, *draft.fields.values(), *draft.notes]
    for text in texts:
        unsafe = {c for c in text if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}}
        assert not unsafe
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e")


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><rss version="2.0"><channel><item><title>&c;</title>'
    "</item></channel></rss>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<rss version="2.0"><channel><item><title>&x;</title></item></channel></rss>'
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        OUTSIDE,
        OUTSIDE.replace("DOCTYPE", "doctype"),
        OUTSIDE.replace("<?xml", "<!-- a --><?xml").replace('<?xml version="1.0"?>', ""),
        '<rss><!ENTITY a "b"><channel><item><title>&a;</title></item></channel></rss>',
        '<!DOCTYPE rss SYSTEM "http://evil.example/x.dtd"><rss version="2.0"><channel/></rss>',
    ],
    ids=["laughs", "file", "lower case", "after a comment", "in the body", "outside"],
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_feed_that_declares_entities_is_not_read(text: str, charset: str) -> None:
    with pytest.raises(InputError, match="declares <!"):
        read(text.encode(charset), layout="rss")


def test_a_declaration_within_an_article_is_a_part_of_its_text() -> None:
    (draft,) = read(rss("<![CDATA[<p>Begin with &lt;!DOCTYPE html&gt; and go on.</p>]]>")).drafts
    assert draft.text == "Begin with and go on."  # escaped markup within markup is markup


@pytest.mark.parametrize("declared", ["<![seep [x]]>", "<![ ]>", "<!ELEMENT a [b]>", "<!doctype ["])
@pytest.mark.parametrize("within", ["{}", '<a href="{}">', '<a x="a"b">{}">', "<a ='>{}'>"])
def test_a_declaration_in_a_page_is_no_fault(declared: str, within: str) -> None:
    page = f"<html><body><p>Talks {within.format(declared, declared)} begin.</p></body></html>"
    (draft,) = read(page, "x.html", "page").drafts
    assert "Talks" in draft.text
    assert "begin" in draft.text


def test_scripts_styles_frames_and_forms_leave_nothing() -> None:
    body = (
        "<p>A</p><script>steal()</script><style>p{}</style><iframe src=x>f</iframe>"
        "<form><input value=secret>g</form><svg><text>h</text></svg><img src=x onerror=go()>"
        "<!-- i --><a href='javascript:go()'>B</a><noscript>j</noscript><p>C"
    )
    (draft,) = read(rss(f"<![CDATA[{body}]]>")).drafts
    assert draft.text == "A\nB\nC"


@pytest.mark.parametrize(
    "text",
    [
        "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J",
        "left \u202eright\u202c \u2066in\u2069 \u200emark",
        "nul \x00 bell \x07 back \x08 del \x7f",
        "lines \u2028 and \u2029 and \x0b and \x0c",
        "lone \ud800 half",
        "tag \U000e0041\U000e0042 letters",
    ],
    ids=["escapes", "bidirectional", "control", "breaks", "surrogate", "tags"],
)
def test_nothing_in_a_text_reaches_a_terminal(text: str) -> None:
    row = {"title": text, "text": text, "outlet": text, "author": text, "date": text, text: text}
    (draft,) = read(json.dumps(row), "x.jsonl").drafts
    assert_inert(draft)
    assert draft.title


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "//no.scheme.example/",
        "https://",
        "http://[::1",
        "https://a.example/ b",
        "\x1b]8;;https://evil.example\x07",
        "https://a.example/" + "x" * 5000,
    ],
)
def test_only_addresses_of_the_web_are_addresses(url: str) -> None:
    (draft,) = read(json.dumps({"title": "t", "url": url}), "x.jsonl").drafts
    assert draft.url == ""
    assert draft.fields["url"]
    assert_inert(draft)


UNFINISHED = {
    "words": "word ",
    "tags": "<b>x</b>",
    "nested": "<div>",
    "open tags": "<a",
    "comments": "<!--",
    "declarations": "<![",
    "closing": "</",
    "references": "&#",
    "amps": "&amp;",
    "quotes": "<p a='",
    "attributes": "<p a='b' ",
    "spaces": " \n",
    "scripts": "<script>",
}


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        *((name, "rss") for name in UNFINISHED),
        *((name, "page") for name in ("words", "nested", "open tags", "quotes", "scripts")),
        *((name, layout) for name in ("tags", "open tags") for layout in ("json_feed", "table")),
    ],
)
def test_an_article_of_5_mb_is_a_bounded_draft_in_a_few_seconds(name: str, layout: str) -> None:
    piece = UNFINISHED[name]
    body = "Begin. " + piece * (MEGABYTES_5 // len(piece))
    whole = {
        "rss": lambda: rss(f"<![CDATA[{body}]]>"),
        "json_feed": lambda: json.dumps(
            {"version": "https://jsonfeed.org/version/1.1", "items": [{"content_html": body}]}
        ),
        "page": lambda: f"<html><body>{body}",
        "table": lambda: json.dumps({"title": "t", "text": body}),
    }[layout]()
    began = time.process_time()
    (draft,) = read(whole, layout=layout).drafts
    assert time.process_time() - began < SECONDS
    assert_inert(draft)
    assert draft.text.startswith("Begin.")


def test_an_article_of_5_mb_takes_little_in_the_inbox(tmp_path: Path) -> None:
    row = dict.fromkeys(("title", "text", "url", "source", "z"), "word " * (MEGABYTES_5 // 5))
    (draft,) = read(json.dumps(row), "x.jsonl").drafts
    assert any("was cut to" in note for note in draft.notes)
    Inbox(tmp_path).add([draft])
    assert (tmp_path / DRAFTS).stat().st_size < 50_000
    assert Inbox(tmp_path).drafts() == [draft]


def test_cells_of_5_mb_are_cut_in_a_table() -> None:
    text = 'title,text\nx,"' + "word " * (MEGABYTES_5 // 5) + '"\n'
    (draft,) = read(text, "x.csv").drafts
    assert len(draft.text) <= bounds.MOST_TEXT


def test_more_fields_than_anybody_reads_are_left_out() -> None:
    row = {"title": "t", **{f"field {n}": "x" for n in range(400)}}
    (draft,) = read(json.dumps(row), "x.jsonl").drafts
    assert len(draft.fields) == bounds.MOST_FIELDS
    assert f"{400 - bounds.MOST_FIELDS} of its 400 fields were left out" in draft.notes


def test_more_entries_than_are_meant_are_refused() -> None:
    with pytest.raises(InputError, match=r"has more than 20,000 entries\. Split it"):
        read("title\n" + "a\n" * 20_001, "x.csv", "table")


@pytest.mark.parametrize("layout", ["rss", "page", "table", "text"])
def test_nul_bytes_end_as_nothing_or_as_a_fault(layout: str) -> None:
    text = {
        "rss": rss("a\0b"),
        "page": "<p>a\0b</p>",
        "table": "title,text\na,b\0c\n",
        "text": "a\0b",
    }
    few = text[layout] + " " * 2000
    for draft in read(few, layout=layout).drafts:
        assert_inert(draft)
    with pytest.raises(InputError, match="is no text"):
        read("\0" * 100 + text[layout], layout=layout)


def test_a_wrong_charset_is_told() -> None:
    page = "<html><head><meta charset=utf-8></head><body><p>Café</p></body></html>"
    found = read(page.encode("cp1252"), "x.html")
    assert found.drafts[0].text == "Café"
    assert found.notes == (
        "is not the utf-8 that it is said to be; "
        "is not UTF-8 and was read as Windows-1252; letters with accents may be wrong",
    )


@pytest.mark.parametrize(
    "charset", ["idna", "unicode_escape", "zlib", "base64", "rot13", "utf-7", "x\x1b[31m"]
)
def test_a_codec_that_is_no_charset_is_not_used(charset: str) -> None:
    page = f"<html><head><meta charset={charset}></head><body><p>+ADw- Cafe</p></body></html>"
    (draft,) = read(page, "x.html").drafts
    assert draft.text == "+ADw- Cafe"


@pytest.mark.parametrize("charset", ["iso-8859-2", "koi8-r", "shift_jis", "gb18030", "utf-16"])
def test_a_charset_that_the_server_states_is_heeded(charset: str) -> None:
    words = {"iso-8859-2": "Żółw", "koi8-r": "Мир", "shift_jis": "新聞", "gb18030": "新闻"}
    title = words.get(charset, "Ünïcode")
    origin = Origin("x.txt", f'text/plain; charset="{charset}"')
    assert read_entries(title.encode(charset), origin, NOW).drafts[0].title == title


def packed_zip(content: bytes, name: str = "a.csv") -> bytes:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return whole.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, packed_zip], ids=["gzip", "zip"])
def test_what_unpacks_to_far_more_is_refused_in_bounded_memory(
    pack: "type[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1_000_000)
    bomb = pack(bytes(100_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="unpacks to more than 1 MB"):
            read(bomb, "x.zip")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_an_archive_within_an_archive_is_refused() -> None:
    for inner in (gzip.compress(b"title\na\n"), packed_zip(b"title\na\n")):
        for outer in (gzip.compress(inner), packed_zip(inner)):
            with pytest.raises(InputError, match="is an archive within an archive"):
                read(outer, "x.zip")


@pytest.mark.parametrize("cut", [10, 40, -5])
def test_a_broken_archive_is_told(cut: int) -> None:
    content = ("title\n" + "\n".join(str(n**5) for n in range(200))).encode()
    for whole in (gzip.compress(content), packed_zip(content)):
        with pytest.raises(InputError, match="is a broken archive"):
            read(whole[:cut], "x.zip")


def workbook(cell: str, repeat: int = 1, shared: str = "") -> bytes:
    """Return the sample workbook with another sheet, and texts that its cells share."""
    whole = BytesIO()
    with (
        zipfile.ZipFile("tests/data/inbox/clippings.xlsx") as sample,
        zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in sample.namelist():
            content = sample.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                head, _, tail = content.partition("<sheetData>")
                end = tail.partition("</sheetData>")[2]
                content = f"{head}<sheetData>{cell * repeat}</sheetData>{end}"
            archive.writestr(name, content)
        if shared:
            archive.writestr("xl/sharedStrings.xml", f"<sst><si><t>{shared}</t></si></sst>")
    return whole.getvalue()


@pytest.mark.parametrize("mark", ['t="s"', "t = 's'", 't="&#115;"'])
def test_a_workbook_whose_cells_share_one_long_text_is_refused(mark: str) -> None:
    row = f"<row><c {mark}><v>0</v></c></row>"
    with pytest.raises(InputError, match="the workbook is too large"):
        read(workbook(row, 1000, "x" * 1_000_000), "x.xlsx")


def test_a_workbook_with_cells_far_apart_is_refused() -> None:
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    with pytest.raises(InputError, match="the workbook is too large"):
        read(workbook(far), "x.xlsx")


def test_a_workbook_that_unpacks_to_far_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_workbook, "MAX_UNPACKED", 1_000_000)
    row = '<row><c t="inlineStr"><is><t>title</t></is></c></row>'
    with pytest.raises(InputError, match="the workbook is too large"):
        read(workbook(row, 100_000), "x.xlsx")


def test_a_broken_workbook_is_told() -> None:
    with pytest.raises(InputError, match="is no workbook that can be read"):
        read(workbook("<row><c"), "x.xlsx")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "data", [b"[" * 200_000, b'{"a":' * 200_000, b"<a>" * 20_000, b"\xff" * 999]
)
def test_nonsense_ends_as_a_fault_or_as_drafts_whatever_it_is_called(
    data: bytes, layout: str
) -> None:
    try:
        found = read(data, "x", layout)
    except InputError as error:
        assert error.faults[0].remedy  # noqa: PT017
        return
    for draft in found.drafts:
        assert_inert(draft)


def test_markup_escaped_twice_is_undone() -> None:
    assert plain("&amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt;") == "<b>bold</b>"
    assert plain("&lt;b&gt;bold&lt;/b&gt;") == "bold"
    assert plain("a < b and c > d & e") == "a < b and c > d & e"


def test_a_feed_that_is_not_well_formed_is_read_as_far_as_it_goes() -> None:
    found = read('<rss version="2.0"><channel><item><title>A & B</title></item><item><title>C')
    assert found.drafts[0].title == "A & B"
    assert "is not well-formed" in found.notes[0]


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#1114112;", "&#xD800;", "&#x110000;", "&#" + "9" * 50 + ";"]
)
def test_references_to_no_character_cost_no_entry(reference: str) -> None:
    found = read(rss(f"a {reference} b", title=f"t {reference}"))
    (draft,) = found.drafts
    assert (draft.title, draft.text) == ("t \ufffd", "a \ufffd b")


def test_a_feed_over_which_its_parser_stumbles_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise AttributeError

    monkeypatch.setattr("feedparser.parse", stumble)
    with pytest.raises(InputError, match="is a feed so broken that it cannot be read"):
        read(rss("a"))


def test_a_feed_that_is_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="is a feed of more than 10 million characters"):
        read(rss("x" * 10_000_000))
