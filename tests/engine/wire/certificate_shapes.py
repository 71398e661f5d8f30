"""Orders about certificates, which refuse most of what their types allow."""

from typing import Any

from hypothesis import strategies as st

from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthorityOrder,
    CredentialsImport,
    CredentialsOrder,
    ForeignRequest,
)
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)

_names = st.sampled_from(["Boiler room", "Kälte Süd", "a" * 64])
_ids = st.sampled_from(["", "hub", "boiler-room_2"])
_texts = st.text(max_size=20)
_hosts = st.lists(_texts, max_size=2).map(tuple)
_days = st.integers(1, 36500)
_who = {"actor": _texts, "via": _texts}

CERTIFICATES: dict[Any, Any] = {
    AuthorityOrder: lambda: st.builds(
        AuthorityOrder, name=_names, days=st.integers(365, 36500), **_who
    ),
    CredentialsOrder: lambda: st.builds(
        CredentialsOrder,
        name=_names,
        credentials_id=_ids,
        host_names=_hosts,
        days=_days,
        **_who,
    ),
    CredentialsImport: lambda: st.builds(
        CredentialsImport,
        name=_texts,
        credentials_id=_ids,
        certificate=_texts.map("PEM{}".format),
        key=_texts,
        authorities=_texts,
        pkcs12=st.just(""),
        passphrase=_texts,
        **_who,
    ),
    ForeignRequest: lambda: st.builds(
        ForeignRequest, request=_texts, host_names=_hosts, days=_days, **_who
    ),
    SecureNetworkConfig: lambda: st.builds(
        SecureNetworkConfig,
        network_id=st.just("s"),
        name=_texts,
        primary=st.just("wss://hub.example:4443"),
        credentials=st.just("hub"),
        check_host_names=st.booleans(),
    ),
}
