"""What boosts do to posts, and which posts to boost."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.relations import ACCOUNTS, BOOST_CANDIDATES, HALO, OF_BRAND, POSTS

BROUGHT = Panel(
    "What boosts brought beside what was paid for",
    "Boosted posts of the time picked: what came by itself in the hours of the boost, and how much more (or "
    "less) that is than posts of the account get at that age that nobody boosts: by how such posts go on "
    "after as good a start, and by what they get. least and most are the tenth and the ninth in ten. Whoever "
    "chose the posts chose good ones: no proof that the boost did it.",
    "short",
    (
        Sql(
            f"""
            SELECT a.name AS account, coalesce(p.permalink, h.post_id) AS post, h.boosted_from, h.hours,
              h.spend_micros / 1e6 AS spend, h.currency, h.paid, h.organic, h.expected_by_curve,
              h.halo_by_curve, h.halo_by_curve_least, h.halo_by_curve_most, h.halo_by_siblings,
              h.halo_by_siblings_least, h.halo_by_siblings_most, h.siblings
            FROM {HALO} AS h
            JOIN {ACCOUNTS} AS a USING (platform, account_id)
            LEFT JOIN {POSTS} AS p USING (platform, account_id, post_id)
            WHERE {OF_BRAND} AND h.boosted_until > $__timeFrom() AND h.boosted_from < $__timeTo()
            ORDER BY h.boosted_from DESC, h.post_id LIMIT 100
            """
        ),
    ),
    kind="table",
    width=24,
    links=("post",),
    units={"boosted_from": "dateTimeAsIso"},
)

CANDIDATES = Panel(
    "Posts worth a boost",
    "Posts of the last week without an ad that do better than nine of ten of their account's posts did at "
    "their age, and what earlier boosts of the account cost and brought. The time picked does not matter.",
    "short",
    (
        Sql(
            f"""
            SELECT a.name AS account, coalesce(p.permalink, c.post_id) AS post, c.age_hours, c.engagements,
              c.usual_engagements, c.lift, c.expected_engagements, c.currency,
              c.usual_spend_micros / 1e6 AS usual_spend, c.engagement_cost_micros / 1e6 AS engagement_cost,
              c.expected_extra_engagements, c.boosts, c.siblings
            FROM {BOOST_CANDIDATES} AS c
            JOIN {ACCOUNTS} AS a USING (platform, account_id)
            LEFT JOIN {POSTS} AS p USING (platform, account_id, post_id)
            WHERE {OF_BRAND}
            ORDER BY c.lift DESC NULLS FIRST, c.engagements DESC, c.post_id LIMIT 50
            """
        ),
    ),
    kind="table",
    width=24,
    links=("post",),
)

BOOSTS = Row("Boosts", (BROUGHT, CANDIDATES))
