"""The engine's vocabulary without Home Assistant, for a simulator in a process of its own."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

PACKAGE = "custom_components.plantroom"
FOLDER = Path(__file__).resolve().parents[2] / "custom_components" / "plantroom"


def keep_home_assistant_out() -> None:
    """Let the engine be imported without the integration around it, which takes seconds."""
    if PACKAGE not in sys.modules:
        package = ModuleType(PACKAGE)
        package.__path__ = [str(FOLDER)]
        sys.modules[PACKAGE] = package
        parent, _, name = PACKAGE.rpartition(".")
        setattr(importlib.import_module(parent), name, package)
