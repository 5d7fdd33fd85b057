"""Every reason for a dead letter or a drop: a stable word, and what an operator does about it.

A word here is a metric label, a column value and a heading of the runbook; code names no other.
"""

DEAD_LETTERS: dict[str, str] = {
    "unreadable_body": "Signed bytes that are not JSON in UTF-8; the platform would send the same again.",
    "invalid_envelope": "JSON without the platform's envelope (object, entry, changes).",
    "too_deep": "Nested deeper than the limit, or with more nodes than allowed.",
    "invalid_field": "A field has another type or form than the platform documents, or a number is too large.",
    "missing_field": "A field is missing without which the change cannot be counted.",
    "unknown_account": "The account is not configured. Add it to the configuration, then replay.",
    "unknown_item": "The platform sent an item or verb that this version does not know. Upgrade, then replay.",
    "unknown_reaction": "A reaction type that this version does not know. Upgrade, then replay.",
    "invalid_time": "A time that is not in [2004-01-01, 9999).",
    "future_time": "More than five minutes in the future of its receipt: check the clocks, then replay.",
    "invalid_text": "A lone surrogate or NUL where an id or name is expected.",
    "invalid_money": "An amount that is no plain decimal, or a currency that is none: nothing is guessed of money.",
    "foreign_currency": "Money in another currency than the shop's, and nothing beside it tells the rate.",
    "erasure_requested": "A shop's customer asks to be forgotten: see docs/operations.md, People.",
    "data_requested": "A shop's customer asks what is known of them: see docs/operations.md, People.",
    "shop_left": "A shop left: nothing comes from it any more. Take it out of the configuration, or connect it again.",
    "oversized": "Larger than a record may be.",
    "unknown_schema": "A record of a schema version that this code does not know. Upgrade, then replay.",
    "invalid_record": "A record on a topic that does not decode.",
    "foreign_partition": "A record lies in another partition than its key belongs to: a producer partitions wrongly.",
    "too_many_facts": "More than 64 facts for one interaction.",
    "rejected_row": "Postgres refuses the row (value out of range, for instance).",
}

DROPS: dict[str, str] = {
    "taken_back": "A notification without its status: the favourite or boost was taken back, or the status deleted.",
    "own_answer": "A favourite or boost of what the account answered: that is no post.",
    "unsubscribed_field": "A webhook field that is not read (mention, ratings, ...).",
    "messaging": "Messenger traffic under the same object.",
    "post_left_to_poller": "A post was added or edited: the poller reads it whole.",
    "visitor_post": "A post on the page by somebody else.",
    "visibility_of_post": "A post was hidden or shown again.",
    "moderation": "block, mute and the like: nothing to count.",
    "unsubscribed_topic": "A shop's webhook of a topic that is not read (products, payouts, ...).",
    "no_purchase": "A checkout that ended without an order, or that took no money.",
    "refund_without_money": "A refund that moved no money, or has not yet: it comes again when it does.",
    "record_updated": "A record of somebody's was written over: only its making and its deletion count.",
    "still_stands": "One of two likes of the same person went, and the other still stands.",
    "values_not_included": "The subscription sends only field names; switch 'Include values' on.",
}
