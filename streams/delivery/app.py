"""The application: Faust's, on the batch transport."""

from collections.abc import Awaitable, Callable
from typing import Any

import faust
from mode.supervisors import CrashingSupervisor

from .transport import Transport

BeforeRelease = Callable[[set[Any]], Awaitable[None]]


async def _nothing(_: set[Any]) -> None:
    """The default of `App.before_release`."""


class App(faust.App):  # type: ignore[misc]
    """A Faust application that delivers by the batch and lets its owner settle before partitions go.

    `before_release(partitions)` is awaited before a rebalance or a stop takes partitions away; it should make durable what is
    applied and acknowledge it. It is cut off after the consumer's `release_grace_seconds`.
    """

    #: Records in one batch, at most.
    batch_records = 500

    before_release: BeforeRelease = staticmethod(_nothing)

    def agent(self, *args: Any, **kwargs: Any) -> Any:
        """Like Faust's, but an agent that raises ends the application instead of standing still unseen."""
        return super().agent(*args, supervisor_strategy=CrashingSupervisor, **kwargs)

    async def _consumer_wait_empty(self, consumer: Any, logger: Any) -> None:
        del logger
        await consumer.settle(consumer.assignment())

    def _new_transport(self) -> Any:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Any:
        return Transport(self.conf.broker_producer, self)
