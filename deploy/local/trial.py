"""One trial of the whole pipeline: a simulated world, every process as declared, and a verdict on every row.

with Trial(Path("somewhere"), World(seconds=60, seed=7, faults="storm")) as trial:
    trial.start()
    trial.play()
    trial.drain()
    verdict = trial.judge()
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
import requests

from contracts.tables import engagement_by_post
from deploy.grafana import relations
from deploy.grafana.relations import SCHEMA
from deploy.local import drain, simulator
from deploy.local.evidence import Evidence, gather
from deploy.local.process import StackError
from deploy.local.reconcile import Compared, Mismatch, Rows, reconcile
from deploy.local.simulator import World
from deploy.local.stack import LocalStack
from deploy.local.visibility import Watch
from ingest.simulator.ledger import Ledger, paid_buyers
from ingest.simulator.ledger.paid_boosts import boosts
from ingest.simulator.ledger.paid_split import post_split
from ingest.simulator.timeline import virtual_clock
from runtime.clock import Clock, wall_ms

LEAD_MS = 12_000
"""From the choice of the clock to the world's beginning: what the processes need to come up."""
PATIENCE_SECONDS = 60.0
IDENTITY_KEY = "identity_key"
DEAD_LETTERS = f"SELECT reason, count(*) FROM {relations.DEAD_LETTERS} GROUP BY reason"
NETS = (
    "SELECT account_id, post_id, net_likes + owner_likes, net_comments + owner_comments, net_shares + owner_shares"
    f" FROM {SCHEMA}.{engagement_by_post.TABLE.name} WHERE platform = %s"
)


def merged(of_platforms: Iterable[Mapping[str, Rows]]) -> dict[str, Rows]:
    """The tables of several platforms as one: every key begins with its platform."""
    tables: dict[str, Rows] = {}
    for found in of_platforms:
        for name, rows in found.items():
            tables[name] = {**tables.get(name, {}), **rows}
    return tables


