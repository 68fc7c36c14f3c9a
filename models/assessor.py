"""The assessor: all that is learned about one tenant, and what it says of the tenant's present fold."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from schemas.finding import Reason, SubStream, Template

from .detectors import View
from .explanation import explain
from .features import FEATURES
from .feedback import Correction
from .hashing import Hasher
from .look import Look, own
from .packed import NOTHING, STATE_FORM, Arrays, PackedAssessor
from .profile import Present, Profile
from .quarantine import PackedQuarantine, Quarantine
from .references import References
from .risk import ScoreCard
from .river_state import Baselines, check_layout, rounded
from .signature import Signature, signature_of
from .smoothing import kept, packed_values, unpacked_values
from .sub_stream import pointed_at, sub_stream
from .templates import Templates
from .verdict import Judgement, Verdict, judge

#: What a tenant repeats is looked at in its first folds, and later while it is nearly suspect.
WATCHED_FOLDS = 3

Floats = npt.NDArray[np.float64]
_NO_CARDS: Mapping[str, ScoreCard] = {}
_NO_VALUES = packed_values(np.full(len(FEATURES), np.nan))
#: What is learned of a tenant before its first fold, packed.
_NOTHING_LEARNED = Arrays(Profile().pack_past(), _NO_VALUES, NOTHING).packed()


class Assessor:
    """Everything learned about one (tenant, subject); 2.3 KB packed, up to 1.7 KB more while it is suspect.

    Holds the profile (what the tenant does), River's baselines of the features (what it is used to), and the level that the
    folds have led to. Each request of the fold adds 68 bytes; a snapshot compresses all of it. Owned by its tenant.
    CPU in decodings of a request, on composed traffic: all that is done with a request takes six, with a fold (of twelve) forty.
    """

    __slots__ = (
        "_cards",
        "_folds",
        "_frozen",
        "_held",
        "_judgement",
        "_known",
        "_learned",
        "_level",
        "_profile",
        "_quarantine",
        "_reasons",
        "_references",
        "_requests",
        "_templates",
        "_values",
        "hasher",
    )

    def __init__(
        self,
        references: References,
        hasher: Hasher,
        cards: Mapping[str, ScoreCard] = _NO_CARDS,
        packed: PackedAssessor | None = None,
    ) -> None:
        self._references, self._cards = references, cards
        #: The key of what it observes.
        self.hasher = hasher
        # The baselines and the smoothed features; the baselines of a fold are thrown away with it.
        self._held, self._values = NOTHING, _NO_VALUES
        self._known: Baselines | None = None
        self._quarantine: Quarantine | None = None
        self._judgement: Judgement | None = None
        self._reasons: tuple[Judgement, tuple[Reason, ...]] | None = None
        # `_learned`: all that only the end of a fold changes, packed; None when that is out of date. `_frozen` while it is packed and
        # nowhere else. `_templates`: what prompts have in common; None for a tenant that is not watched.
        self._learned: bytes | None
        self._templates: Templates | None
        if packed is None:
            self._profile, self._level = Profile(), references.card.prior
            self._requests = self._folds = 0
            self._learned, self._frozen = _NOTHING_LEARNED, False
            self._templates = Templates(references.vocabulary)
            return
        self._profile, self._level = Profile(packed.looks, packed.topics), packed.level
        self._requests, self._folds = packed.requests, packed.folds
        self._learned, self._frozen = packed.learned, True
        common = packed.templates
        self._templates = None if common is None else Templates.unpack(common, references.vocabulary)

    def read_by(self, cards: Mapping[str, ScoreCard]) -> None:
        """Let a level mean by peer group what these say, and what the references' card says in the others; between folds."""
        self._cards, self._judgement = cards, None

    def observe(self, look: Look) -> None:
        """Take in one request, at a time of the tenant's clock, which never goes back."""
        if self._templates is not None and look.content is not None:
            self._templates.take(look.content.text, look.head, look.tail)
        self._judgement = None
        self._requests += 1
        self._profile.observe(look)

    def assess(self) -> Verdict:
        """Judge the requests observed since the last `learn` or `skip`, before anything is learned from them."""
        return self._judge().verdict

    def view(self) -> View:
        """The present fold as detectors see it."""
        return self._judge().view

    def signature(self) -> Signature:
        """What of its recent past, the present fold included, other tenants may share."""
        return signature_of(self._judge().present.past)

    @property
    def folds(self) -> int:
        """Folds learned."""
        return self._folds

    def reasons(self) -> tuple[Reason, ...]:
        """What moved the last assessment; nothing after `learn`, `withhold` or `observe`."""
        judged = self._judgement
        if judged is None:
            return ()
        if self._reasons is None or self._reasons[0] is not judged:
            self._reasons = judged, explain(judged.view, self._references.forest, judged.verdict.scores)
        return self._reasons[1]

    def context(self, model: str) -> tuple[SubStream, tuple[Template, ...]]:
        """The manner of calling that the fold points at, and the templates, its own first; `model` is the last request's. 0.2 ms."""
        judged = self._judge()
        rows = pointed_at(judged.present)
        told = () if self._templates is None else self._templates.told(judged.present.past, judged.present.looks[rows])
        return sub_stream(rows, judged.present, model, own(self.hasher(model))), told

    def corrected(self, correction: Correction) -> Verdict:
        """The assessment, had its level been as far off as analysts taught; the level itself stays. Costs what reasons cost."""
        judged = self._judge()
        level = correction.level(judged.level, self.reasons())
        return replace(judged.verdict, risk=judged.card.risk(level), p_value=judged.card.honest_share(level))

    def learn(self) -> None:
        """Let the own baseline take in the fold, and begin the next one."""
        self._held = self._baselines().learned(self._judge().measured)
        self._folds += 1
        self._close(learn=True)

    def withhold(self, at_ms: int, suspect_from: float) -> None:
        """Begin the next fold; only the quarantine learns from this one, and what is normal for the tenant stays what it was.

        `at_ms` is the tenant's clock, `suspect_from` the risk from which a fold is suspect. Costs three times as much as `learn`.
        """
        present = self._judge().present
        held = self._quarantine
        if held is None:
            self._held = rounded(self._held)  # they stand still now, beside others: half as many bytes of each
            values = unpacked_values(self._values)
            held = self._quarantine = Quarantine.begin(self._profile.known, values, self._level)
        judged = self._beside(present.knowing(held.known), Baselines(held.baselines), held.values, held.level, held.folds)
        held.compare(judged.view.moved, at_ms, suspect=judged.verdict.risk >= suspect_from)
        held.learn(judged.measured, judged.present.learned(), kept(judged.values), judged.level)
        self._close(learn=False)

    @property
    def steady_ms(self) -> int:
        """Since when the behaviour in quarantine is steady and unsuspicious, on the tenant's clock; -1: it is not."""
        return self._quarantine.steady_ms if self._quarantine is not None else -1

    def roll_back(self) -> None:
        """Discard what was learned in quarantine."""
        if self._quarantine is not None:
            self._quarantine = self._learned = None

    def adopt(self) -> None:
        """Take what was learned in quarantine for what is normal of the tenant, and what it led to for the tenant's level.

        Between folds, after `withhold`.
        """
        held = self._quarantine
        if held is not None:
            self._known, self._held = None, held.baselines
            self._values, self._level, self._folds = packed_values(held.values), held.level, held.folds
            self._profile.know(held.known)
            self._quarantine = self._judgement = self._learned = None

    def pack(self) -> PackedAssessor:
        """The state at rest: what is unpacked from it behaves the same, bit for bit. Costs 7 us, and 40 once a fold."""
        if self._learned is None:
            self._learned = self._arrays().packed()
        held, profile = self._quarantine, self._profile
        return PackedAssessor(
            STATE_FORM,
            self.hasher.key_id,
            self._requests,
            self._folds,
            self._level,
            profile.pack_looks(),
            profile.pack_topics(),
            held.pack() if held is not None else None,
            self._templates.pack() if self._templates is not None else None,
            self._learned,
        )

    @classmethod
    def unpack(
        cls, packed: PackedAssessor, references: References, hasher: Hasher, cards: Mapping[str, ScoreCard] = _NO_CARDS
    ) -> "Assessor":
        """The assessor that was packed; under another key all that was hashed is forgotten and the rest kept.

        What the next request does not need stays packed until a fold is judged. Raises `ForeignState` for another form.
        """
        check_layout()
        packed.check()
        assessor = cls(references, hasher, cards, packed)
        if packed.quarantine is not None:
            assessor.thaw(packed.quarantine)
        if packed.key_id != hasher.key_id:
            assessor._forget_content()
        return assessor

    def thaw(self, held: PackedQuarantine | None = None) -> None:
        """Unpack what only the end of a fold changes, and a quarantine by its single numbers `held`; costs 20 us, once."""
        if not self._frozen:
            return
        arrays = Arrays.unpacked(self._learned or b"", suspect=held is not None)
        self._profile.remember(arrays.past)
        self._values, self._held, self._frozen = arrays.values, arrays.baselines, False
        if held is not None:
            values = unpacked_values(arrays.suspect_values)
            self._quarantine = Quarantine.unpack(held, arrays.suspect_baselines, arrays.known, values)

    def _arrays(self) -> Arrays:
        """What only the end of a fold changes."""
        trusted, held = (self._profile.pack_past(), self._values, self._held), self._quarantine
        if held is None:
            return Arrays(*trusted)
        return Arrays(*trusted, held.known, packed_values(held.values), held.baselines)

    def _forget_content(self) -> None:
        self.thaw()
        self._learned = None
        self._profile.forget_content()
        if self._quarantine is not None:
            self._quarantine.known = self._profile.known
        if self._templates is not None:
            self._templates = Templates(self._references.vocabulary)

    def _baselines(self) -> Baselines:
        if self._known is None:
            self._known = Baselines(self._held)
        return self._known

    def _judge(self) -> Judgement:
        if self._judgement is None:
            self._judgement = self._judged()
        return self._judgement

    def _judged(self) -> Judgement:
        self.thaw()
        return self._beside(self._profile.present(), self._baselines(), unpacked_values(self._values), self._level, self._folds)

    def _beside(self, present: Present, own: Baselines, olds: Floats, before: float, folds: int) -> Judgement:
        """Judge the fold beside what may be the tenant's past: baselines of so many folds, smoothed features and level."""
        return judge(present, own, olds, before, folds, self._requests, self._references, self._cards)

    def _close(self, *, learn: bool) -> None:
        judged = self._judge()
        self._values = packed_values(judged.values)
        self._level = judged.level
        self._profile.next_fold(judged.present, learn=learn)
        self._watch()
        self._judgement = self._reasons = self._learned = self._known = None

    def _watch(self) -> None:
        suspect = self._quarantine is not None or self._level >= self._references.watched_from
        if not (suspect or self._folds < WATCHED_FOLDS):
            self._templates = None
            return
        templates = self._templates or Templates(self._references.vocabulary)
        self._templates = templates.settled(self._profile.past)
