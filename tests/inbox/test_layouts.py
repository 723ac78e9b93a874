"""Each layout, by samples of the shape that its programs write: what becomes of every field."""

import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest

from forecast.errors import InputError
from forecast.inbox._draft import Draft
from forecast.inbox.readers import Entries, Origin, read_entries
from forecast.inbox.readers._columns import GDELT_EVENTS, GDELT_GKG

SAMPLES = Path("tests/data/inbox")
NOW = datetime(2024, 12, 1, tzinfo=UTC)


def sample(name: str, layout: str | None = None) -> Entries:
    return read_entries((SAMPLES / name).read_bytes(), Origin(name), NOW, layout)


def read(data: bytes | str, name: str = "x.csv", layout: str | None = None) -> Entries:
    given = data.encode() if isinstance(data, str) else data
    return read_entries(given, Origin(name), NOW, layout)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "layout", "drafts", "notes"),
    [
        ("rss.xml", "rss", 3, 2),
        ("rdf.xml", "rss", 1, 0),
        ("atom.xml", "atom", 2, 1),
        ("feed.json", "json_feed", 2, 2),
        ("gdelt.export.CSV", "gdelt", 2, 0),
        ("gdelt.export.CSV.zip", "gdelt", 2, 0),
        ("gdelt.gkg.csv.zip", "gdelt", 2, 0),
        ("acled.csv", "acled", 2, 1),
        ("ucdp.csv", "ucdp", 2, 1),
        ("clippings.csv", "table", 3, 2),
        ("clippings.tsv", "table", 1, 1),
        ("clippings.jsonl", "table", 2, 2),
        ("clippings.xlsx", "table", 2, 0),
        ("article.html", "page", 1, 0),
        ("note.txt", "text", 1, 0),
    ],
)
def test_a_layout_is_known_by_content_whatever_the_file_is_called(
    name: str, layout: str, drafts: int, notes: int
) -> None:
    found = sample(name)
    assert (found.layout, len(found.drafts), len(found.notes)) == (layout, drafts, notes)
    # a note and a page are told from other text by their name alone
    other = read((SAMPLES / name).read_bytes(), name if layout == "text" else "download")
    assert [draft.title for draft in other.drafts] == [draft.title for draft in found.drafts]
    assert len({draft.id for draft in found.drafts}) == drafts
    assert {draft.received for draft in found.drafts} == {NOW}


def test_rss() -> None:
    first, second, third = sample("rss.xml").drafts
    assert first == Draft(
        id=first.id,
        received=NOW,
        via="rss.xml",
        layout="rss",
        title="Two states & one port: talks begin",
        text="Delegations met on Monday in the old customs house.\nA second round is planned.",
        url="https://gazette.example/world/talks-begin?utm=rss",
        outlet="Harbour Gazette — World",
        byline="A. Writer",
        language="en-gb",
        published=utc(2024, 7, 1, 7, 30),
        published_as="Mon, 01 Jul 2024 09:30:00 +0200",
        fields={"id": "gazette-1001", "tags": "Diplomacy"},
    )
    assert second.url == "https://gazette.example/world/ministry-denies"
    assert (third.url, third.fields["url"]) == ("", "javascript:alert(document.cookie)")
    assert (third.published, third.published_as) == (None, "07/08/2024")


def test_rdf_in_another_charset() -> None:
    (draft,) = sample("rdf.xml").drafts
    assert (draft.title, draft.outlet) == ("Un accord est signé", "Observatoire du détroit")
    assert draft.published == utc(2024, 7, 1, 10)


def test_atom() -> None:
    first, second = sample("atom.xml").drafts
    assert first.title == "Parliament votes on the pact"
    assert first.text == "The vote passed by three voices."
    assert (first.published, first.byline) == (utc(2024, 7, 3, 2, 15), "C. Clerk")
    assert second.published == utc(2024, 7, 3, 7)
    assert second.notes == ("it states no publication; when it was last changed was taken",)


def test_json_feed() -> None:
    found = sample("feed.json")
    first, second = found.drafts
    assert (first.text, first.byline) == ("Residents counted forty lorries.", "D. Scribe")
    assert first.published == utc(2024, 7, 1, 3, 45)
    assert (second.url, second.byline) == ("https://frontier.example/n/32", "E. Guest")
    assert found.notes[-1] == "entry 3: is no object of JSON"


