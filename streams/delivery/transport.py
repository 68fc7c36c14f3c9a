"""The transport: Faust's own on aiokafka, with our consumer and producer."""

from collections.abc import Mapping
from typing import Any

from faust.transport.drivers import aiokafka as stock

from .consumer import Consumer


class Producer(stock.Producer):  # type: ignore[misc]
    """Faust's producer, idempotent: a retry inside the client is neither lost, doubled nor out of order."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {**super()._settings_extra(), "acks": "all", "enable_idempotence": True}

    @property
    def client(self) -> Any:
        """The started aiokafka producer, for callers that send whole batches."""
        return self._ensure_producer()


class Transport(stock.Transport):  # type: ignore[misc]
    """Pairs the two."""

    Consumer = Consumer
    Producer = Producer
