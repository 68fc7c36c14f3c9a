"""What the judgement of a partition is made with: settings, tables, key and versions, read-only and shared."""

from msgspec import Struct
from msgspec.structs import replace

from schemas.control import Control
from schemas.versions import CODE_VERSION, Versions

from .assessor import Assessor
from .config import Config
from .feedback import Correction
from .hashing import Hasher
from .packed import MODEL_VERSION
from .references import References


class Mind(Struct, frozen=True, kw_only=True):
    """The immutable ground of every judgement in a process; holds no state of any tenant.

    `correction` is what the adopted control record teaches about suspect tenants; None without one.
    """

    config: Config
    references: References
    hasher: Hasher
    versions: Versions
    correction: Correction | None = None

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

    def adopting(self, control: Control) -> "Mind":
        """The same mind under a control record, which replaces any other."""
        versions = replace(self.versions, control=control.number)
        return replace(self, versions=versions, correction=Correction.from_control(control))

    def assessor(self) -> Assessor:
        """A new assessor, for a tenant never seen."""
        return Assessor(self.references, self.hasher)

    def awaken(self, packed: bytes) -> Assessor:
        """The assessor that these bytes were packed from; raises `ForeignState` for another form."""
        return Assessor.unpack(packed, self.references, self.hasher)
