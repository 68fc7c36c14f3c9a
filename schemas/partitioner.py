"""Which partition a key belongs to: murmur2, as Kafka's own clients place keyed records."""

_MASK = 0xFFFFFFFF
_M = 0x5BD1E995


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 of Kafka's Java client (seed 0x9747b28c), unsigned.

    Source: org.apache.kafka.common.utils.Utils.murmur2. Costs about 1 us a byte quad in Python: call it once a tenant.

    >>> murmur2(b"21"), murmur2(b"foobar")
    (3321034988, 3504634814)
    """
    length = len(data)
    h = (0x9747B28C ^ length) & _MASK
    whole = length - length % 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * _M & _MASK
        k = (k ^ (k >> 24)) * _M & _MASK
        h = (h * _M & _MASK) ^ k
    tail = data[whole:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * _M & _MASK
    h = (h ^ (h >> 13)) * _M & _MASK
    return h ^ (h >> 15)


def partition_of(key: str, partitions: int) -> int:
    """The partition, in [0, partitions), that a record with this key is sent to by the default partitioner.

    >>> partition_of("org_1", 8) in range(8)
    True
    """
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions
