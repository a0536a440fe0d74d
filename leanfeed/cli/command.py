"""How every command ends: expected failures in one sentence, and never a stray traceback."""

from __future__ import annotations

from typing import Any

import click

from leanfeed.cli.exit_codes import ExitCode, of_error
from leanfeed.errors import LeanfeedError

__all__ = ["LeanfeedCommand"]


class LeanfeedCommand(click.Command):
    """A command with ``--verbose`` that turns exceptions into messages and exit codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(
            click.Option(
                ["-v", "--verbose"],
                is_flag=True,
                help="Log every step to standard error, and show the traceback of a failure.",
            )
        )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; see :mod:`leanfeed.cli.exit_codes` for how it may end."""
        verbose: bool = ctx.params["verbose"]
        is_logged = verbose or ctx.params.get("log_format")
        try:
            return self._invoke_logged(ctx) if is_logged else super().invoke(ctx)
        except LeanfeedError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(of_error(error))
        except KeyboardInterrupt:
            click.echo("Interrupted. What was written stays: run it again to continue.", err=True)
            ctx.exit(ExitCode.INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise  # click ends these well by itself
        except Exception as error:
            if verbose:
                import traceback

                traceback.print_exc()
            what = " ".join(f"{type(error).__name__}: {error}".split())
            advice = "" if verbose else " Run it again with -v to see where."
            click.echo(f"Error: something unexpected happened, {what}.{advice}", err=True)
            ctx.exit(ExitCode.UNEXPECTED)

    def _invoke_logged(self, ctx: click.Context) -> Any:
        import logging

        from leanfeed.cli.event_log import logging_to_stderr

        level = logging.DEBUG if ctx.params["verbose"] else logging.INFO
        with logging_to_stderr(level=level, log_format=ctx.params.get("log_format") or "text"):
            return super().invoke(ctx)
