"""Which column means what: those of GDELT, ACLED and UCDP by name, others by synonyms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

GDELT_EVENTS = (
    "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
    "Actor1Code", "Actor1Name", "Actor1CountryCode", "Actor1KnownGroupCode", "Actor1EthnicCode",
    "Actor1Religion1Code", "Actor1Religion2Code", "Actor1Type1Code", "Actor1Type2Code",
    "Actor1Type3Code",
    "Actor2Code", "Actor2Name", "Actor2CountryCode", "Actor2KnownGroupCode", "Actor2EthnicCode",
    "Actor2Religion1Code", "Actor2Religion2Code", "Actor2Type1Code", "Actor2Type2Code",
    "Actor2Type3Code",
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale",
    "NumMentions", "NumSources", "NumArticles", "AvgTone",
    "Actor1Geo_Type", "Actor1Geo_FullName", "Actor1Geo_CountryCode", "Actor1Geo_ADM1Code",
    "Actor1Geo_ADM2Code", "Actor1Geo_Lat", "Actor1Geo_Long", "Actor1Geo_FeatureID",
    "Actor2Geo_Type", "Actor2Geo_FullName", "Actor2Geo_CountryCode", "Actor2Geo_ADM1Code",
    "Actor2Geo_ADM2Code", "Actor2Geo_Lat", "Actor2Geo_Long", "Actor2Geo_FeatureID",
    "ActionGeo_Type", "ActionGeo_FullName", "ActionGeo_CountryCode", "ActionGeo_ADM1Code",
    "ActionGeo_ADM2Code", "ActionGeo_Lat", "ActionGeo_Long", "ActionGeo_FeatureID",
    "DATEADDED", "SOURCEURL",
)  # fmt: skip
"""The 61 columns of a GDELT 2.0 file of events, which has no header."""

GDELT_GKG = (
    "GKGRECORDID", "V2.1DATE", "V2SOURCECOLLECTIONIDENTIFIER", "V2SOURCECOMMONNAME",
    "V2DOCUMENTIDENTIFIER", "V1COUNTS", "V2.1COUNTS", "V1THEMES", "V2ENHANCEDTHEMES",
    "V1LOCATIONS", "V2ENHANCEDLOCATIONS", "V1PERSONS", "V2ENHANCEDPERSONS", "V1ORGANIZATIONS",
    "V2ENHANCEDORGANIZATIONS", "V1.5TONE", "V2.1ENHANCEDDATES", "V2GCAM", "V2.1SHARINGIMAGE",
    "V2.1RELATEDIMAGES", "V2.1SOCIALIMAGEEMBEDS", "V2.1SOCIALVIDEOEMBEDS", "V2.1QUOTATIONS",
    "V2.1ALLNAMES", "V2.1AMOUNTS", "V2.1TRANSLATIONINFO", "V2EXTRASXML",
)  # fmt: skip
"""The 27 columns of a GDELT Global Knowledge Graph 2.1 file, which has no header."""

CAMEO = {
    "01": "makes a public statement", "02": "appeals", "03": "expresses intent to cooperate",
    "04": "consults", "05": "cooperates diplomatically", "06": "cooperates materially",
    "07": "provides aid", "08": "yields", "09": "investigates", "10": "demands",
    "11": "disapproves", "12": "rejects", "13": "threatens", "14": "protests",
    "15": "exhibits military posture", "16": "reduces relations", "17": "coerces",
    "18": "assaults", "19": "fights", "20": "uses unconventional mass violence",
}  # fmt: skip
"""The root codes of CAMEO, by which GDELT says what kind of event it is."""

UCDP_VIOLENCE = {"1": "state-based violence", "2": "non-state violence", "3": "one-sided violence"}
"""UCDP's ``type_of_violence``."""


