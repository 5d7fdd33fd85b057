"""How the sources fare: what is wrong, since when, what has fallen silent, what ends soon, what was missed."""

from contracts import metrics
from deploy.grafana.panel import OUTCOME_COLOURS, Panel, Prom, Row, Sql
from deploy.grafana.promql import rate, select
from deploy.grafana.relations import ACCOUNTS, PICKED, SOURCE_HEALTH

_BY = "platform, account, source"
_LEGEND = "{{platform}} {{account}} {{source}}"
_NAMED = f"{SOURCE_HEALTH} AS health LEFT JOIN {ACCOUNTS} AS accounts USING (platform, account_id)"
_NAME = "coalesce(accounts.name, account_id) AS account"
_SOURCE = "substr(source, length(platform || account_id) + 3) AS source"
_TIMES = {"since": "dateTimeAsIso", "last_success_at": "dateTimeAsIso", "last_event_at": "dateTimeAsIso"}

STATE = Row(
    "What is wrong",
    (
        Panel(
            "Sources with a problem",
            "Sources (account and way of reading) that are degraded or failing, over all accounts; the table beside it "
            "names them.",
            "none",
            (Prom(f"count({metrics.SOURCE_WELL.name}) - sum({metrics.SOURCE_WELL.name})", "sources"),),
            kind="number",
            width=4,
            limits=(1, 5),
        ),
        Panel(
            "Sources by problem",
            "How many sources have each problem now; the runbook explains each word under SourceFailing. A source that "
            "works has none.",
            "none",
            (Prom(f"sum by (problem, state) ({select(metrics.SOURCE_PROBLEMS)})", "{{problem}} ({{state}})"),),
            width=8,
        ),
        Panel(
            "Sources that need somebody",
            "Every source with a problem, failing ones first, then by how long it has lasted. What ends by itself, a "
            "limit for instance, is here while it lasts.",
            "none",
            (
                Sql(
                    f"""
                    SELECT platform, {_NAME}, {_SOURCE}, state, problem, since, last_success_at, last_event_at
                    FROM {_NAMED}
                    WHERE problem IS NOT NULL AND {PICKED}
                    ORDER BY state = 'failing' DESC, since, source
                    """
                ),
            ),
            kind="table",
            width=12,
            units=_TIMES,
        ),
        Panel(
            "Sources over time",
            "Whether each source worked as it should. Red is degraded or failing, not what was never heard of.",
            "none",
            (Prom(f"min by ({_BY}) ({select(metrics.SOURCE_WELL)})", _LEGEND),),
            kind="states",
            width=24,
        ),
    ),
)

SILENCE = Row(
    "What has fallen silent",
    (
        Panel(
            "Since the last success",
            "Of each way of reading the oldest: since a poll read everything, a delivery was kept, a stream was "
            "connected. Of webhooks it grows when nothing happens.",
            "s",
            (
                Prom(
                    f"time() - min by (platform, source) ({select(metrics.SOURCE_LAST_SUCCESS)})",
                    "{{platform}} {{source}}",
                ),
            ),
            width=12,
        ),
        Panel(
            "Silence against the habit",
            "How long nothing has come, less three times the longest silence that is usual at this time of day. Above "
            "zero a source is called quiet, if the silence is no matter of minutes. One without a habit yet is not "
            "shown.",
            "s",
            (
                Prom(
                    f"(time() - max by ({_BY}) ({select(metrics.SOURCE_LAST_EVENT)}))"
                    f" - 3 * max by ({_BY}) ({select(metrics.SOURCE_USUAL_GAP)})",
                    _LEGEND,
                ),
            ),
            width=12,
            limits=(0, 3600),
        ),
        Panel(
            "All sources",
            "Every source as its process last described it, the account by its name. recorded_at is minutes old where "
            "nobody follows the source any more.",
            "none",
            (
                Sql(
                    f"""
                    SELECT platform, {_NAME}, {_SOURCE}, kind, state, problem, last_success_at, last_event_at,
                      usual_gap_seconds, quiet_since, recorded_at
                    FROM {_NAMED}
                    WHERE {PICKED}
                    ORDER BY platform, account, source
                    """
                ),
            ),
            kind="table",
            width=24,
            height=10,
            units={
                **_TIMES,
                "usual_gap_seconds": "s",
                "quiet_since": "dateTimeAsIso",
                "recorded_at": "dateTimeAsIso",
            },
        ),
    ),
)

ENDINGS = Row(
    "What ends, and what was missed",
    (
        Panel(
            "Until a token expires",
            "Where the platform or the configuration tells it. Below zero the platform no longer takes the token.",
            "s",
            (Prom(f"min by ({_BY}) ({select(metrics.SOURCE_TOKEN_EXPIRES)}) - time()", _LEGEND),),
        ),
        Panel(
            "Until a lease lapses",
            "How long each subscription holds unless it is renewed; it jumps up at each renewal. Below zero nothing is "
            "pushed.",
            "s",
            (Prom(f"min by ({_BY}) ({select(metrics.SOURCE_LEASE_EXPIRES)}) - time()", _LEGEND),),
        ),
        Panel(
            "Gaps",
            "The last stretch of time of each source of which something was missed, open ones first: what occurred "
            "from gap_from to before gap_until, and when it had been read back.",
            "none",
            (
                Sql(
                    f"""
                    SELECT platform, {_NAME}, {_SOURCE}, gap_from, gap_until, backfilled_at
                    FROM {_NAMED}
                    WHERE gap_from IS NOT NULL AND {PICKED}
                    ORDER BY backfilled_at IS NULL DESC, gap_until DESC, source
                    """
                ),
            ),
            kind="table",
            units={"gap_from": "dateTimeAsIso", "gap_until": "dateTimeAsIso", "backfilled_at": "dateTimeAsIso"},
        ),
    ),
)

STREAMS = Row(
    "Streams and limits",
    (
        Panel(
            "Stream messages",
            "Messages of streams that were dealt with, whether they were of use or not.",
            "cps",
            (Prom(rate(metrics.STREAM_MESSAGES, "platform"), "{{platform}}"),),
        ),
        Panel(
            "Stream connections by outcome",
            "Connections that were made and that broke. One that breaks again and again brings hardly anything.",
            "cps",
            (Prom(rate(metrics.STREAM_CONNECTIONS, "outcome"), "{{outcome}}"),),
            colours=OUTCOME_COLOURS,
        ),
        Panel(
            "Streams connected",
            "Whether the stream of each account is connected now.",
            "none",
            (Prom(f"min by (platform, account) ({select(metrics.STREAM_CONNECTED)})", "{{platform}} {{account}}"),),
            kind="states",
        ),
        Panel(
            "Streams behind",
            "How old the last message of each account's stream was when Kafka had acknowledged it.",
            "s",
            (Prom(f"max by (platform, account) ({select(metrics.STREAM_BEHIND)})", "{{platform}} {{account}}"),),
            width=12,
        ),
        Panel(
            "Limits used",
            "Part of each platform's limit of requests that its answers say is used up; what counts units of its own "
            "is not in it.",
            "percentunit",
            (Prom(f"max by (platform) ({select(metrics.POLL_BUDGET_USED)})", "{{platform}}"),),
            width=12,
            limits=(0.75, 0.95),
        ),
    ),
)
