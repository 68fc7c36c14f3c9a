"""A control record: what was learned across tenants, numbered and absolute, for every judge to adopt at an offset of its own."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from schemas.errors import BadRecord

Weight = Annotated[float, Meta(ge=-100, le=100)]
Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Learned(Struct, frozen=True, kw_only=True):
    """What verdicts taught: how far a point of log-odds of each family of features moves a tenant's level.

    `weights` is by family, by pair of families (`rhythm*size`) and `always`; what is not named moves nothing. They rest on the newest
    verdicts about `findings` findings, of which `false_positives` were false alarms; `causes` counts those, the twenty most frequent ones.
    """

    weights: dict[str, Weight] = {}
    findings: Count = 0
    false_positives: Count = 0
    causes: dict[str, Count] = {}


class Rate(Struct, frozen=True, kw_only=True):
    """How often a severity is reached, as shares of tenant-days; of one peer group, or of all.

    `nominal` is what honest tenants do by this calibration, `shipped` what they would do by the tables as shipped; both as the bulk
    of the deployment's own traffic tells. `measured` is the share of all tenant-days that rested on it and reach the
    severity by this calibration, attackers included, with its 95% interval from `low` to `high`, by tenant. Low is no finding: one in
    twenty of a group's tenant-days, of tenants who do not look like attackers alone, so that there the calibration fits when nominal
    and measured agree.
    """

    severity: Literal["Low", "Medium", "High", "Critical"]
    nominal: Share
    shipped: Share
    measured: Share
    low: Share
    high: Share


class PeerCalibration(Struct, frozen=True, kw_only=True):
    """One peer group: a level of deviate z among honest tenant-days of the tables is one of (z - `shift`) / `scale` here.

    It rests on `tenants` with `tenant_days`, of which `left_out` tenants look like attackers and did not count.
    """

    shift: Annotated[float, Meta(ge=-3, le=3)]
    scale: Annotated[float, Meta(ge=0.5, le=2)]
    tenants: Count = 0
    tenant_days: Count = 0
    left_out: Count = 0
    rates: tuple[Rate, ...] = ()


class Calibration(Struct, frozen=True, kw_only=True):
    """What a level means among a deployment's own tenants, by peer group; for the tables of the version `references` alone.

    A severity is reached by `factor` times the share of honest tenant-days that it has in the tables; 1 without an alert budget of
    `budget_per_day` false findings, or `budget_per_tenant_day`. It rests on the windows from `first_ms` to before `last_ms` (event
    time) of `tenants`, of which `tenants_a_day` were active.
    """

    references: str
    groups: dict[str, PeerCalibration]
    factor: Annotated[float, Meta(gt=0, le=1000)] = 1.0
    budget_per_day: float | None = None
    budget_per_tenant_day: float | None = None
    first_ms: int = 0
    last_ms: int = 0
    tenants: Count = 0
    tenant_days: Count = 0
    tenants_a_day: float = 0.0
    rates: tuple[Rate, ...] = ()


class Control(Struct, frozen=True, kw_only=True):
    """Everything that judges adopt from others, complete in itself: nothing of an earlier record counts beside it.

    `number` counts from 1; of two records with one number the first on the topic is the one. `made_ms` is event time: when the newest
    verdict in it was given, or its newest window ended. `origin` says who made it: the learner, the calibrator, or somebody who
    went back to the content of record `content_of` (0: the tables as shipped). `read_to` is the serial of the newest verdict that
    was there, `void` are the spans of serials (first, last) that do not count, because somebody went back to before them.
    `calibration_held` keeps the automatic calibration still: somebody went back, and nobody has published one since. Parts that a
    reader does not know are ignored.
    """

    schema_version: Literal[1] = 1
    number: Annotated[int, Meta(ge=1, lt=2**48)]
    made_ms: Annotated[int, Meta(ge=0, lt=2**53)]
    origin: Literal["learned", "calibrated", "rollback"] = "learned"
    content_of: Count | None = None
    read_to: Count = 0
    void: tuple[tuple[int, int], ...] = ()
    learned: Learned = Learned()
    calibration: Calibration | None = None
    calibration_held: bool = False


_encode = msgspec.json.Encoder(order="deterministic").encode
_decoder = msgspec.json.Decoder(Control)


def encode_control(control: Control) -> bytes:
    """A control record as one JSON object; equal records give equal bytes."""
    return _encode(control)


def decode_control(record: bytes | None) -> Control:
    """Read a record of the control topic; raises `BadRecord`."""
    try:
        return _decoder.decode(record or b"")
    except msgspec.ValidationError as error:
        raise BadRecord("not_a_control_record", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadRecord("not_a_control_record", "malformed JSON") from None
