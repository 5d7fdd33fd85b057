"""The stream of notifications: server-sent events of one account, with its token.

There is nothing to resume at: what comes while nobody listens is read back from the list of notifications.
"""

from msgspec import Raw

from contracts.outcome import Drop
from ingest.platforms import Address, Frame, Message, Part, Receipt, Resume
from ingest.platforms.mastodon import notices
from ingest.subjects import Subjects

LARGEST_MESSAGE = 256 * 1024
SILENCE_SECONDS = 60.0
"""A heartbeat comes every fifteen."""
PATH = "/api/v1/streaming/user/notification"


def connect(resume: Resume) -> Address:
    """The account's own stream."""
    return Address(PATH, headers={"Authorization": f"Bearer {resume.token}"} if resume.token else {})


def read(message: Message, receipt: Receipt, _subjects: Subjects) -> Frame:
    """What a message says to the account whose connection it is, the only one that the receipt names."""
    if message.event != "notification":
        return Frame([Part(Drop("unsubscribed_field"))])
    (account_id,) = receipt.accounts
    told = notices.parts(account_id, Raw(message.body), receipt)
    return Frame(tuple(told), *notices.place(Raw(message.body)))
