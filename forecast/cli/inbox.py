"""``forecast inbox``: news on its way to evidence."""

import click

from forecast.cli import inbox_decide, inbox_review


@click.group("inbox")
def command() -> None:
    """News on its way to evidence: drafts, what is proposed for them, what becomes of them."""


command.add_command(inbox_review.command)
for _each in inbox_decide.COMMANDS:
    command.add_command(_each)
