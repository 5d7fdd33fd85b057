"""What records of other people's were about: for the deletion of one tells only which record it was, and whose."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from contracts.events import Subject


def shared_source(platform: str) -> str:
    """What the subjects of a stream that serves all accounts of a platform are kept under."""
    return f"{platform}:stream"


class Subjects:
    """Subjects by the name of their record, and by person. Names and persons are pseudonyms where people's are."""

    def __init__(self, known: Iterable[tuple[str, Subject]] = ()) -> None:
        self._by_record: dict[str, Subject] = {}
        self._of_person: dict[str, dict[str, Subject]] = defaultdict(dict)
        for record, subject in known:
            self.put(record, subject)

    def __len__(self) -> int:
        return len(self._by_record)

    def get(self, record: str) -> Subject | None:
        return self._by_record.get(record)

    def of(self, actor_id: str) -> Mapping[str, Subject]:
        """Every record of this person that is known, by name, in the order in which they became so."""
        return self._of_person.get(actor_id, {})

    def let_go(self, before: int) -> None:
        """Forget those that were last told of before then, as the topic does; they became known in that order."""
        while self._by_record:
            record, subject = next(iter(self._by_record.items()))
            if subject.seen_at >= before:
                return
            self.put(record, None)

    def put(self, record: str, subject: Subject | None) -> None:
        """What is known of a record from now on; None: nothing."""
        before = self._by_record.pop(record, None)
        if before is not None:
            theirs = self._of_person[before.actor_id]
            del theirs[record]
            if not theirs:
                del self._of_person[before.actor_id]
        if subject is not None:
            self._by_record[record] = subject
            self._of_person[subject.actor_id][record] = subject
