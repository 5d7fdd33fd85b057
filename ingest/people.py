"""What people are called, beside what they did and never on the same topic. Pure."""

from contracts.events import SCHEMA, EngagementEvent, Person
from contracts.outcome import Keep, Outcome
from ingest.fields import cleaned
from ingest.platforms import Fact, Receipt

LONGEST_NAME = 255


def person_of(outcome: Outcome[Fact], receipt: Receipt, name: object, profile_url: str | None = None) -> Person | None:
    """The actor of a kept event, where names are kept and this is one. The account itself is no person."""
    if not (receipt.keep_names and isinstance(outcome, Keep) and isinstance(name, str)):
        return None
    event = outcome.value
    if not isinstance(event, EngagementEvent) or event.actor_id is None or event.actor_is_owner:
        return None
    kept = cleaned(name)[:LONGEST_NAME]
    if not kept:
        return None
    return Person(SCHEMA, event.platform, event.actor_id, kept, event.occurred_at, profile_url)


def last_seen(people: dict[str, Person], person: Person) -> None:
    """Of each person what was seen last; of the same moment the later one."""
    known = people.get(person.actor_id)
    if known is None or person.seen_at >= known.seen_at:
        people[person.actor_id] = person
