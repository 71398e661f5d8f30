"""What a client asks before it begins: who leads, and what the server can do."""

from collections.abc import Iterable
from typing import Any, override

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from kurrentdbclient.protos.v1 import (
    gossip_pb2,
    persistent_pb2,
    shared_pb2,
    streams_pb2,
)
from kurrentdbclient.protos.v1.gossip_pb2_grpc import GossipServicer

from .access import Context
from .messages import uuid_message

VERSION = "24.10.0"
NODE_ID = "6b1f3a0e-5d0c-4f5e-8a46-5b7a9b1f0c11"
_PACKAGE = "event_store.client.server_features"
_PERSISTENT_FEATURES = ("stream", "all")


class Gossip(GossipServicer):
    """One node, which leads."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    @override
    async def Read(
        self, request: shared_pb2.Empty, context: Context
    ) -> gossip_pb2.ClusterInfo:
        member = gossip_pb2.MemberInfo(
            instance_id=uuid_message(NODE_ID, structured=False),
            state=gossip_pb2.MemberInfo.Leader,
            is_alive=True,
            http_end_point=gossip_pb2.EndPoint(address=self._host, port=self._port),
        )
        return gossip_pb2.ClusterInfo(members=[member])


def server_features() -> grpc.GenericRpcHandler:
    """Return the service that names version and methods; Python's client has it not."""
    answer = _supported_methods()(
        event_store_server_version=VERSION,
        methods=[
            *_methods(streams_pb2.DESCRIPTOR, ()),
            *_methods(persistent_pb2.DESCRIPTOR, _PERSISTENT_FEATURES),
        ],
    )

    async def get_supported_methods(request: shared_pb2.Empty, context: Context) -> Any:
        return answer

    handler = grpc.unary_unary_rpc_method_handler(
        get_supported_methods,
        request_deserializer=shared_pb2.Empty.FromString,
        response_serializer=lambda message: message.SerializeToString(),
    )
    return grpc.method_handlers_generic_handler(
        f"{_PACKAGE}.ServerFeatures", {"GetSupportedMethods": handler}
    )


def _methods(file: Any, features: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {
            "method_name": method.name.lower(),
            "service_name": service.full_name,
            "features": [*features],
        }
        for service in file.services_by_name.values()
        for method in service.methods
    ]


def _supported_methods() -> Any:
    """Return the message class of the answer."""
    file = descriptor_pb2.FileDescriptorProto(
        name="tests/serverfeatures.proto", package=_PACKAGE, syntax="proto3"
    )
    field = descriptor_pb2.FieldDescriptorProto
    method = file.message_type.add(name="SupportedMethod")
    for number, name in enumerate(("method_name", "service_name", "features"), start=1):
        label = field.LABEL_REPEATED if name == "features" else field.LABEL_OPTIONAL
        method.field.add(name=name, number=number, type=field.TYPE_STRING, label=label)
    whole = file.message_type.add(name="SupportedMethods")
    whole.field.add(
        name="methods",
        number=1,
        type=field.TYPE_MESSAGE,
        label=field.LABEL_REPEATED,
        type_name=f".{_PACKAGE}.SupportedMethod",
    )
    whole.field.add(
        name="event_store_server_version",
        number=2,
        type=field.TYPE_STRING,
        label=field.LABEL_OPTIONAL,
    )
    pool = descriptor_pool.Default()
    pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName(f"{_PACKAGE}.SupportedMethods")
    )
