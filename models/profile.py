"""A tenant's profile: the present fold, the recent past that it is part of, and what the tenant is known to do."""

from operator import add

from msgspec import Struct, field

from schemas.event import Event

from .bounded import count, remember
from .content import Content
from .fold import Fold
from .hashing import Hasher
from .words import BINS

HOUR_MS = 3_600_000
HOURS = 24
HEAVY_SLOTS = 16
HEAVY_MASS = 240
TOPIC_MASS = 4096
CONVERSATIONS = 10
KNOWN_SLOTS = {"prompts": 24, "heads": 24, "tails": 20, "manners": 6, "addresses": 20, "origins": 6, "models": 4}


class Heavy(Struct, array_like=True, gc=False):
    """Counted heavy hitters of the last few hundred values: `mass` values, the heaviest 16 held; 180 bytes packed."""

    mass: int = 0
    counts: dict[int, int] = field(default_factory=dict)

    def add(self, digest: int) -> None:
        """Count a value."""
        self.mass = count(self.counts, self.mass, digest, HEAVY_SLOTS, HEAVY_MASS)


class Recent(Struct, array_like=True, gc=False):
    """What the tenant does at present, suspect or not; 800 bytes packed.

    `hours` holds the requests of the last 24 clock hours, the newest last, at most 65,535 each; it ends with the hour
    `hour` since the epoch.
    """

    last_ms: int = 0
    hour: int = 0
    hours: list[int] = field(default_factory=lambda: [0] * HOURS)
    heads: Heavy = field(default_factory=Heavy)
    tails: Heavy = field(default_factory=Heavy)
    topics: list[int] = field(default_factory=lambda: [0] * BINS)
    conversations: list[int] = field(default_factory=list)

    def tick(self, at_ms: int) -> None:
        """Count a request in its hour."""
        hour = at_ms // HOUR_MS
        if hour > self.hour:
            gone = min(hour - self.hour, HOURS)
            self.hours = self.hours[gone:] + [0] * gone
            self.hour = hour
        self.hours[-1] = min(self.hours[-1] + 1, 65_535)
        self.last_ms = at_ms

    def continues(self, conversation: int) -> bool:
        """Whether a conversation is one of the last ten; remembers it."""
        held = self.conversations
        if conversation in held:
            held.remove(conversation)
            held.append(conversation)
            return True
        held.append(conversation)
        if len(held) > CONVERSATIONS:
            del held[0]
        return False

    def take(self, fold: Fold) -> None:
        """Take in the topics of a fold that is over."""
        self.topics = list(map(add, self.topics, fold.topics))
        if sum(self.topics) > TOPIC_MASS:
            self.topics = [held >> 1 for held in self.topics]


class Known(Struct, array_like=True, gc=False):
    """What the tenant is known to do, learned from folds that were not suspect; 1.3 KB packed when full.

    Each is a map from hash to uses, the least recently used first. `topics` is the long-run histogram of topics.
    """

    prompts: dict[int, int] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    tails: dict[int, int] = field(default_factory=dict)
    manners: dict[int, int] = field(default_factory=dict)
    addresses: dict[int, int] = field(default_factory=dict)
    origins: dict[int, int] = field(default_factory=dict)
    models: dict[int, int] = field(default_factory=dict)
    topics: list[int] = field(default_factory=lambda: [0] * BINS)

    def take(self, fold: Fold) -> None:
        """Learn a fold."""
        for name, slots in KNOWN_SLOTS.items():
            held = getattr(fold, name)
            if held:
                remember(getattr(self, name), held, slots)
        self.topics = list(map(add, self.topics, fold.topics))
        if sum(self.topics) > TOPIC_MASS:
            self.topics = [held >> 1 for held in self.topics]


class Profile(Struct, array_like=True, gc=False):
    """Fold, recent past and known behaviour of one (tenant, subject); 1.6 KB packed, 2.6 KB at most."""

    fold: Fold = field(default_factory=Fold)
    recent: Recent = field(default_factory=Recent)
    known: Known = field(default_factory=Known)

    def observe(self, event: Event, at_ms: int, hasher: Hasher, content: Content | None) -> None:
        """Take one request in; `content` is that of its prompt, if it has one. Costs 20 us for a prompt of 500 characters."""
        fold, recent = self.fold, self.recent
        fold.add(event, at_ms, recent.last_ms, hasher)
        recent.tick(at_ms)
        if event.prompt is not None and content is not None:
            fold.add_prompt(event.prompt, content)
            recent.heads.add(content.head)
            recent.tails.add(content.tail)
        if event.conversation_id:
            fold.conversations += 1
            fold.continued += recent.continues(hasher.identifier(event.conversation_id))

    def next_fold(self, *, learn: bool) -> None:
        """Close the fold: it becomes the recent past, and part of what is known if `learn`."""
        self.recent.take(self.fold)
        if learn:
            self.known.take(self.fold)
        self.fold = Fold()

    def forget_content(self) -> None:
        """Drop all that was hashed under another key; counters, sizes and rhythm stay."""
        self.known = Known(topics=self.known.topics)
        recent, fold = self.recent, self.fold
        recent.heads, recent.tails, recent.conversations = Heavy(), Heavy(), []
        fold.prompts, fold.heads, fold.tails, fold.manners = {}, {}, {}, {}
        fold.addresses, fold.origins, fold.models = {}, {}, {}
