"""A person at the screen: Home Assistant's frontend in Chromium.

Playwright's selectors go through open shadow roots, so a plain one such as
"dialog-data-entry-flow ha-form" reaches into the web components.
"""

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    async_playwright,
)
from playwright.async_api import (
    TimeoutError as PageTimeoutError,
)

from .api import HomeAssistantApi

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PATIENCE_MILLISECONDS = 60_000
IDLE_MILLISECONDS = 6_000
WIDTH, HEIGHT = 1440, 1000


class Screen:
    """One browser window that is logged in."""

    def __init__(self, page: Page, url: str, pictures: Path) -> None:
        self.page = page
        self.errors: list[str] = []
        self._url = url
        self._pictures = pictures
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, path: str, wait_for: str = "home-assistant-main") -> None:
        """Open a page of the frontend and wait until an element of it is there."""
        await self.page.goto(f"{self._url}{path}")
        await self.page.wait_for_selector(wait_for, state="attached")
        await self.settle()

    async def settle(self, milliseconds: int = 600) -> None:
        """Wait until the page has stopped loading things and moving."""
        # A page that draws live charts may never be idle.
        with suppress(PageTimeoutError):
            await self.page.wait_for_load_state(
                "networkidle", timeout=IDLE_MILLISECONDS
            )
        await self.page.wait_for_timeout(milliseconds)

    async def picture(self, name: str) -> Path:
        """Keep what is on the screen; return the file."""
        self._pictures.mkdir(parents=True, exist_ok=True)
        path = self._pictures / f"{name}.png"
        await self.page.screenshot(path=str(path))
        return path

    async def add_integration(self, name: str) -> None:
        """Choose an integration in Settings, Devices & services, Add integration."""
        await self.open("/config/integrations/dashboard", "ha-config-integrations")
        await self.page.get_by_role("button", name="Add integration").first.click()
        dialog = self.page.locator("dialog-add-integration")
        await dialog.locator("input").first.fill(name)
        await dialog.get_by_text(name, exact=True).first.click()
        await self.flow.locator("ha-form, step-flow-menu").first.wait_for()
        await self.settle()

    async def change(self, name: str) -> None:
        """Press the gear of a device or network on the integration's page."""
        row = self.page.locator("ha-config-sub-entry-row", has_text=name)
        # The first button folds the row
        await row.locator("ha-icon-button").nth(1).click()
        await self.flow.locator("ha-form, step-flow-menu").first.wait_for()
        await self.settle()

    async def pick(self, option: str) -> None:
        """Choose from the flow's menu."""
        await self.flow.get_by_text(option, exact=True).first.click()
        await self.flow.locator("ha-form, step-flow-menu").first.wait_for()
        await self.settle()

    @property
    def flow(self) -> Locator:
        """Return the dialog of the config flow that is open."""
        return self.page.locator("dialog-data-entry-flow")

    async def fill(self, field: str, value: str) -> None:
        """Type into a field of the flow's form."""
        await self.flow.locator(f'input[name="{field}"]').first.fill(value)

    async def choose(self, answers: dict[str, Any]) -> None:
        """Set fields that are no plain inputs, the way their selectors report it."""
        await self.flow.locator("ha-form").first.evaluate(
            """(form, answer) => form.dispatchEvent(new CustomEvent("value-changed", {
                detail: {value: {...form.data, ...answer}}, bubbles: true, composed: true}))""",
            answers,
        )

    async def submit(self) -> None:
        """Press Submit."""
        await self.press("Submit")

    async def press(self, button: str) -> None:
        """Press a button of the flow's dialog."""
        await self.flow.get_by_role("button", name=re.compile(f"^{button}$")).click()
        await self.settle()

    async def more_info(self, entity_id: str) -> Locator:
        """Open an entity's dialog; return it."""
        await self.page.evaluate(
            """entityId => document.querySelector("home-assistant").dispatchEvent(
                new CustomEvent("hass-more-info", {
                    detail: {entityId}, bubbles: true, composed: true}))""",
            entity_id,
        )
        dialog = self.page.locator("ha-more-info-dialog")
        await dialog.wait_for(state="attached")
        await self.settle()
        return dialog


@asynccontextmanager
async def open_screen(
    api: HomeAssistantApi, pictures: Path, *, width: int = WIDTH, height: int = HEIGHT
) -> AsyncIterator[Screen]:
    """Start Chromium, logged in as the person of the API."""
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS)
        )
        try:
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                locale="en-US",
                # Of config_folder.py: a house and its people share their clock
                timezone_id="Europe/Amsterdam",
            )
            await _log_in(context, api)
            yield Screen(await context.new_page(), api.url, pictures)
        finally:
            await browser.close()


async def _log_in(context: BrowserContext, api: HomeAssistantApi) -> None:
    """Put the tokens where the frontend keeps them."""
    tokens = api.tokens | {
        "hassUrl": api.url,
        "clientId": api.client_id,
        "expires": int((time.time() + api.tokens["expires_in"]) * 1000),
    }
    kept = {
        "hassTokens": tokens,
        "selectedLanguage": "en",
        "dockedSidebar": "docked",
    }
    lines = (
        f"localStorage.setItem({json.dumps(key)}, {json.dumps(json.dumps(value))});"
        for key, value in kept.items()
    )
    await context.add_init_script("".join(lines))
