"""The first account of a fresh Home Assistant, and logging in to one that has it."""

from dataclasses import dataclass

from .api import HomeAssistantApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person who may log in."""

    name: str
    username: str
    password: str


DEMO = Account(name="Demo", username="demo", password="demo")


async def onboard(api: HomeAssistantApi, account: Account = DEMO) -> None:
    """Make the owner of a fresh Home Assistant, log in and end onboarding."""
    made = await api.rest(
        "POST",
        "/api/onboarding/users",
        {
            "client_id": api.client_id,
            "name": account.name,
            "username": account.username,
            "password": account.password,
            "language": "en",
        },
    )
    await api.exchange_code(made["auth_code"])
    await api.rest(
        "POST",
        "/api/onboarding/integration",
        {"client_id": api.client_id, "redirect_uri": _redirect(api)},
    )


async def log_in(api: HomeAssistantApi, account: Account = DEMO) -> None:
    """Log in to a Home Assistant that has the account."""
    flow = await api.rest(
        "POST",
        "/auth/login_flow",
        {
            "client_id": api.client_id,
            "handler": ["homeassistant", None],
            "redirect_uri": _redirect(api),
        },
    )
    result = await api.rest(
        "POST",
        f"/auth/login_flow/{flow['flow_id']}",
        {
            "client_id": api.client_id,
            "username": account.username,
            "password": account.password,
        },
    )
    await api.exchange_code(result["result"])


def _redirect(api: HomeAssistantApi) -> str:
    return f"{api.url}/?auth_callback=1"