def test_gdelt_events() -> None:
    first, second = sample("gdelt.export.CSV.zip").drafts
    assert first.title == (
        "MOSCOW, expresses intent to cooperate, NORTH KOREA, Pyongyang, P'yongyang-si, North Korea"
    )
    assert first.url == "https://www.gazette.example/world/envoy-to-visit"
    assert (first.outlet, second.outlet) == ("gazette.example", "monitor.example")
    assert (first.happened_from, first.happened_to) == (date(2024, 6, 30), date(2024, 6, 30))
    assert first.published == utc(2024, 7, 1, 0, 15)
    assert first.fields["GLOBALEVENTID"] == "1189000001"
    assert first.fields["GoldsteinScale"] == "4.0"


def test_the_knowledge_graph_of_gdelt() -> None:
    first, second = sample("gdelt.gkg.csv.zip").drafts
    assert first.title == "Envoy – said to be senior – will visit"
    assert (first.byline, first.outlet) == ("A. Writer", "gazette.example")
    assert first.published == utc(2024, 6, 30, 22, 45)
    assert second.published == utc(2024, 7, 1, 0, 15)
    assert second.language == "fra"
    assert "V2GCAM" not in first.fields


def test_the_columns_of_gdelt_are_as_many_as_it_has() -> None:
    assert (len(GDELT_EVENTS), len(set(GDELT_EVENTS))) == (61, 61)
    assert (len(GDELT_GKG), len(set(GDELT_GKG))) == (27, 27)


def test_acled() -> None:
    first, second = sample("acled.csv").drafts
    assert first.title.startswith("Armed clash, Military Forces of Fictia (2020-), Northern Front")
    assert first.text.endswith("Two soldiers were wounded.")
    assert first.outlet == "Harbour Gazette; Local Radio"
    assert first.happened_from == date(2024, 6, 28)
    assert first.published == utc(2024, 7, 2)  # when ACLED had it
    assert second.happened_from == date(2024, 6, 29)
    assert second.notes == ("its day is known to a week only (time_precision 2)",)
    assert second.fields["tags"] == "crowd size=about 200"


def test_ucdp() -> None:
    first, second = sample("ucdp.csv").drafts
    assert first.title == "Clash at the Old Mill;Shots at the mill"
    assert first.published == utc(2024, 7, 1)  # the end of the day of the last source
    assert second.title == (
        "one-sided violence, Government of Fictia - Civilians, Hills area, Fictia"
    )
    assert (second.happened_from, second.happened_to) == (date(2024, 6, 1), date(2024, 6, 30))
    assert first.fields["best"] == "2"


def test_a_table_with_names_of_its_own() -> None:
    first, second, third = sample("clippings.csv").drafts
    assert (first.title, first.outlet) == ("Port closed to foreign ships", "Harbour Gazette")
    assert first.published == utc(2024, 7, 2)  # the end of its day
    assert first.fields == {"Desk": "World", "Remark": "seen twice, first by radio"}
    assert second.published is None
    assert second.published_as == "02/03/2024"
    assert third.published == utc(2023, 12, 26)  # 25/12 has one reading


def test_lines_of_json_and_what_is_none() -> None:
    found = sample("clippings.jsonl")
    assert found.drafts[0].published == utc(2024, 7, 1, 9)
    assert found.drafts[1].outlet == "Strait Monitor"
    assert found.notes[0] == "line 2: is not JSON"


def test_a_workbook_shows_what_was_seen_in_it() -> None:
    first, second = sample("clippings.xlsx").drafts
    assert (first.published, first.fields) == (utc(2024, 7, 2), {"Sum": "2"})
    assert second.title == '=HYPERLINK("https://evil.example","click")'  # as text, as typed
    assert second.published == utc(2024, 7, 3)


def test_a_page() -> None:
    (draft,) = sample("article.html").drafts
    assert draft.title == "Bridge reopens after a year"
    assert draft.text == (
        "The bridge over the strait was opened to lorries on Monday, the transport ministry said.\n"
        "It had been closed since last July. More"
    )
    assert draft.url == "https://gazette.example/home/bridge"
    assert (draft.outlet, draft.byline) == ("Harbour Gazette", "F. Pen, G. Quill")
    assert (draft.published, draft.language) == (utc(2024, 7, 1, 13, 5), "en-GB")


