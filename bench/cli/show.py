"""`recurbench show`: the settings of a method or data set, with their defaults and the values they take."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from recurbench.cli.errors import with_messages
from recurbench.cli.options import plugin_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from recurbench.registry import Plugin


@click.command()
@click.argument("name")
@plugin_option
@with_messages
def show(name: str, plugins: tuple[Path, ...]) -> None:
    """Show the settings of the method or data set NAME.

    With their defaults and allowed values.
    """
    from recurbench.registry import discover, unknown

    registry = discover(plugins)
    plugins_named = [table[name] for table in (registry.methods, registry.datasets) if name in table]
    if not plugins_named:
        raise ValueError(unknown(name, {*registry.methods, *registry.datasets}, "method or data set"))
    for plugin in plugins_named:
        for line in lines(plugin):
            click.echo(line)


def lines(plugin: Plugin) -> Iterator[str]:
    """What the plugin is, then one line per setting."""
    sort = f"{plugin.family} method" if plugin.sort == "method" else "data set"
    yield f"{plugin.name}: {sort} for {', '.join(sorted(plugin.kinds))}"
    yield plugin.summary
    if not plugin.settings:
        yield "It has no settings."
    width = max(map(len, plugin.settings), default=0)
    defaults = {key: repr(value) for key, value in plugin.settings.items()}
    wide = max(map(len, defaults.values()), default=0)
    for key, default in defaults.items():
        yield f"  {key:<{width}}  default {default:<{wide}}  takes {plugin.type_of(key).description}"
