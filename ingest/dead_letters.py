"""Looking at dead letters, and replaying them once their cause is gone.

What a platform sent goes in by the front door again, without its signature, which was checked when it came. A record
of a source topic is written again to its own partition. A letter whose replay is written is deleted; what fails again
stays.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from contracts import codec, topics
from contracts.events import DeadLetter
from ingest.intake import Batch, Intake
from ingest.kafka import Producer, read
from ingest.platforms import Message, Platform, Stream
from ingest.records import Record, Records
from ingest.subjects import Subjects, shared_source
from runtime.seal import Sealer

Outcome = Literal["replayed", "failed_again", "not_replayable"]
_SOURCES = frozenset(topic.name for topic in (*topics.ORGANIC_SOURCES, *topics.PAID_SOURCES))
_decode = codec.decoder(DeadLetter)


def newest(bootstrap_servers: str) -> dict[str, DeadLetter]:
    """Every dead letter that there is, by id."""
    letters: dict[str, DeadLetter] = {}
    for key, value in read(bootstrap_servers, topics.DEAD_LETTERS.name):
        dead_letter_id = key.decode("ascii", "replace")
        if value is None:
            letters.pop(dead_letter_id, None)
        else:
            letters[dead_letter_id] = _decode(value)
    return letters


@dataclass(frozen=True, slots=True)
class Replay:
    """Replays letters one by one."""

    intake: Intake
    platforms: Mapping[str, Platform]
    sealer: Sealer
    records: Records
    producer: Producer
    wall_ms: Callable[[], int]

    def run(self, letter: DeadLetter) -> Outcome:
        """Replay one letter, and wait until Kafka has what came of it. Raises `KafkaAway` or `SealBroken`.

        Aggregates are not replayed: their topics have one writer, and an old row would come after a newer one;
        `engagement rebuild` makes them anew. An item of a poll is not either: it is read again with each poll. Nor is a
        message of an account's own stream, which is read back with the next gap.
        """
        body = self.sealer.open(letter.sealed)
        if letter.origin == "record":
            if letter.topic not in _SOURCES or letter.partition is None or letter.key is None:
                return "not_replayable"
            self.producer.write([Record(letter.topic, letter.partition, letter.key, body)])
        else:
            platform = self.platforms.get(letter.platform or "")
            if letter.origin == "poll" or platform is None:
                return "not_replayable"
            if platform.webhook is not None:
                batch = self.intake.delivery([platform], body, "replay", self.wall_ms())
            elif platform.stream is not None and platform.stream.is_shared:
                batch = self._message(platform, platform.stream, body)
            else:
                return "not_replayable"
            self.producer.write(batch.records)
            if letter.dead_letter_id in batch.letter_ids:
                return "failed_again"
        self.producer.write([self.records.without_dead_letter(letter.dead_letter_id)])
        return "replayed"

    def _message(self, platform: Platform, stream: Stream, body: bytes) -> Batch:
        """What a message of a stream means now. What it says of records is remembered by the next streamer."""
        received_at = self.wall_ms()
        receipt = self.intake.receipt(platform.name, "replay", "replay", received_at)
        frame = stream.read(Message(body), receipt, Subjects())
        batch = self.intake.batch(platform.name, "replay", received_at, "change", frame.parts)
        batch.records += [self.records.of_subject(shared_source(platform.name), *one) for one in frame.subjects]
        return batch


def selected(letters: Mapping[str, DeadLetter], ids: frozenset[str], reasons: frozenset[str]) -> Iterator[DeadLetter]:
    """The letters of these ids or reasons, oldest first; all of them if neither is given."""
    for letter in sorted(letters.values(), key=lambda letter: (letter.received_at, letter.dead_letter_id)):
        if not ids | reasons or letter.dead_letter_id in ids or letter.reason in reasons:
            yield letter
