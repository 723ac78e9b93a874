"""Bytes of news to drafts: feeds, tables and pages, known by content; nothing is followed."""

from forecast.files._news_layouts import LAYOUTS
from forecast.inbox.readers._read import Entries, Origin, read_drafts, read_entries

__all__ = ["LAYOUTS", "Entries", "Origin", "read_drafts", "read_entries"]
