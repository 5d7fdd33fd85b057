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


def test_a_batch_that_is_filled_directly_is_the_one_that_aiokafka_fills() -> None:
    batches = [BatchBuilder(300, 4) for _ in range(2)]
    direct, wrapped = unpack.Filling(batches[0]), batches[1]
    for number in range(20):
        headers = [("version", b"7")] if number == 3 else []
        value = None if number == 3 else b"%d" % number
        one = direct.append(direct.count, 5, b"key", value, headers)
        other = wrapped.append(timestamp=5, key=b"key", value=value, headers=headers)
        assert (one is None) == (other is None)
        direct.count += one is not None
    direct.settle()
    assert 0 < direct.count < 20
    assert batches[0].record_count() == batches[1].record_count() == direct.count
    assert batches[0]._build() == batches[1]._build()
