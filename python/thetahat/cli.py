"""The command `thetahat`, of the extra `cli`; what its subcommands do is in `commands.py`.

Exit codes: 0 done; 2 bad usage or data, with a line on stderr that says what to do; 3 the fit did not converge.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .errors import ThetahatError, missing_extra

__all__ = ["main"]

BAD_USAGE_OR_DATA = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with `arguments`, by default those of the process, and exit."""
    try:
        try:
            from .commands import application
        except ImportError as error:
            if (error.name or "").partition(".")[0] not in {"typer", "rich"}:
                raise
            raise missing_extra(str(error.name), "cli", "the command line") from error
        application(args=arguments, prog_name="thetahat")
    except ThetahatError as error:
        from .report import printable

        print(f"thetahat: {printable(error)}", file=sys.stderr)
        sys.exit(BAD_USAGE_OR_DATA)
    except BrokenPipeError:
        # The reader of our output has enough, as `head` does; what Python would flush at its end has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