def test_a_page_without_json_ld_is_read_by_its_meta_tags() -> None:
    page = (
        '<html><head><title>t | Paper</title><meta property="og:title" content="Title &amp; so">'
        '<meta name="author" content="H. Hand"><meta property="og:locale" content="de_DE">'
        '<meta property="article:published_time" content="2024-07-01"></head>'
        "<body><p>Words.</p></body></html>"
    )
    (draft,) = read(page, "x.html").drafts
    assert (draft.title, draft.byline, draft.text) == ("Title & so", "H. Hand", "Words.")
    assert (draft.published, draft.language) == (utc(2024, 7, 2), "de-DE")


def test_a_fetched_page_has_the_address_it_came_from_whatever_it_claims() -> None:
    origin = Origin("https://a.example/1", "text/html", "https://a.example/1")
    found = read_entries((SAMPLES / "article.html").read_bytes(), origin, NOW)
    assert found.drafts[0].url == "https://a.example/1"


def test_what_is_known_of_a_feed_stands_in_for_what_its_entries_leave_out() -> None:
    origin = Origin("f", outlet="The Paper", language="sv")
    (draft,) = read_entries(b"title,url\nA,https://a.example\n", origin, NOW).drafts
    assert (draft.outlet, draft.language) == ("The Paper", "sv")


@pytest.mark.parametrize(
    "text",
    [
        '{"articles": [{"url": "https://a.example", "title": "A", "seendate": "20240701120000"}]}',
        '[{"url": "https://a.example", "title": "A", "seendate": "20240701T120000Z"}]',
        '{"url": "https://a.example", "title": "A", "date": "2024-07-01T12:00:00Z"}',
        "url;title;date\nhttps://a.example;A;2024-07-01T12:00:00Z",
        "\ufeffTITLE,URL,Publish_Date\r\nA,https://a.example,2024-07-01 12:00 UTC\r\n",
    ],
    ids=["wrapped", "array", "object", "semicolons", "windows"],
)
def test_one_row_however_it_is_written(text: str) -> None:
    (draft,) = read(text).drafts
    assert (draft.title, draft.url) == ("A", "https://a.example")
    assert draft.published == utc(2024, 7, 1, 12)


def test_answers_of_interfaces_are_known_by_their_columns() -> None:
    acled = '{"data": [{"event_id_cnty": "X1", "event_date": "2024-06-28", "event_type": "Riots"}]}'
    ucdp = (
        '{"Result": [{"id": 1, "date_start": "2024-06-28T00:00:00", "dyad_name": "A - B",'
        ' "date_end": "2024-06-29T00:00:00", "type_of_violence": 2}]}'
    )
    assert read(acled).layout == "acled"
    found = read(ucdp)
    assert found.layout == "ucdp"
    assert found.drafts[0].happened_to == date(2024, 6, 29)


def test_the_caller_may_name_the_layout() -> None:
    assert sample("acled.csv", "table").layout == "table"
    assert sample("article.html", "text").drafts[0].title == "<!DOCTYPE html>"
    found = read("plain words", "notes.weird", "text")
    assert found.drafts[0].title == "plain words"


