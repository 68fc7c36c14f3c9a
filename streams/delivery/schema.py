"""How a topic says that its agent wants batches."""

from collections.abc import Awaitable, Callable
from typing import Any

import faust


class BatchSchema(faust.Schema):  # type: ignore[misc]
    """Marks a topic: `event.value` is the list of raw records as fetched; nothing is decoded."""

    def compile(self, app: Any, **_: Any) -> Callable[..., Awaitable[Any]]:
        """The function that makes an event of a message: the list goes through as it is."""
        create_event = app.create_event

        async def decode(message: Any, *, propagate: bool = False) -> Any:
            del propagate
            return create_event(message.key, message.value, message.headers, message)

        return decode
