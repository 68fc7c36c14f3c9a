"""State of another form than the one that is written: it is written anew, some of it at each checkpoint."""

from itertools import islice

from msgspec.structs import replace

from .accounts import Unit
from .shelf import Shelf
from .snapshot import form_of, pack, unpack_tenant

#: Tenants written anew at one checkpoint, at most: a tenth of a second and 2 MB.
AT_ONCE = 1000


class Restating:
    """The tenants of a partition that rest in another form on its shelf; owned by its roster.

    Tenants that send something are written in the right form anyway; the others would keep theirs for ever, and the version before or
    after this one could not read them. Costs 0.1 ms a tenant, once.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._units: dict[Unit, None] = {}

    def __len__(self) -> int:
        """How many are left."""
        return len(self._units)

    def add(self, unit: Unit) -> None:
        """Note a tenant that rests in another form."""
        self._units[unit] = None

    def take(self, form: int) -> list[tuple[Unit, bytes]]:
        """Put the next ones on the shelf in this form; hands them out, without those that are gone or in it already."""
        taken, restated = list(islice(self._units, AT_ONCE)), []
        self._shelf.fetch(taken)
        for unit in taken:
            del self._units[unit]
            packed = self._shelf.get(unit)
            if packed and form_of(packed) != form:
                state = unpack_tenant(packed)
                again = pack(replace(state, form=form))
                self._shelf.put(unit, again, suspect=state.case is not None)
                restated.append((unit, again))
        return restated
