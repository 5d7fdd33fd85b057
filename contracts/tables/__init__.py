"""Every streamed table, one file each, with a constant `TABLE`."""

import importlib
import pkgutil
from functools import cache

from contracts.table import Table


@cache
def load() -> dict[str, Table]:
    """All tables by name, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__))
    return {table.name: table for table in sorted((m.TABLE for m in modules), key=lambda t: t.name)}
