"""Paths through a file of texts, with the names that an integration picks as stars."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from . import built_in

STEP_FIELDS = "(data|data_description|menu_options|menu_option_descriptions|sections)"
STEP = rf"step/[^/]+(/{STEP_FIELDS}(/[^/]+(/(data|data_description)/[^/]+)?)?)?"
FLOW = rf"((abort|error|progress|create_entry)/[^/]+|{STEP})"

# Paths whose last part is a name of the integration's own.
OWN_NAME = re.compile(
    "^("
    + "|".join(
        (
            rf"(config|options)/{FLOW}",
            r"config_subentries/[^/]+",
            rf"config_subentries/[^/]+/({FLOW}|initiate_flow/[^/]+)",
            r"entity/[^/]+/[^/]+(/state/[^/]+)?",
            r"entity/[^/]+/[^/]+/state_attributes/[^/]+(/state/[^/]+)?",
            r"(exceptions|device|issues|selector|common|preview_features)/[^/]+",
            r"system_health/info/[^/]+",
            rf"issues/[^/]+/fix_flow/{FLOW}",
            r"selector/[^/]+/(options|fields)/[^/]+",
            r"(services|triggers|conditions)/[^/]+(/(fields|sections)/[^/]+)?",
            r"device_automation/[^/]+/[^/]+",
        )
    )
    + ")$"
)
STRUCTURE = frozenset(
    (
        "data",
        "data_description",
        "menu_options",
        "menu_option_descriptions",
        "sections",
    )
)


def walk(content: Any, general: str = "", real: str = "") -> Iterator[tuple[str, str]]:
    """Yield each key's path, once with stars and once as it is written."""
    if not isinstance(content, dict):
        return
    for key, value in content.items():
        path = f"{general}/{key}" if general else key
        if key not in STRUCTURE and OWN_NAME.match(path):
            path = f"{general}/*"
        written = f"{real}/{key}" if real else key
        yield path, written
        yield from walk(value, path, written)


@cache
def known(file_name: str) -> frozenset[str]:
    """Return every path that the built-in integrations use in a file of that name."""
    return frozenset(
        path
        for content in built_in.files_named(file_name)
        for path, _written in walk(content)
    )
