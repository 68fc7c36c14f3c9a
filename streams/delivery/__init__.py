"""Faust, by the batch: an application whose agents receive the records of one partition as a list.

Stock delivery costs two asyncio tasks a record (70 us); here one message carries up to `App.batch_records` raw records of one partition
(2 to 3 us a record), in order. Only what Faust documents as replaceable is replaced: the transport's consumer and producer, the
application's transport, a topic's schema. Nothing is patched.

The contract of an agent on a topic with `BatchSchema`:

- `event.value` is a non-empty list of aiokafka `ConsumerRecord`, raw bytes, of `event.message.tp`, offsets rising;
- the agent iterates `stream.noack().events()` and calls `event.ack()` once everything in the batch is safe; batches of a
  partition may be acknowledged in any order, what is committed is the acknowledged prefix;
- before partitions are taken away, and before the application stops, `App.before_release(partitions)` is awaited for a few
  seconds at most, then acknowledged offsets are committed, and only then are the partitions given up;
- an exception that leaves the agent crashes the application with nothing more committed.
"""

from .app import App
from .consumer import Offsets
from .namesake import in_our_words
from .schema import BatchSchema

__all__ = ["App", "BatchSchema", "Offsets", "in_our_words"]
