"""Every language says all that English says, with the same placeholders."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from custom_components import plantroom

FOLDER = Path(plantroom.__file__).parent / "translations"
PLACEHOLDER = re.compile(r"{(\w+)}")


def texts(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path, node
        return
    for key, below in node.items():
        yield from texts(below, f"{path}/{key}")


def read(language: str) -> dict[str, str]:
    return dict(texts(json.loads((FOLDER / f"{language}.json").read_text("utf-8"))))


@pytest.mark.parametrize("language", ["de", "fr", "nl"])
def test_language_is_complete_and_names_the_same_facts(language):
    english, other = read("en"), read(language)
    assert set(other) == set(english)
    for path, text in english.items():
        assert set(PLACEHOLDER.findall(other[path])) == set(
            PLACEHOLDER.findall(text)
        ), path
