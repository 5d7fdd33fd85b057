"""The dashboards: their pickers and their rows, in the order in which data flows."""

from contracts import metrics
from deploy.grafana.panel import Dashboard, Prom, Sql, Variable
from deploy.grafana.panels import (
    activity,
    assists,
    buyers,
    community,
    content,
    conversation,
    health,
    ingest,
    loyalty,
    money,
    organic_paid,
    overview,
    people,
    performance,
    plan,
    processing,
    sinking,
    sources,
    spikes,
    trust,
)
from deploy.grafana.relations import ACCOUNTS, CHANNEL_DAY, EFFICIENCY

PIPELINE = Dashboard(
    uid="pipeline",
    title="Pipeline",
    doc="For the engineer on call: from the platforms to the tables, in the order of the data path.",
    variables=(
        Variable(
            "platform",
            "Platform",
            # Of any metric: a receiver may serve several platforms under a name of its own.
            Prom("label_values(platform)", ""),
        ),
        Variable(
            "account",
            "Account",
            Prom(f'label_values({metrics.SOURCE_WELL.name}{{platform=~"$platform"}}, account)', ""),
        ),
    ),
    rows=(
        overview.ROW,
        ingest.WEBHOOKS,
        ingest.SITES,
        ingest.POLLING,
        ingest.EMITTED,
        processing.ROW,
        sinking.ROW,
        health.ROW,
    ),
    since="now-1h",
)

_CONFIGURED = (
    Variable(
        "platform",
        "Platform",
        Sql(f"SELECT DISTINCT platform FROM {ACCOUNTS} ORDER BY 1"),
    ),
    Variable(
        "account",
        "Account",
        Sql(
            f"SELECT name AS __text, account_id AS __value FROM {ACCOUNTS}"
            " WHERE platform IN (${platform:sqlstring}) ORDER BY name"
        ),
    ),
)

ENGAGEMENT = Dashboard(
    uid="engagement",
    title="Engagement",
    doc="For the social media manager and the analyst: what people do, who they are, which content works.",
    variables=_CONFIGURED,
    rows=(activity.ROW, people.ROW, content.ROW, trust.ROW),
    since="now-24h",
)

COMMUNITY = Dashboard(
    uid="community",
    title="Community",
    doc="For the social media manager: who is loyal, who waits for an answer, what works, whether the plan is kept.",
    variables=_CONFIGURED,
    rows=(community.ROW, loyalty.ROW, conversation.ROW, performance.ROW, plan.ROW, spikes.ROW),
    since="now-90d",
)

SOURCES = Dashboard(
    uid="sources",
    title="Sources",
    doc="For whoever keeps the accounts connected: which sources work, which fell silent, what ends soon.",
    variables=_CONFIGURED,
    rows=(sources.STATE, sources.SILENCE, sources.ENDINGS, sources.STREAMS),
    since="now-24h",
)

PAID = Dashboard(
    uid="paid",
    title="Paid and attribution",
    doc="For the marketer: what ads cost, what came of it in each model, what the platforms claim, and what helped.",
    variables=(
        Variable("brand", "Brand", Sql(f"SELECT DISTINCT brand FROM {EFFICIENCY} ORDER BY 1")),
        Variable(
            "currency",
            "Currency",
            Sql(f"SELECT DISTINCT currency FROM {EFFICIENCY} WHERE brand IN (${{brand:sqlstring}}) ORDER BY 1"),
        ),
        Variable(
            "model",
            "Model",
            Sql(f"SELECT DISTINCT model FROM {CHANNEL_DAY} WHERE brand IN (${{brand:sqlstring}}) ORDER BY 1"),
        ),
    ),
    rows=(money.SPEND, money.ATTRIBUTION, money.BELIEF, assists.ROW),
    since="now-30d",
)

BOTH = Dashboard(
    uid="organic-paid",
    title="Organic x paid",
    doc="For whoever decides what to boost: how organic and paid help each other, and what is paid for without need.",
    variables=PAID.variables[:2],
    rows=(assists.ROW, organic_paid.BOOSTS, buyers.ROW),
    since="now-30d",
)

DASHBOARDS = (PIPELINE, ENGAGEMENT, COMMUNITY, SOURCES, PAID, BOTH)
