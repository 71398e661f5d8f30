"""Certificates and keys that are uploaded as PEM files."""

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import FileSelector, FileSelectorConfig

from .network_form import NetworkFormError

PEM_FILE: Final = FileSelector(FileSelectorConfig(accept=".pem,.crt,.cer,.key"))
LONGEST_PEM: Final = 64 * 1024
_BEGIN: Final = "-----BEGIN "


async def uploaded_pems(
    hass: HomeAssistant, answers: Mapping[str, Any], names: Collection[str]
) -> dict[str, str]:
    """Return the texts of the files that were given, by the form's fields.

    Raises NetworkFormError for what is no PEM text.
    """
    given = [name for name in names if answers.get(name)]
    texts = await asyncio.gather(
        *(
            hass.async_add_executor_job(_read, hass, answers[name], name)
            for name in given
        )
    )
    return dict(zip(given, texts, strict=True))


def _read(hass: HomeAssistant, uploaded: str, name: str) -> str:
    """Return an uploaded file's text, the file is gone then; blocks."""
    with process_uploaded_file(hass, uploaded) as path, Path(path).open("rb") as file:
        data = file.read(LONGEST_PEM + 1)
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise NetworkFormError(name, "bad_pem") from None
    if len(data) > LONGEST_PEM or _BEGIN not in text:
        raise NetworkFormError(name, "bad_pem")
    return text
