"""Pages to entries: articles in HTML, by what they state of themselves, and plain text."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from forecast.inbox.readers._entry import Entry, is_web_address, joined
from forecast.inbox.readers._markup import MAX_MARKUP, plain, soup_of, tidy, without_raw, words_of

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

META = {
    "title": ("og:title", "twitter:title", "dc.title", "citation_title"),
    "published_as": (
        "article:published_time", "og:published_time", "datepublished", "dc.date.issued",
        "dc.date", "date", "pubdate", "publish-date", "parsely-pub-date", "sailthru.date",
        "citation_publication_date",
    ),
    "outlet": ("og:site_name", "application-name", "dc.publisher"),
    "byline": ("author", "article:author", "dc.creator", "parsely-author", "citation_author"),
    "url": ("og:url",),
    "language": ("og:locale",),
}  # fmt: skip
"""The meta tags that each field is read from, by ``property``, ``name`` or ``itemprop``; the first
that is there counts."""

ARTICLES = ("article", "newsarticle", "report", "webpage", "blogposting", "liveblogposting")
"""Types of schema.org that state what a page is, in lower case; others end in one of them."""
MAIN = ("[itemprop=articleBody]", "article", "main", "[role=main]", "body")
"""Where an article's text stands, as CSS selectors; the first with words counts."""
MOST_DEPTH = 6
FEWEST_CHARACTERS = 80
"""An element with fewer is a teaser rather than the article."""
HEADLINE = 200
"""Characters of a first line that may be a headline."""


def page_entry(text: str, address: str) -> Entry:
    """Return the entry of a page in HTML."""
    markup, json_ld = without_raw(text)
    tree = soup_of(markup)
    stated = _json_ld(json_ld)
    found = {name: _meta(tree, names) for name, names in META.items()}
    entry = Entry("the page")
    heading = tree.find("h1")
    title = tree.find("title")
    entry.title = plain(
        stated.get("title", "")
        or found["title"]
        or (tidy(heading.get_text(" ")) if heading else "")
        or (tidy(title.get_text(" ")) if title else "")
    )
    entry.published_as = stated.get("published_as", "") or found["published_as"] or _time(tree)
    for name in ("outlet", "byline"):
        setattr(entry, name, plain(stated.get(name, "") or found[name]))
    if is_web_address(entry.byline):  # article:author may be the address of a profile
        entry.byline = ""
    html = tree.find("html")
    language = html.get("lang") if html else None
    entry.language = str(language or "") or found["language"]
    entry.url = address or _canonical(tree, found["url"])
    entry.text = _main_text(tree).removeprefix(f"{entry.title}\n")
    if len(markup) > MAX_MARKUP:
        entry.notes.append(f"the page has {len(markup):,} characters; {MAX_MARKUP:,} were read")
    return entry


def text_entry(text: str, address: str) -> Entry:
    """Return the entry of a plain text: its first line is the headline if it is short."""
    clean = tidy(text)
    first, _, rest = clean.partition("\n")
    short = len(first) <= HEADLINE
    return Entry(
        "the text", title=first if short else "", text=rest if short else clean, url=address
    )


def _meta(tree: "BeautifulSoup", names: tuple[str, ...]) -> str:
    told: dict[str, str] = {}
    for tag in tree.find_all("meta"):
        content = str(tag.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop"):
            name = str(tag.get(attribute) or "").lower()
            if name in names and content:
                told.setdefault(name, content)
    return next((told[name] for name in names if name in told), "")


def _time(tree: "BeautifulSoup") -> str:
    """Return the first moment that an article marks as one."""
    tag = tree.select_one("article time[datetime], time[itemprop=datePublished][datetime]")
    return str(tag.get("datetime") or "") if tag else ""


def _canonical(tree: "BeautifulSoup", stated: str) -> str:
    tag = tree.find("link", rel="canonical")
    link = str(tag.get("href") or "") if tag else ""
    try:
        found = [each for each in (link, urljoin(link, stated)) if is_web_address(each)]
    except ValueError:
        return ""
    return found[0] if found else ""


def _main_text(tree: "BeautifulSoup") -> str:
    words = ""
    for selector in MAIN:
        tag = tree.select_one(selector)
        if tag is not None:
            words = tidy(words_of(tag))
            if len(words) >= FEWEST_CHARACTERS:
                return words
    return words or tidy(words_of(tree))


def _json_ld(stated: list[str]) -> dict[str, str]:
    """Return what a page states of itself in JSON-LD."""
    for text in stated:
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(document, MOST_DEPTH):
            kinds = node.get("@type")
            kinds = kinds if isinstance(kinds, list) else [kinds]
            if any(str(kind).lower().endswith(ARTICLES) for kind in kinds):
                return _of_article(node)
    return {}


def _nodes(document: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth and isinstance(document, list):
        for part in document:
            yield from _nodes(part, depth - 1)
    elif depth and isinstance(document, dict):
        yield document
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(document.get(name), depth - 1)


def _of_article(node: dict[str, Any]) -> dict[str, str]:
    told = {
        "title": node.get("headline"),
        "published_as": node.get("datePublished"),
        "outlet": _names(node.get("publisher")),
        "byline": _names(node.get("author")),
    }
    return {name: value.strip() for name, value in told.items() if isinstance(value, str)}


def _names(stated: Any) -> str:
    """Return the names of people or organisations, stated as text, object, or a list of them."""
    each = stated if isinstance(stated, list) else [stated]
    names = (part.get("name") if isinstance(part, dict) else part for part in each)
    return joined(name for name in names if isinstance(name, str))
