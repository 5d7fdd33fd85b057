"""What the tables call people whose pseudonym is another one since the identity key was changed."""

from contracts import topics
from ingest.kafka import read
from processors.engagement import aliases


def first_names(bootstrap_servers: str, platform: str) -> dict[str, str]:
    """Other pseudonym -> first one, as the processors know them. Raises `KafkaAway`."""
    topic = topics.STATE_PAID_ALIASES if platform in topics.BUYERS else topics.STATE_ALIASES
    known = dict(read(bootstrap_servers, topic.name))
    return {key.decode(): aliases.read(value).name for key, value in known.items() if value is not None}
