"""One storm with kills, shared by all tests of the whole way: it is played, drained and judged once."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from deploy.local.drain import PROCESSOR
from deploy.local.kills import Blow, Hit, Killer, schedule
from deploy.local.simulator import World
from deploy.local.trial import Trial, Verdict

SEED = 20_275
SECONDS = 15.0
HALF = SECONDS / 2
WITH_ONE_WORKER = ("webhooks", "poller", PROCESSOR, "processor-paid", "sink-postgres")
WITH_TWO_WORKERS = ("kafka", PROCESSOR, f"{PROCESSOR}-2", "postgres")


@dataclass(frozen=True)
class Storm:
    """A trial that is over, its stack still running. `polled_at`: epoch seconds when the poller was still at work."""

    trial: Trial
    verdict: Verdict
    hits: list[Hit]
    polled_at: float


def blows() -> list[Blow]:
    """Five kills with one worker, a second one joins, and four more."""
    later = [Blow(HALF + 1 + blow.at, blow.service, blow.act) for blow in schedule(SEED, HALF, WITH_TWO_WORKERS)]
    return [*schedule(SEED, HALF, WITH_ONE_WORKER), Blow(HALF + 1, PROCESSOR, "join"), *later]


@pytest.fixture(scope="package")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    world = World(SECONDS, SEED, "storm", sources="facebook,market")
    with Trial(tmp_path_factory.mktemp("storm"), world, lambda text: print(text)) as trial:
        trial.start()
        killer = Killer(trial, blows())
        trial.play()
        hits, polled_at = killer.join(), time.time()
        for hit in hits:
            print(hit)
        trial.drain()
        yield Storm(trial, trial.judge(), hits, polled_at)
