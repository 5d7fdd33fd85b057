"""Posts and comments of the world: their true state, and what their counters show."""

from dataclasses import dataclass, field

from ingest.simulator.population import Page


@dataclass(slots=True)
class Comment:
    """`number` is the ledger's number of its making. `parent` is the comment that it answers."""

    id: str
    post: "Post"
    parent: "Comment | None"
    author: str
    created_at: int
    message: str
    number: int = -1
    is_hidden: bool = False
    is_removed: bool = False
    replies: list["Comment"] = field(default_factory=list)
    reactions: dict[str, str] = field(default_factory=dict)

    @property
    def permalink(self) -> str:
        """Only who reads the comment is told it: a webhook does not carry it."""
        return f"https://www.facebook.com/{self.post.id}?comment_id={self.id}"

    def noted(self, verb: str, number: int) -> None:
        """What was done to it is the ledger's fact of that number."""
        if verb == "add":
            self.number = number

    def react(self, person: str, reaction: str | None) -> None:
        """The person's reaction is now this one; None: taken back."""
        self.reactions.pop(person, None)
        if reaction is not None:
            self.reactions[person] = reaction


@dataclass(slots=True)
class Remark(Comment):
    """A comment. `numbers`: the ledger's number of the last time that each verb was done to it."""

    edited_at: int | None = None
    numbers: dict[str, int] = field(default_factory=dict)

    def noted(self, verb: str, number: int) -> None:
        self.numbers[verb] = number
        if verb == "add":
            self.number = number


@dataclass(slots=True)
class Wording:
    """What a post says since `since`: its text, and what is to be read out of it."""

    since: int
    message: str | None
    hashtags: list[str]
    mentions: list[str]
    links: list[str]
    promotion: str


@dataclass(slots=True)
class Base:
    """What a post had before the world began: in its counters, never listed."""

    likes: dict[str, int] = field(default_factory=dict)
    comments: int = 0
    shares: int = 0


@dataclass(slots=True)
class Post:
    """Counters of the platform: everything true now, the owner's and unseen people's included."""

    id: str
    page: Page
    created_at: int
    format: str
    wordings: list[Wording]
    base: Base
    reactions: dict[str, str] = field(default_factory=dict)
    by_type: dict[str, int] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    live_comments: int = 0
    live_replies: int = 0
    shares: dict[str, str] = field(default_factory=dict)
    deleted_at: int | None = None

    def react(self, person: str, reaction: str | None) -> None:
        """The person's reaction is now this one; None: taken back."""
        before = self.reactions.pop(person, None)
        if before is not None:
            self.by_type[before] -= 1
        if reaction is not None:
            self.reactions[person] = reaction
            self.by_type[reaction] = self.by_type.get(reaction, 0) + 1

    def likes(self, reaction: str | None = None) -> int:
        """Reactions of that type, or of all."""
        if reaction is not None:
            return self.by_type.get(reaction, 0) + self.base.likes.get(reaction, 0)
        return len(self.reactions) + sum(self.base.likes.values())

    def comment_count(self, with_replies: bool) -> int:
        live = self.live_comments if with_replies else self.live_comments - self.live_replies
        return live + self.base.comments

    def share_count(self) -> int:
        return len(self.shares) + self.base.shares

    def views(self, second: int) -> int:
        """Grows with engagement; the platform's clean-ups make it shrink now and then."""
        engagement = 25 * self.likes() + 60 * self.comment_count(True) + 90 * self.share_count()
        return engagement + 40 - second // 900 % 7

    def reach(self, second: int) -> int:
        return self.views(second) * 7 // 10

    def wording(self, second: int) -> Wording:
        """The text as it stood when that second began, so that every reading of one second is the same."""
        return next((w for w in reversed(self.wordings) if w.since < second), self.wordings[0])

    @property
    def permalink(self) -> str:
        page, _, number = self.id.partition("_")
        return f"https://www.facebook.com/{page}/posts/{number}"
