"""The command line: one file a command; each prints and exits, and decides nothing."""
