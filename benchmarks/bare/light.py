"""What a command without a model cannot do without."""

import pyarrow.parquet  # noqa: F401
import typer  # noqa: F401
