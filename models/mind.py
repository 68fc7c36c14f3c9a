"""What the judgement of a partition is made with: settings, tables, key and versions, read-only and shared."""

from msgspec import Struct

from schemas.versions import CODE_VERSION, Versions

from .assessor import MODEL_VERSION, Assessor
from .config import Config
from .hashing import Hasher
from .references import References


class Mind(Struct, frozen=True, kw_only=True):
    """The immutable ground of every judgement in a process; holds no state of any tenant."""

    config: Config
    references: References
    hasher: Hasher
    versions: Versions

    @classmethod
    def of(cls, config: Config, secret: bytes) -> "Mind":
        """The mind with the tables that ship with the package, ready to judge.

        What is compiled is compiled here and not within the first requests: half a second, and half a minute once a machine.
        """
        references = References.shipped()
        versions = Versions(CODE_VERSION, MODEL_VERSION, references.version)
        mind = cls(config=config, references=references, hasher=Hasher(secret), versions=versions)
        mind.assessor().prepare()
        return mind

    def assessor(self) -> Assessor:
        """A new assessor, for a tenant never seen."""
        return Assessor(self.references, self.hasher)

    def awaken(self, packed: bytes) -> Assessor:
        """The assessor that these bytes were packed from; raises `ForeignState` for another form."""
        return Assessor.unpack(packed, self.references, self.hasher)
