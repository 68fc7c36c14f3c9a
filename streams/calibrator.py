"""The calibrator: every so often, in event time, a control record with what the deployment's own traffic says of its error rates."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from models.config import HOUR_MS
from models.own_rates import calibrated
from schemas.control import Calibration, Control
from schemas.errors import RefusedToStart, RetryLater
from streams.controls import Controls
from streams.logs import logger
from streams.own_days import TooLittle
from streams.settings import CalibrationSettings
from streams.telemetry import Telemetry

log = logger(__name__)

#: ClickHouse is asked so often what time it is there.
PAUSE_SECONDS = 300.0
#: The partition of the rows topic whose owner calibrates.
OWNED = 0


class Outside(Protocol):
    """Where a control record goes; returns when Kafka has accepted it."""

    async def control(self, control: Control) -> None:
        """The next control record."""


class Traffic(Protocol):
    """The deployment's own traffic; what it tells takes a while and blocks, and is asked for in a thread."""

    @property
    def references(self) -> str:
        """The version of the tables that it was judged by."""

    def newest_ms(self) -> int | None:
        """When its newest window began; None without one."""

    def calibration(self, until_ms: int) -> Calibration:
        """What its complete days before a time ask for."""


class Calibrator:
    """Calibrates while this worker holds partition 0 of the rows topic; holds no state of its own.

    What is due follows from the newest control record and from the newest window in ClickHouse, so a restart or another owner changes
    nothing: whoever looks next publishes what is due. Two owners for a moment do no harm, of two records with one number the first counts.
    After a rollback it waits until somebody publishes a calibration by hand. ClickHouse away, or too little traffic, delays it.
    """

    def __init__(
        self,
        settings: CalibrationSettings,
        traffic: Traffic,
        controls: Controls,
        read_controls: Callable[[], Awaitable[None]],
        publisher: Outside,
        telemetry: Telemetry,
        monotonic: Callable[[], float],
    ) -> None:
        self._settings, self._traffic = settings, traffic
        self._controls, self._read_controls, self._publisher = controls, read_controls, publisher
        self._telemetry, self._monotonic = telemetry, monotonic
        self._held = False
        self._looked_at = -PAUSE_SECONDS
        self._looking: asyncio.Task[None] | None = None
        self.trouble: str | None = None

    def take(self, partitions: Iterable[int]) -> None:
        """Begin to calibrate, if this is the worker that does."""
        self._held = self._held or OWNED in partitions

    async def release(self, partitions: Iterable[int]) -> None:
        """Stop at once: what is in hand is nothing that the next owner could not begin anew."""
        if OWNED in partitions:
            self._held = False
            looking, self._looking = self._looking, None
            if looking is not None:
                looking.cancel()
                await asyncio.wait([looking])

    async def tick(self) -> None:
        """Called every second or so: begins to look whether one is due, and raises what a bug raised."""
        if self._looking is not None and self._looking.done():
            done, self._looking = self._looking, None
            done.result()
        now = self._monotonic()
        if (
            self._held
            and self._settings.every_hours
            and self._looking is None
            and now - self._looked_at >= PAUSE_SECONDS
        ):
            self._looked_at = now
            self._looking = asyncio.create_task(self._look(), name="calibrate")

    def details(self) -> dict[str, Any]:
        """For the health page."""
        return {"calibrates": self._held, "calibration_trouble": self.trouble}

    async def _look(self) -> None:
        try:
            await self._read_controls()
            due = self._due(await asyncio.to_thread(self._traffic.newest_ms))
            if due is not None:
                await self._publish(await asyncio.to_thread(self._traffic.calibration, due))
            self.trouble = None
        except TooLittle as error:
            self.trouble = str(error)
            log.info("no calibration yet", reason=str(error))
        except (RetryLater, RefusedToStart) as error:
            self.trouble = str(error)
            self._telemetry.calibration_failures.inc()
            log.warning("the deployment could not be calibrated now; trying again", reason=str(error))

    def _due(self, newest_ms: int | None) -> int | None:
        """The end of the complete days to calibrate by, if it is time to."""
        newest = self._controls.newest
        if newest_ms is None or (newest is not None and newest.calibration_held):
            return None
        end_ms = newest_ms - newest_ms % (24 * HOUR_MS)
        before = newest.calibration if newest is not None else None
        if before is None or before.references != self._traffic.references:
            return end_ms
        return end_ms if end_ms >= before.last_ms + self._settings.every_hours * HOUR_MS else None

    async def _publish(self, calibration: Calibration) -> None:
        """Publish it under the next number that is free."""
        while self._held:
            control = calibrated(self._controls.newest, calibration)
            await self._publisher.control(control)
            await self._read_controls()
            newest = self._controls.newest
            if newest is not None and newest.calibration == calibration:
                self._tell(calibration)
                log.info("calibration published", number=newest.number, tenants=calibration.tenants)
                return

    def _tell(self, calibration: Calibration) -> None:
        self._telemetry.calibrations.inc()
        for rate in calibration.rates:
            severity = rate.severity.lower()
            self._telemetry.nominal_share.labels(severity).set(rate.nominal)
            self._telemetry.shipped_share.labels(severity).set(rate.shipped)
            self._telemetry.measured_share.labels(severity).set(rate.measured)
