"""The commands about dialplans. All work without a server, except for `history` and `rollback`.

They end with 0 if there is nothing to object to, 1 if problems were found, 2 if they were called
wrongly. With `--json` the answer is one document on standard output.
"""

from __future__ import annotations

import typer

from dialplans.commands import ask, check, compare, picture, revisions, write

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

app.command()(check.check)
app.command()(ask.explain)
app.command("test")(ask.carried)
app.command()(ask.simulate)
app.command()(compare.mutate)
app.command()(compare.diff)
app.command()(picture.calendar)
app.command()(picture.graph)
app.command()(write.fmt)
app.command()(write.schema)
app.command()(revisions.history)
app.command()(revisions.rollback)

__all__ = ["app"]
