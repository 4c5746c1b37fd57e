"""What reports call a method: `lstm, 2,000 steps` for the address `lstm[max_steps=2000,patience=2000]`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from recurbench.address import joined, split_address
from recurbench.reports.text.translation import Messages

# Settings that have a word of their own in messages.toml, by the name that methods give them.
WORDED = ("hidden", "learning_rate", "max_steps", "parameters", "patience")


def method_name(address: str, say: Messages) -> str:
    """The name of one method, with all settings of its address.

    A patience as long as the budget never stops a training, so the number of steps says it already.
    """
    return _named(address, say, _without_idle_patience)


def method_names(addresses: Sequence[str], say: Messages) -> Mapping[str, str]:
    """By address a name; it holds only the settings in which methods of the same name differ here.

    Names are distinct: where the words for two addresses are the same, all settings are said, and where that
    is not enough the address stands for itself.
    """
    return _method_names(tuple(dict.fromkeys(addresses)), say.language)


@lru_cache(maxsize=1000)
def _method_names(addresses: tuple[str, ...], language: str) -> Mapping[str, str]:
    say = Messages(language)
    shortened = _shortened(addresses)
    names = {address: method_name(text, say) for address, text in shortened.items()}
    for longer in (lambda address: _named(shortened[address], say, dict), lambda address: address):
        times = Counter(names.values())
        names = {address: name if times[name] == 1 else longer(address) for address, name in names.items()}
    return names


def _shortened(addresses: Sequence[str]) -> Mapping[str, str]:
    """What `address.short` makes of each; for hundreds of addresses that would take a minute."""
    settings: dict[str, dict[str, dict[str, Any]]] = {}
    shortened = {address: address for address in addresses}
    for address in addresses:
        with suppress(ValueError):  # the name of a plugin may hold anything
            name, own = split_address(address)
            settings.setdefault(name, {})[address] = own
    for name, namesakes in settings.items():
        first, *others = namesakes.values()
        keys = {key for one in namesakes.values() for key in one}
        differing = {key for key in keys if any(one.get(key) != first.get(key) for one in others)}
        for address, own in namesakes.items():
            kept = {key: value for key, value in own.items() if key in differing}
            shortened[address] = joined(name, kept)
    return shortened


def _named(address: str, say: Messages, kept: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
    try:
        name, settings = split_address(address)
    except ValueError:  # the name of a plugin may hold anything
        return address
    return ", ".join([name, *(_setting(key, value, say) for key, value in kept(settings).items())])


def _without_idle_patience(settings: dict[str, Any]) -> dict[str, Any]:
    idle = "patience" in settings and settings["patience"] == settings.get("max_steps")
    return {key: value for key, value in settings.items() if not (idle and key == "patience")}


def _setting(key: str, value: object, say: Messages) -> str:
    """One setting in words: `2,000 steps`, `bidirectional`, `no calendar`, `reach 40`."""
    count = f"{value:,}" if isinstance(value, int) else f"{value}"
    if key in WORDED:
        return say(f"page.setting_{key}", count=count)
    words = key.replace("_", " ")
    if isinstance(value, bool):
        return words if value else say("page.setting_off", name=words)
    return f"{words} {count}"
