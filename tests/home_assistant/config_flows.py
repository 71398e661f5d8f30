"""Config flows and subentry flows, driven by the API that the frontend uses."""

import asyncio
from typing import Any

from .api import HomeAssistantApi

ENTRIES = "/api/config/config_entries"
PROGRESS_SECONDS = 180.0
POLL_SECONDS = 0.1

type Step = dict[str, Any]


class ConfigFlow:
    """One flow; `step` is what the person sees now."""

    def __init__(self, api: HomeAssistantApi, base: str, step: Step) -> None:
        self._api = api
        self._base = base
        self.step = step

    @classmethod
    async def start(cls, api: HomeAssistantApi, domain: str) -> ConfigFlow:
        """Begin to add an integration."""
        base = f"{ENTRIES}/flow"
        return cls(api, base, await api.rest("POST", base, {"handler": domain}))

    @classmethod
    async def start_subentry(
        cls,
        api: HomeAssistantApi,
        entry_id: str,
        kind: str,
        *,
        reconfigure: str | None = None,
    ) -> ConfigFlow:
        """Begin to add a subentry, or to change the one given by its id."""
        base = f"{ENTRIES}/subentries/flow"
        payload: Step = {"handler": [entry_id, kind]}
        if reconfigure is not None:
            payload["subentry_id"] = reconfigure
        return cls(api, base, await api.rest("POST", base, payload))

    async def submit(self, answers: dict[str, Any]) -> Step:
        """Answer the form; return the next step that is not a progress bar."""
        path = f"{self._base}/{self.step['flow_id']}"
        self.step = await self._api.rest("POST", path, answers)
        async with asyncio.timeout(PROGRESS_SECONDS):
            while self.step["type"] in {"progress", "progress_done"}:
                await asyncio.sleep(POLL_SECONDS)
                self.step = await self._api.rest("GET", path)
        return self.step

    def default(self, field: str) -> Any:
        """Return what the form proposes for a field."""
        for item in self.step["data_schema"]:
            if item["name"] == field:
                return item.get("default")
        raise LookupError(f"the step {self.step.get('step_id')} has no {field}")
