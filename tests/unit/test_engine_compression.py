"""aiokafka's producer compresses as lightly as we ask it to; a version that does it another way fails here."""

import cramjam
from aiokafka.producer.message_accumulator import BatchBuilder

from processors.engine import unpack


def batch() -> bytes:
    builder = BatchBuilder(1 << 20, 4)
    for number in range(2_000):
        value = b'{"likes":%d,"version":%d}' % (number % 7, number)
        builder.append(timestamp=1, key=b"facebook|%d" % number, value=value)
    return bytes(builder._build())


def test_batches_are_compressed_at_the_light_level() -> None:
    unpack.compress_lightly()
    light = batch()
    payload = bytes(cramjam.zstd.decompress(light[61:]))
    assert light[61:] == bytes(cramjam.zstd.compress(payload, level=unpack.ZSTD_LEVEL))
    assert light[61:] != bytes(cramjam.zstd.compress(payload, level=3))