@pytest.mark.parametrize(
    ("name", "layout", "told"),
    [
        ("ucdp.csv", "acled", "has no columns of acled .* event_id_cnty, event_date"),
        ("clippings.csv", "gdelt", "has no columns of gdelt"),
        ("note.txt", "rss", "is no feed: it has no entries"),
        ("note.txt", "json_feed", "is no JSON Feed"),
        ("note.txt", "table", "has no row that can be read"),
        ("clippings.xlsx", "rss", "is a table, and cannot be read as rss"),
        ("note.txt", "rdf", "unknown layout"),
    ],
)
def test_a_wrong_name_of_a_layout_is_told(name: str, layout: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        sample(name, layout)


@pytest.mark.parametrize(
    ("data", "name", "told"),
    [
        (b"", "x.csv", "is empty"),
        (b"  \n ", "x.txt", "is empty"),
        (b"%PDF-1.7 ...", "x.pdf", "is a PDF"),
        (b"\xd0\xcf\x11\xe0....", "x.xls", "such as .xls"),
        (bytes(range(256)) * 10, "x", "is no text"),
        (b"a,b\n1,2\n", "x.csv", "has no column with a title"),
        (b"x = 1\n", "x.py", "is no feed, no table .* Say what it is with --as"),
        (b"<svg><a/></svg>", "x.svg", "begins with <svg>, and no feed"),
        (b'<?xml version="1.0"?><urlset/>', "x.xml", "begins with <urlset>"),
        (b"title,text\na\nb\n", "x.csv", "has no row that can be read: line 2 has 1 cells"),
    ],
)
def test_what_is_none_of_the_layouts_is_told(data: bytes, name: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read(data, name)


def test_a_feed_without_entries_is_no_fault() -> None:
    assert read(b'<rss version="2.0"><channel><title>t</title></channel></rss>').drafts == ()


def test_a_zip_of_several_files_is_told() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "title\nA\n")
        archive.writestr("b.csv", "title\nB\n")
    with pytest.raises(InputError, match="is a zip of 2 files"):
        read(packed.getvalue(), "x.zip")


def test_rows_that_cannot_be_read_are_told_and_the_others_kept() -> None:
    gdelt = (SAMPLES / "gdelt.export.CSV").read_text(encoding="utf-8")
    first, second = gdelt.splitlines()
    found = read(f"{first}\nshort\trow\n\n{second}\n")
    assert found.notes == ("line 2: has 2 cells, not 61 (events) or 27 (knowledge graph)",)
    assert len(found.drafts) == 2
    found = read("title,url\nA,\nonly one\nB,\n\n,,,\n")
    assert [draft.title for draft in found.drafts] == ["A", "B"]
    assert found.notes == ("line 3: has 1 cells for 2 columns; is it cut off?",)
    found = read('[{"title": "A"}, 3, {"title": true}, {"title": ["b", "c"], "x": [1, {}]}]')
    assert [draft.title for draft in found.drafts] == ["A", "true", "b, c"]
    assert found.drafts[2].fields == {"x": "[1, {}]"}
    assert found.notes == ("entry 2: is no object of JSON",)


def test_of_repeated_headings_the_first_that_is_filled_is_read_and_that_is_told() -> None:
    found = read("title,title,published,Published\nA,B,2024-07-01,2024-07-02\n,C,,2024-07-02\n")
    assert [draft.title for draft in found.drafts] == ["A", "C"]
    assert [draft.published for draft in found.drafts] == [utc(2024, 7, 2), utc(2024, 7, 3)]
    assert found.notes == (
        "line 1: the column 'title' is there 2 times; the column 'published' is there 2 times: of "
        "each row the first cell that is filled is read",
    )


def test_a_day_that_cannot_be_read_is_kept_as_a_field() -> None:
    text = (SAMPLES / "acled.csv").read_text(encoding="utf-8").replace("2024-06-28,", "1/2/2024,")
    first = read(text).drafts[0]
    assert (first.happened_from, first.fields["event_date"]) == (None, "1/2/2024")
    assert "event_date cannot be read as one day" in first.notes[0]


def test_an_exporters_date_without_sources_is_read_alone() -> None:
    ucdp = (SAMPLES / "ucdp.csv").read_text(encoding="utf-8")
    first = read(ucdp.replace("2024-06-29;2024-06-30", "unknown")).drafts[0]
    assert (first.published, first.published_as) == (None, "unknown")
    assert "its date cannot be read" in first.notes


def test_json_ld_that_is_broken_or_of_something_else_is_passed_over() -> None:
    page = (
        '<html><body><script type="application/ld+json">{"broken</script>'
        '<script type="application/ld+json">{"@type": "Organization", "name": "x"}</script>'
        '<script type="application/ld+json">[{"@type": ["NewsArticle"], "headline": "A",'
        ' "author": "B. C", "publisher": {"name": "D"}, "datePublished": 5}]</script>'
        '<article><time datetime="2024-07-01T10:00Z">then</time></article></body></html>'
    )
    (draft,) = read(page, "x.html").drafts
    assert (draft.title, draft.byline, draft.outlet) == ("A", "B. C", "D")
    assert draft.published == utc(2024, 7, 1, 10)


def test_an_author_that_is_an_address_is_none() -> None:
    page = (
        '<html><head><meta property="article:author" content="https://a.example/people/1">'
        '<link rel="canonical" href="http://[broken"><meta property="og:url" content="/x">'
        "</head><body><h1>A &amp; B</h1></body></html>"
    )
    (draft,) = read(page, "x.html").drafts
    assert (draft.title, draft.byline, draft.url) == ("A & B", "", "")


def test_text_that_begins_like_json_is_text() -> None:
    (draft,) = read("[Update] Talks begin\nMore to come", "x.txt").drafts
    assert (draft.title, draft.text) == ("[Update] Talks begin", "More to come")


def test_what_says_that_it_is_json_and_is_not_is_told() -> None:
    with pytest.raises(InputError, match="is neither JSON nor lines of JSON"):
        read("{broken", "x.json", "table")