@dataclass(slots=True)
class Verdict:
    """`expected`: the tables as the ledger says they are; `compared`: what the comparison of each found."""

    state: dict[str, Any]
    evidence: Evidence
    expected: Mapping[str, Rows]
    compared: dict[str, Compared]
    letters: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Reason -> dead letters expected and found."""
    seen_twice: float = 0.0
    """Share of the facts that were offered by a webhook and by a poll."""

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.compared.values())

    @property
    def mismatches(self) -> int:
        return sum(one.wrong for one in self.compared.values())


class Trial:
    """Owns a stack and the world that feeds it. `phase` is told what happens, for people to follow."""

    def __init__(
        self, data_dir: Path, world: World, phase: Callable[[str], None] = lambda _text: None, workers: int = 1
    ) -> None:
        self.stack = LocalStack(data_dir)
        self.world = world
        self.workers = workers
        self.was_killed = False
        """Whether a process was killed: then what a poll was answered may not have reached the log."""
        self._phase = phase
        self._watch: Watch | None = None
        self._state: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.close()
        self.stack.stop()

    @property
    def clock(self) -> Clock:
        """The clock of the world."""
        return Clock.parse(self.world.clock)

    def start(self) -> None:
        """Everything up, the world about to begin."""
        self._phase("starting Kafka and PostgreSQL")
        self.stack.start("kafka", "postgres")
        starts_at = wall_ms() + LEAD_MS
        world = self.world
        self.world = replace(world, clock=str(virtual_clock(starts_at, world.seconds, world.days)))
        simulator.prepare(self.stack, self.world)
        self._phase("starting our processes")
        self.stack.start("webhooks")
        self.stack.run(simulator.spec(self.stack, self.world))
        self.stack.start()
        if self.workers > 1:
            self.stack.scale(drain.PROCESSOR, self.workers)
        self._watch = Watch(self.stack.dsn("reader"))

    def play(self, meanwhile: Callable[[dict[str, Any]], None] = lambda _state: None) -> None:
        """Until the world is over and every delivery of it is answered; `meanwhile` is called with each state."""
        self._phase(f"playing {self.world.seconds:g} s of seed {self.world.seed}, faults: {self.world.faults}")
        deadline = time.monotonic() + self.world.seconds + LEAD_MS / 1000 + PATIENCE_SECONDS
        while True:
            state = self._simulator_state()
            meanwhile(state)
            if state.get("phase") == "played":
                break
            if time.monotonic() > deadline:
                raise StackError(f"the world does not end: {state}")
            time.sleep(0.25)
        self._phase("letting the last deliveries be answered")
        self._state = simulator.finish(self.stack)

    def drain(self) -> None:
        """Read everything that is offered, and wait until all of it is in the tables."""
        self._phase("reading every source one last time")
        drain.last_poll(self.stack, self.clock.now_ms())
        self._phase("importing the editorial plans, the rates of exchange, ambassadors and buyers")
        simulator.import_plans(self.stack)
        simulator.import_rates(self.stack)
        simulator.import_people(self.stack)
        self._phase("waiting for the last row")
        drain.wait(self.stack)

    def judge(self) -> Verdict:
        """Compare everything with the ledger."""
        self._phase("comparing every row with the truth ledger")
        assert self._watch is not None, "not started"
        evidence = gather(self.stack.bootstrap_servers, self._watch.applied_at)
        truths = simulator.truths(self.stack, self.world)
        expected = merged(
            truth.evaluate(
                now=evidence.now,
                identity_key=(self.stack.secrets / IDENTITY_KEY).read_text(encoding="utf-8"),
                observed=evidence.observed if self.was_killed else None,
                polled=evidence.polled if self.was_killed else None,
            )
            for truth in truths
        )
        expected["post_organic_paid_split"] = post_split(expected)
        expected |= boosts(expected)
        expected |= paid_buyers.views(expected)
        compared = reconcile(self.stack.dsn("reader"), expected, simulator.filled(self.world))
        ledgers = [truth for truth in truths if isinstance(truth, Ledger)]
        verdict = Verdict(self._simulator_state(), evidence, expected, compared)
        verdict.seen_twice = max(ledger.seen_twice() for ledger in ledgers)
        verdict.compared[relations.DEAD_LETTERS] = self._judge_letters(verdict)
        verdict.compared["ledger.observations"] = self._judge_observations(ledgers, evidence)
        verdict.compared["ledger.coverage"] = self._judge_coverage(ledgers, evidence)
        return verdict

    def _judge_letters(self, verdict: Verdict) -> Compared:
        expected = Counter(simulator.expected_dead_letters(self.stack))
        with psycopg.connect(self.stack.dsn("reader")) as connection:
            got: Counter[str] = Counter(dict(connection.execute(DEAD_LETTERS).fetchall()))
        verdict.letters = {reason: (expected[reason], got[reason]) for reason in sorted(expected | got)}
        wrong = [
            Mismatch((reason,), {"letters": wanted}, {"letters": found})
            for reason, (wanted, found) in verdict.letters.items()
            if wanted != found
        ]
        return Compared(got.total(), wrong)

    def _judge_observations(self, ledgers: Iterable[Ledger], evidence: Evidence) -> Compared:
        """Nothing lies on the log that was not offered; nothing offered is missing, unless a poller was killed."""
        wrong: list[Mismatch] = []
        for ledger in ledgers:
            missing = ledger.compare_observations(evidence.observed)
            wrong += [Mismatch(seen, None, {"on": "the log"}) for seen in missing.invented]
            wrong += [Mismatch(seen, None, {"on": "the log"}) for seen in ledger.invented_comments(evidence.polled)]
            if not self.was_killed:
                wrong += [Mismatch(seen, {"on": "the log"}, None) for seen in missing.lost]
        return Compared(len(evidence.observed), wrong)

    def _judge_coverage(self, ledgers: Iterable[Ledger], evidence: Evidence) -> Compared:
        """What the tables lack of the platform's counters is what was never offered, fact by fact."""
        gaps = [gap for ledger in ledgers for gap in ledger.gaps(self._nets(ledger.platform))]
        wrong = [
            Mismatch((gap.account, gap.post, gap.kind), {"gap": gap.never_offered}, {"gap": gap.counter - gap.seen})
            for gap in gaps
            if not gap.is_explained
        ]
        return Compared(len(gaps), wrong)

    def _nets(self, platform: str) -> dict[tuple[str, str], dict[str, int]]:
        with psycopg.connect(self.stack.dsn("reader")) as connection:
            return {
                (account, post): {"likes": likes, "comments": comments, "shares": shares}
                for account, post, likes, comments, shares in connection.execute(NETS, [platform])
            }

    def _simulator_state(self) -> dict[str, Any]:
        try:
            return simulator.state(self.stack)
        except requests.RequestException:
            process = self.stack.services[simulator.NAME]
            if process.is_over:
                raise StackError(f"the simulator ended with {process.exit_code}: see {process.spec.log}") from None
            return {}