@dataclass(frozen=True)
class Meaning:
    """What the columns of one kind of table mean.

    Parameters
    ----------
    layout
        The layout of its drafts.
    marks
        Columns by which it is known.
    columns
        The columns that each field of a draft is read from; the first that says something counts.
    dates
        How its dates of publication are written: as moments, as seconds since 1970, or several in
        one cell, the last of which counts.
    headline
        Columns from which a headline is put together where none is stated.
    words
        Codes of columns in words.
    remarks
        What codes of columns call for as a note.
    left_out
        Columns that say nothing to a reader.
    """

    layout: str
    marks: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    dates: Literal["moment", "seconds", "several"] = "moment"
    headline: tuple[str, ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


KNOWN = (
    Meaning(
        "gdelt",
        ("GLOBALEVENTID", "SQLDATE", "DATEADDED", "SOURCEURL"),
        {
            "url": ("SOURCEURL",),
            "published_as": ("DATEADDED",),
            "happened_from": ("SQLDATE",),
        },
        headline=("Actor1Name", "EventRootCode", "Actor2Name", "ActionGeo_FullName"),
        words={"EventRootCode": CAMEO},
        left_out=("MonthYear", "Year", "FractionDate"),
    ),
    Meaning(
        "gdelt",
        ("GKGRECORDID", "V2DOCUMENTIDENTIFIER", "V2EXTRASXML"),
        {
            "title": ("PAGE_TITLE",),
            "url": ("V2DOCUMENTIDENTIFIER",),
            "outlet": ("V2SOURCECOMMONNAME",),
            "byline": ("PAGE_AUTHORS",),
            "language": ("LANGUAGE",),
            "published_as": ("PAGE_PRECISEPUBTIMESTAMP", "V2.1DATE"),
        },
        left_out=(
            "V2SOURCECOLLECTIONIDENTIFIER", "V1COUNTS", "V2ENHANCEDTHEMES",
            "V2ENHANCEDLOCATIONS", "V2ENHANCEDPERSONS", "V2ENHANCEDORGANIZATIONS",
            "V2.1ENHANCEDDATES", "V2GCAM", "V2.1SHARINGIMAGE", "V2.1RELATEDIMAGES",
            "V2.1SOCIALIMAGEEMBEDS", "V2.1SOCIALVIDEOEMBEDS", "V2.1AMOUNTS", "V2EXTRASXML",
            "V2.1TRANSLATIONINFO",
        ),
    ),
    Meaning(
        "acled",
        ("event_id_cnty", "event_date", "event_type"),
        {
            "text": ("notes",),
            "outlet": ("source",),
            "published_as": ("timestamp",),
            "happened_from": ("event_date",),
        },
        dates="seconds",
        headline=("sub_event_type", "actor1", "actor2", "location", "country"),
        remarks={
            "time_precision": {
                "2": "its day is known to a week only (time_precision 2)",
                "3": "its day is known to a month only (time_precision 3)",
            }
        },
        left_out=("year",),
    ),
    Meaning(
        "ucdp",
        ("date_start", "date_end", "dyad_name", "type_of_violence"),
        {
            "title": ("source_headline",),
            "text": ("source_article",),
            "outlet": ("source_office",),
            "published_as": ("source_date",),
            "happened_from": ("date_start",),
            "happened_to": ("date_end",),
        },
        dates="several",
        headline=("type_of_violence", "dyad_name", "where_description", "country"),
        words={"type_of_violence": UCDP_VIOLENCE},
        left_out=("year", "geom_wkt", "priogrid_gid"),
    ),
)  # fmt: skip

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "subject", "name"),
    "text": ("text", "content", "body", "article", "description", "summary", "notes", "abstract"),
    "url": ("url", "link", "href", "address", "web address", "source url", "article url"),
    "outlet": ("outlet", "source", "publisher", "publication", "site", "domain", "source name"),
    "byline": ("byline", "author", "authors", "creator", "written by"),
    "language": ("language", "lang"),
    "published_as": (
        "published", "date", "published at", "publish date", "publication date", "pub date",
        "date published", "datetime", "timestamp", "time", "seen date", "created at", "day",
    ),
    "happened_from": ("happened", "happened from", "event date", "start date", "date start"),
    "happened_to": ("happened to", "end date", "date end"),
}  # fmt: skip
"""Names of columns in any other table: case, spaces, ``_`` and ``-`` do not count."""

WRAPPERS = ("articles", "data", "Result", "results", "entries", "items")
"""Names under which programs that answer in JSON put their rows: GDELT's, ACLED's, UCDP's."""


def squeezed(name: str) -> str:
    """Return a column's name by which it is compared.

    Examples
    --------
    >>> squeezed("Publish-Date "), squeezed("publish_date")
    ('publishdate', 'publishdate')
    """
    return "".join(character for character in name.lower() if character not in " _-\t\ufeff")


TABLE = Meaning("table", (), SYNONYMS)
_SAYING = {squeezed(name) for meant in ("title", "text", "url") for name in SYNONYMS[meant]}


def meaning_of(header: tuple[str, ...], layout: str | None = None) -> Meaning | None:
    """Return what the columns of a table mean; None if none of them says anything of news.

    Parameters
    ----------
    header
        The names of its columns.
    layout
        The layout to read it as; None for whichever it is.
    """
    names = {squeezed(name) for name in header}
    for meaning in KNOWN:
        wanted = layout in (None, meaning.layout)
        if wanted and names.issuperset(squeezed(mark) for mark in meaning.marks):
            return meaning
    if layout not in (None, "table") or not names & _SAYING:
        return None
    return TABLE
