"""What every command line made with typer imports."""

import typer  # noqa: F401
