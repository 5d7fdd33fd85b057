"""Settings of the processors."""

from pydantic import Field

from runtime.settings import ConfigSettings, KafkaSettings, MetricsSettings, Secrets


class ProcessorSettings(KafkaSettings, MetricsSettings, ConfigSettings):
    """One worker of one processor."""

    seal_key: Secrets = Field(min_length=1)
    """Seals what cannot be read before it becomes a dead letter; the current key first."""
    processor_flush_seconds: float = Field(0.5, gt=0, le=60)
    processor_flush_records: int = Field(50_000, ge=1, le=1_000_000)
    processor_session_timeout_seconds: float = Field(10.0, ge=6, le=300)
    """How long a silent worker keeps its partitions; the broker's `group.min.session.timeout.ms` bounds it below."""
    processor_instance_id: str | None = None
    """Static membership: a worker that comes back under the same id within the session timeout keeps its partitions.

    Each worker needs its own. Without one a worker leaves the group when it stops, but a killed one is waited for.
    """


class RebuildSettings(KafkaSettings, ConfigSettings):
    """`engagement rebuild`."""
