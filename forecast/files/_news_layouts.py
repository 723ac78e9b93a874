"""As what news can be read: the names of its layouts."""

LAYOUTS = ("rss", "atom", "json_feed", "gdelt", "acled", "ucdp", "table", "page", "text")
