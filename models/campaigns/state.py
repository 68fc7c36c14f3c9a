"""The open campaigns as bytes: versioned, packed, refused when they are foreign."""

from typing import Any

import msgspec
from msgspec import Struct

from schemas.campaign import Link
from schemas.errors import ForeignState

from .campaign import Campaign
from .table import Unit

FORM = 1


class OpenCampaign(Struct, frozen=True, kw_only=True, array_like=True):
    """An open campaign at rest: `models.campaigns.campaign.Campaign`, its members in the order in which they were named."""

    uid: str
    opened_ms: int
    first_seen_ms: int
    last_seen_ms: int
    chance: float
    complete: bool
    sequence: int
    requests: int
    output_tokens: int
    links: tuple[Link, ...]
    members: tuple[Unit, ...]

    @classmethod
    def of(cls, campaign: Campaign) -> "OpenCampaign":
        """What has to be kept of a campaign."""
        fields = {name: getattr(campaign, name) for name in cls.__struct_fields__}
        return cls(**(fields | {"members": tuple(campaign.members)}))

    def awake(self) -> Campaign:
        """The campaign again."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return Campaign(**(fields | {"members": dict.fromkeys(self.members)}))


class SearchState(Struct, frozen=True, kw_only=True, array_like=True):
    """What the search knows after the epoch `epoch_ms`, but for the signals that count: those are read again.

    `watermarks` is how far each partition has come, `idle` which of them are not waited for; `floor` and `floor_until_ms` are
    those of the table.
    """

    epoch_ms: int
    watermarks: dict[int, int]
    idle: tuple[int, ...]
    floor: float
    floor_until_ms: int
    campaigns: tuple[OpenCampaign, ...]


class CampaignMark(Struct, frozen=True, kw_only=True, array_like=True):
    """The checkpoint of the search; some 40 bytes a member of an open campaign.

    `position` is the offset of (`topic_id`) of the watermark that ended the epoch, `read_from` the offset from which on the
    topic holds every signal that still counts.
    """

    form: int
    topic_id: str
    position: int
    read_from: int
    search: SearchState


_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(CampaignMark)


def pack_mark(mark: CampaignMark) -> bytes:
    """The checkpoint as msgpack."""
    return _encode(mark)


def unpack_mark(packed: bytes) -> CampaignMark:
    """Read a checkpoint; raises `ForeignState` for anything that this version did not write."""
    try:
        raw: Any = msgspec.msgpack.decode(packed)
        form = raw[0]
    except (msgspec.DecodeError, TypeError, IndexError, KeyError):
        raise ForeignState("the campaigns in the checkpoint topic are damaged") from None
    if form != FORM:
        raise ForeignState(f"the campaigns in the checkpoint topic have form {form!r}, this version reads form {FORM}")
    try:
        return _decoder.decode(packed)
    except msgspec.DecodeError as error:
        raise ForeignState(f"the campaigns in the checkpoint topic are damaged: {error}") from None
