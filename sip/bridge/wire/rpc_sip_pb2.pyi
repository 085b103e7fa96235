import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from livekit.protocol import room as _livekit_room_pb2
from livekit.protocol import sip as _livekit_sip_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SIPTrunkAuthenticationError(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIP_TRUNK_AUTH_ERROR_NONE: _ClassVar[SIPTrunkAuthenticationError]
    SIP_TRUNK_AUTH_ERROR_QUOTA_EXCEEDED: _ClassVar[SIPTrunkAuthenticationError]
    SIP_TRUNK_AUTH_ERROR_NO_TRUNK_FOUND: _ClassVar[SIPTrunkAuthenticationError]

class SIPDispatchResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEGACY_ACCEPT_OR_PIN: _ClassVar[SIPDispatchResult]
    ACCEPT: _ClassVar[SIPDispatchResult]
    REQUEST_PIN: _ClassVar[SIPDispatchResult]
    REJECT: _ClassVar[SIPDispatchResult]
    DROP: _ClassVar[SIPDispatchResult]
SIP_TRUNK_AUTH_ERROR_NONE: SIPTrunkAuthenticationError
SIP_TRUNK_AUTH_ERROR_QUOTA_EXCEEDED: SIPTrunkAuthenticationError
SIP_TRUNK_AUTH_ERROR_NO_TRUNK_FOUND: SIPTrunkAuthenticationError
LEGACY_ACCEPT_OR_PIN: SIPDispatchResult
ACCEPT: SIPDispatchResult
REQUEST_PIN: SIPDispatchResult
REJECT: SIPDispatchResult
DROP: SIPDispatchResult

class SIPCall(_message.Message):
    __slots__ = ("lk_call_id", "source_ip", "address", "to", "via", "sip_call_id", "project_id", "features")
    class FeaturesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LK_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_IP_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    VIA_FIELD_NUMBER: _ClassVar[int]
    SIP_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    lk_call_id: str
    source_ip: str
    address: _livekit_sip_pb2.SIPUri
    to: _livekit_sip_pb2.SIPUri
    via: _containers.RepeatedCompositeFieldContainer[_livekit_sip_pb2.SIPUri]
    sip_call_id: str
    project_id: str
    features: _containers.ScalarMap[str, str]
    def __init__(self, lk_call_id: _Optional[str] = ..., source_ip: _Optional[str] = ..., address: _Optional[_Union[_livekit_sip_pb2.SIPUri, _Mapping]] = ..., to: _Optional[_Union[_livekit_sip_pb2.SIPUri, _Mapping]] = ..., via: _Optional[_Iterable[_Union[_livekit_sip_pb2.SIPUri, _Mapping]]] = ..., sip_call_id: _Optional[str] = ..., project_id: _Optional[str] = ..., features: _Optional[_Mapping[str, str]] = ..., **kwargs) -> None: ...

class GetSIPTrunkAuthenticationRequest(_message.Message):
    __slots__ = ("to", "src_address", "to_host", "sip_call_id", "from_host", "call")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    SRC_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TO_HOST_FIELD_NUMBER: _ClassVar[int]
    SIP_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_HOST_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    to: str
    src_address: str
    to_host: str
    sip_call_id: str
    from_host: str
    call: SIPCall
    def __init__(self, to: _Optional[str] = ..., src_address: _Optional[str] = ..., to_host: _Optional[str] = ..., sip_call_id: _Optional[str] = ..., from_host: _Optional[str] = ..., call: _Optional[_Union[SIPCall, _Mapping]] = ..., **kwargs) -> None: ...

class GetSIPTrunkAuthenticationResponse(_message.Message):
    __slots__ = ("username", "password", "drop", "sip_trunk_id", "project_id", "provider_info", "error_code", "feature_flags", "realm")
    class FeatureFlagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    DROP_FIELD_NUMBER: _ClassVar[int]
    SIP_TRUNK_ID_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_INFO_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    FEATURE_FLAGS_FIELD_NUMBER: _ClassVar[int]
    REALM_FIELD_NUMBER: _ClassVar[int]
    username: str
    password: str
    drop: bool
    sip_trunk_id: str
    project_id: str
    provider_info: _livekit_sip_pb2.ProviderInfo
    error_code: SIPTrunkAuthenticationError
    feature_flags: _containers.ScalarMap[str, str]
    realm: str
    def __init__(self, username: _Optional[str] = ..., password: _Optional[str] = ..., drop: _Optional[bool] = ..., sip_trunk_id: _Optional[str] = ..., project_id: _Optional[str] = ..., provider_info: _Optional[_Union[_livekit_sip_pb2.ProviderInfo, _Mapping]] = ..., error_code: _Optional[_Union[SIPTrunkAuthenticationError, str]] = ..., feature_flags: _Optional[_Mapping[str, str]] = ..., realm: _Optional[str] = ...) -> None: ...

class EvaluateSIPDispatchRulesRequest(_message.Message):
    __slots__ = ("sip_participant_id", "calling_number", "called_number", "src_address", "pin", "no_pin", "called_host", "sip_call_id", "extra_attributes", "sip_trunk_id", "calling_host", "call")
    class ExtraAttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SIP_PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    CALLING_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CALLED_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SRC_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PIN_FIELD_NUMBER: _ClassVar[int]
    NO_PIN_FIELD_NUMBER: _ClassVar[int]
    CALLED_HOST_FIELD_NUMBER: _ClassVar[int]
    SIP_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    EXTRA_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    SIP_TRUNK_ID_FIELD_NUMBER: _ClassVar[int]
    CALLING_HOST_FIELD_NUMBER: _ClassVar[int]
    CALL_FIELD_NUMBER: _ClassVar[int]
    sip_participant_id: str
    calling_number: str
    called_number: str
    src_address: str
    pin: str
    no_pin: bool
    called_host: str
    sip_call_id: str
    extra_attributes: _containers.ScalarMap[str, str]
    sip_trunk_id: str
    calling_host: str
    call: SIPCall
    def __init__(self, sip_participant_id: _Optional[str] = ..., calling_number: _Optional[str] = ..., called_number: _Optional[str] = ..., src_address: _Optional[str] = ..., pin: _Optional[str] = ..., no_pin: _Optional[bool] = ..., called_host: _Optional[str] = ..., sip_call_id: _Optional[str] = ..., extra_attributes: _Optional[_Mapping[str, str]] = ..., sip_trunk_id: _Optional[str] = ..., calling_host: _Optional[str] = ..., call: _Optional[_Union[SIPCall, _Mapping]] = ...) -> None: ...

class EvaluateSIPDispatchRulesResponse(_message.Message):
    __slots__ = ("room_name", "participant_identity", "request_pin", "token", "ws_url", "result", "participant_name", "participant_metadata", "sip_trunk_id", "sip_dispatch_rule_id", "participant_attributes", "project_id", "headers", "headers_to_attributes", "enabled_features", "ringing_timeout", "max_call_duration", "attributes_to_headers", "include_headers", "room_preset", "room_config", "media_encryption", "feature_flags", "media")
    class ParticipantAttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class HeadersToAttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class AttributesToHeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class FeatureFlagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ROOM_NAME_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    REQUEST_PIN_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    WS_URL_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_NAME_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_METADATA_FIELD_NUMBER: _ClassVar[int]
    SIP_TRUNK_ID_FIELD_NUMBER: _ClassVar[int]
    SIP_DISPATCH_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    HEADERS_TO_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FEATURES_FIELD_NUMBER: _ClassVar[int]
    RINGING_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MAX_CALL_DURATION_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_TO_HEADERS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HEADERS_FIELD_NUMBER: _ClassVar[int]
    ROOM_PRESET_FIELD_NUMBER: _ClassVar[int]
    ROOM_CONFIG_FIELD_NUMBER: _ClassVar[int]
    MEDIA_ENCRYPTION_FIELD_NUMBER: _ClassVar[int]
    FEATURE_FLAGS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    room_name: str
    participant_identity: str
    request_pin: bool
    token: str
    ws_url: str
    result: SIPDispatchResult
    participant_name: str
    participant_metadata: str
    sip_trunk_id: str
    sip_dispatch_rule_id: str
    participant_attributes: _containers.ScalarMap[str, str]
    project_id: str
    headers: _containers.ScalarMap[str, str]
    headers_to_attributes: _containers.ScalarMap[str, str]
    enabled_features: _containers.RepeatedScalarFieldContainer[_livekit_sip_pb2.SIPFeature]
    ringing_timeout: _duration_pb2.Duration
    max_call_duration: _duration_pb2.Duration
    attributes_to_headers: _containers.ScalarMap[str, str]
    include_headers: _livekit_sip_pb2.SIPHeaderOptions
    room_preset: str
    room_config: _livekit_room_pb2.RoomConfiguration
    media_encryption: _livekit_sip_pb2.SIPMediaEncryption
    feature_flags: _containers.ScalarMap[str, str]
    media: _livekit_sip_pb2.SIPMediaConfig
    def __init__(self, room_name: _Optional[str] = ..., participant_identity: _Optional[str] = ..., request_pin: _Optional[bool] = ..., token: _Optional[str] = ..., ws_url: _Optional[str] = ..., result: _Optional[_Union[SIPDispatchResult, str]] = ..., participant_name: _Optional[str] = ..., participant_metadata: _Optional[str] = ..., sip_trunk_id: _Optional[str] = ..., sip_dispatch_rule_id: _Optional[str] = ..., participant_attributes: _Optional[_Mapping[str, str]] = ..., project_id: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., headers_to_attributes: _Optional[_Mapping[str, str]] = ..., enabled_features: _Optional[_Iterable[_Union[_livekit_sip_pb2.SIPFeature, str]]] = ..., ringing_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_call_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., attributes_to_headers: _Optional[_Mapping[str, str]] = ..., include_headers: _Optional[_Union[_livekit_sip_pb2.SIPHeaderOptions, str]] = ..., room_preset: _Optional[str] = ..., room_config: _Optional[_Union[_livekit_room_pb2.RoomConfiguration, _Mapping]] = ..., media_encryption: _Optional[_Union[_livekit_sip_pb2.SIPMediaEncryption, str]] = ..., feature_flags: _Optional[_Mapping[str, str]] = ..., media: _Optional[_Union[_livekit_sip_pb2.SIPMediaConfig, _Mapping]] = ...) -> None: ...

class UpdateSIPCallStateRequest(_message.Message):
    __slots__ = ("call_info", "transfer_info")
    CALL_INFO_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_INFO_FIELD_NUMBER: _ClassVar[int]
    call_info: _livekit_sip_pb2.SIPCallInfo
    transfer_info: _livekit_sip_pb2.SIPTransferInfo
    def __init__(self, call_info: _Optional[_Union[_livekit_sip_pb2.SIPCallInfo, _Mapping]] = ..., transfer_info: _Optional[_Union[_livekit_sip_pb2.SIPTransferInfo, _Mapping]] = ...) -> None: ...

class InternalCreateSIPParticipantRequest(_message.Message):
    __slots__ = ("address", "number", "call_to", "username", "password", "room_name", "participant_identity", "token", "ws_url", "dtmf", "play_dialtone", "sip_call_id", "participant_name", "participant_metadata", "transport", "participant_attributes", "project_id", "sip_trunk_id", "hostname", "headers", "headers_to_attributes", "ringing_timeout", "max_call_duration", "enabled_features", "attributes_to_headers", "include_headers", "media_encryption", "wait_until_answered", "destination_country", "display_name", "destination", "feature_flags", "media")
    class ParticipantAttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class HeadersToAttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class AttributesToHeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class FeatureFlagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    CALL_TO_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    PASSWORD_FIELD_NUMBER: _ClassVar[int]
    ROOM_NAME_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    WS_URL_FIELD_NUMBER: _ClassVar[int]
    DTMF_FIELD_NUMBER: _ClassVar[int]
    PLAY_DIALTONE_FIELD_NUMBER: _ClassVar[int]
    SIP_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_NAME_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_METADATA_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    PROJECT_ID_FIELD_NUMBER: _ClassVar[int]
    SIP_TRUNK_ID_FIELD_NUMBER: _ClassVar[int]
    HOSTNAME_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    HEADERS_TO_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    RINGING_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    MAX_CALL_DURATION_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FEATURES_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_TO_HEADERS_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_HEADERS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_ENCRYPTION_FIELD_NUMBER: _ClassVar[int]
    WAIT_UNTIL_ANSWERED_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    FEATURE_FLAGS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_FIELD_NUMBER: _ClassVar[int]
    address: str
    number: str
    call_to: str
    username: str
    password: str
    room_name: str
    participant_identity: str
    token: str
    ws_url: str
    dtmf: str
    play_dialtone: bool
    sip_call_id: str
    participant_name: str
    participant_metadata: str
    transport: _livekit_sip_pb2.SIPTransport
    participant_attributes: _containers.ScalarMap[str, str]
    project_id: str
    sip_trunk_id: str
    hostname: str
    headers: _containers.ScalarMap[str, str]
    headers_to_attributes: _containers.ScalarMap[str, str]
    ringing_timeout: _duration_pb2.Duration
    max_call_duration: _duration_pb2.Duration
    enabled_features: _containers.RepeatedScalarFieldContainer[_livekit_sip_pb2.SIPFeature]
    attributes_to_headers: _containers.ScalarMap[str, str]
    include_headers: _livekit_sip_pb2.SIPHeaderOptions
    media_encryption: _livekit_sip_pb2.SIPMediaEncryption
    wait_until_answered: bool
    destination_country: str
    display_name: str
    destination: _livekit_sip_pb2.Destination
    feature_flags: _containers.ScalarMap[str, str]
    media: _livekit_sip_pb2.SIPMediaConfig
    def __init__(self, address: _Optional[str] = ..., number: _Optional[str] = ..., call_to: _Optional[str] = ..., username: _Optional[str] = ..., password: _Optional[str] = ..., room_name: _Optional[str] = ..., participant_identity: _Optional[str] = ..., token: _Optional[str] = ..., ws_url: _Optional[str] = ..., dtmf: _Optional[str] = ..., play_dialtone: _Optional[bool] = ..., sip_call_id: _Optional[str] = ..., participant_name: _Optional[str] = ..., participant_metadata: _Optional[str] = ..., transport: _Optional[_Union[_livekit_sip_pb2.SIPTransport, str]] = ..., participant_attributes: _Optional[_Mapping[str, str]] = ..., project_id: _Optional[str] = ..., sip_trunk_id: _Optional[str] = ..., hostname: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., headers_to_attributes: _Optional[_Mapping[str, str]] = ..., ringing_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., max_call_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., enabled_features: _Optional[_Iterable[_Union[_livekit_sip_pb2.SIPFeature, str]]] = ..., attributes_to_headers: _Optional[_Mapping[str, str]] = ..., include_headers: _Optional[_Union[_livekit_sip_pb2.SIPHeaderOptions, str]] = ..., media_encryption: _Optional[_Union[_livekit_sip_pb2.SIPMediaEncryption, str]] = ..., wait_until_answered: _Optional[bool] = ..., destination_country: _Optional[str] = ..., display_name: _Optional[str] = ..., destination: _Optional[_Union[_livekit_sip_pb2.Destination, _Mapping]] = ..., feature_flags: _Optional[_Mapping[str, str]] = ..., media: _Optional[_Union[_livekit_sip_pb2.SIPMediaConfig, _Mapping]] = ...) -> None: ...

class InternalCreateSIPParticipantResponse(_message.Message):
    __slots__ = ("participant_id", "participant_identity", "sip_call_id")
    PARTICIPANT_ID_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_IDENTITY_FIELD_NUMBER: _ClassVar[int]
    SIP_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    participant_id: str
    participant_identity: str
    sip_call_id: str
    def __init__(self, participant_id: _Optional[str] = ..., participant_identity: _Optional[str] = ..., sip_call_id: _Optional[str] = ...) -> None: ...

class InternalTransferSIPParticipantRequest(_message.Message):
    __slots__ = ("sip_call_id", "transfer_to", "play_dialtone", "headers", "ringing_timeout", "feature_flags")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class FeatureFlagsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    SIP_CALL_ID_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_TO_FIELD_NUMBER: _ClassVar[int]
    PLAY_DIALTONE_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    RINGING_TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    FEATURE_FLAGS_FIELD_NUMBER: _ClassVar[int]
    sip_call_id: str
    transfer_to: str
    play_dialtone: bool
    headers: _containers.ScalarMap[str, str]
    ringing_timeout: _duration_pb2.Duration
    feature_flags: _containers.ScalarMap[str, str]
    def __init__(self, sip_call_id: _Optional[str] = ..., transfer_to: _Optional[str] = ..., play_dialtone: _Optional[bool] = ..., headers: _Optional[_Mapping[str, str]] = ..., ringing_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., feature_flags: _Optional[_Mapping[str, str]] = ...) -> None: ...
