"""A tenant, awake: its clock, windows, folds and case; what one request does to it."""

from schemas.event import Event
from schemas.finding import Finding, Severity
from schemas.rows import TenantWindow
from schemas.signal import Signal

from .accounts import DUPLICATE, JUDGED, LATE, Fate
from .case import Case, severity_of
from .look import Look, look_at
from .mind import Mind
from .recent import RecentIds
from .snapshot import FORM, TenantState, pack
from .window import Window
from .windows import Windows

#: A tenant tells of itself again when its p-value has fallen by a fifth, or after an hour.
TOLD_AGAIN_BELOW, TOLD_AGAIN_MS = 0.8, 3_600_000


class Tenant:
    """One judged unit, (tenant, subject), hydrated; owned by its partition, some 8 KB of Python objects.

    Its future is a function of its own requests in their order: `apply` reads no other clock than theirs.
    """

    __slots__ = (
        "_counted",
        "_due_ms",
        "_mind",
        "_open",
        "_tallies",
        "_version",
        "applied",
        "applied_before",
        "assessor",
        "case",
        "cases",
        "clock_ms",
        "duplicates",
        "first_ms",
        "fold_first_ms",
        "fold_model",
        "fold_output_tokens",
        "fold_requests",
        "folds",
        "late",
        "output_tokens",
        "position",
        "recent",
        "seen_ms",
        "signals",
        "subject",
        "tenant",
        "told_ms",
        "told_p_value",
        "windows",
    )

    def __init__(self, mind: Mind, tenant: str, subject: str = "", state: TenantState | None = None) -> None:
        self._mind, self.tenant, self.subject = mind, tenant, subject
        self._version, self._due_ms = -1, 0
        ids = state.ids if state is not None and state.key_id == mind.hasher.key_id else b""
        self.recent = RecentIds(mind.config.remembered_ids, ids)
        # Where the last request fell, as long as it is kept; and what it has not counted yet, up to a fold.
        self._open: Window | None = None
        self._tallies, self._counted = bytearray(), -1
        #: What it tells the search for campaigns: whoever takes them out sets the epoch.
        self.signals: list[Signal] = []
        if state is None:
            self.position = self.clock_ms = self.seen_ms = -1
            self.applied = self.duplicates = self.late = self.cases = self.applied_before = 0
            self.windows = Windows()
            self.fold_requests = self.fold_first_ms = self.fold_output_tokens = self.folds = self.output_tokens = 0
            self.fold_model = ""
            self.first_ms = self.told_ms = -1
            self.told_p_value = 1.0
            self.case: Case | None = None
            self.assessor = mind.assessor()
            return
        self.position, self.clock_ms = state.position, state.clock_ms
        self.applied, self.duplicates, self.late, self.cases = state.applied, state.duplicates, state.late, state.cases
        self.windows = Windows(state.windows)
        self.fold_requests, self.fold_first_ms = state.fold_requests, state.fold_first_ms
        self.fold_output_tokens, self.fold_model, self.case = state.fold_output_tokens, state.fold_model, state.case
        self.folds, self.output_tokens, self.first_ms = state.folds, state.output_tokens, state.first_ms
        self.told_ms, self.told_p_value = state.told_ms, state.told_p_value
        self.seen_ms, self.applied_before = state.seen_ms, state.applied_before
        self.assessor = mind.awaken(state.assessor)

    def adopt(self, mind: Mind) -> None:
        """Be judged by this mind from now on: its tables and key are those it was awoken with."""
        self._mind = mind
        self.assessor.read_by(mind.cards)

    def apply(self, offset: int, version: int, event: Event, findings: list[Finding], gone: list[Window]) -> Fate:
        """Take in one request that is not a replay; `version` is what the rows that it changes are versioned with.

        Appends the lines of findings that it causes, and the windows that are gone with it and not stored as they stand.
        """
        mind = self._mind
        self.position, self._version = offset, version
        look = look_at(event, mind.hasher)
        if self.recent.seen(look.event):
            self.duplicates += 1
            return DUPLICATE
        self.applied += 1
        ts_ms = event.ts
        if ts_ms < self.clock_ms - mind.config.lateness_ms:
            self.late += 1
            self._count_late(event, look)
            return LATE
        if self.clock_ms <= ts_ms < self._due_ms:
            self.clock_ms = ts_ms
        elif max(ts_ms, self.clock_ms) >= self._due_ms:
            self._advance(max(ts_ms, self.clock_ms), findings, gone)
        window = self._open
        if window is None or not window.start_ms <= ts_ms < window.start_ms + mind.config.window_ms:
            self._count()
            self._open = self._window_at(ts_ms)
        self._tallies += look.tally
        self._counted = version
        if not self.fold_requests:
            self.fold_first_ms = self.clock_ms
            self.first_ms = self.clock_ms if self.first_ms < 0 else self.first_ms
        self.fold_requests += 1
        self.fold_model = event.model
        self.assessor.observe(look if ts_ms == self.clock_ms else look.at(self.clock_ms))
        if self.fold_requests >= mind.config.fold_requests:
            self._judge(findings)
        return JUDGED

    def settle(self, now_ms: int, version: int, findings: list[Finding]) -> None:
        """Do what its own past has settled by `now_ms`, with or without a further request.

        A fold that waits in a window that has ended is judged, at the tenant's clock; then a case whose quiet period is over is closed,
        unless a fold still waits. So it makes no difference whether its next request or its partition's clock brings the time.
        """
        self._version = version
        self._count()
        if self.fold_requests and now_ms >= self._window_end_ms():
            self._judge(findings)
        case, config = self.case, self._mind.config
        if case is not None and not self.fold_requests and now_ms >= case.closes_ms(config):
            self.case = None
            self.assessor.roll_back()
            findings.append(case.close(config, self._mind.versions))

    def closes_ms(self) -> int | None:
        """When `settle` may close the case, as things are; None without one."""
        if self.case is None:
            return None
        closes_ms = self.case.closes_ms(self._mind.config)
        return max(closes_ms, self._window_end_ms()) if self.fold_requests else closes_ms

    def rows(self, source_partition: int) -> list[TenantWindow]:
        """The windows that changed since they were last handed out."""
        self._count()
        return [self.row(window, source_partition) for window in self.windows.changed()]

    def row(self, window: Window, source_partition: int) -> TenantWindow:
        """One window as a row, and note that it was handed out."""
        window.stored = window.version
        return window.row(self.tenant, self.subject, source_partition, self._mind.config.window_ms, self._mind.versions)

    def pack(self, topic_id: str, form: int = FORM) -> bytes:
        """The tenant at rest, in this form."""
        self._count()
        return pack(
            TenantState(
                form=form,
                topic_id=topic_id,
                tenant=self.tenant,
                subject=self.subject,
                position=self.position,
                clock_ms=self.clock_ms,
                applied=self.applied,
                duplicates=self.duplicates,
                late=self.late,
                key_id=self._mind.hasher.key_id,
                ids=self.recent.pack(),
                windows=self.windows.pack(),
                fold_requests=self.fold_requests,
                fold_first_ms=self.fold_first_ms,
                fold_output_tokens=self.fold_output_tokens,
                fold_model=self.fold_model,
                cases=self.cases,
                case=self.case,
                assessor=self.assessor.pack(),
                folds=self.folds,
                first_ms=self.first_ms,
                output_tokens=self.output_tokens,
                told_ms=self.told_ms,
                told_p_value=self.told_p_value,
                seen_ms=self.seen_ms,
                applied_before=self.applied_before,
            )
        )

    def _advance(self, now_ms: int, findings: list[Finding], gone: list[Window]) -> None:
        """Move the clock: what is settled by then is done, and windows that are too old go.

        Nothing of the kind can be before `_due_ms`: the end of the window or of a quiet period.
        """
        config = self._mind.config
        start = config.window_start(now_ms)
        self.settle(now_ms, self._version, findings)
        if start > config.window_start(self.clock_ms):
            oldest = start - (config.kept_windows - 1) * config.window_ms
            gone += self.windows.drop_before(oldest)
            self._open = None
        self.clock_ms = now_ms
        closes_ms = self.case.closes_ms(config) if self.case is not None else self._window_end_ms()
        self._due_ms = min(self._window_end_ms(), closes_ms)

    def _window_end_ms(self) -> int:
        return self._mind.config.window_start(self.clock_ms) + self._mind.config.window_ms

    def _window_at(self, ts_ms: int) -> Window:
        """The window of a time, made when it is young enough to be kept; else the newest one."""
        config, window_ms = self._mind.config, self._mind.config.window_ms
        current, start = self.clock_ms - self.clock_ms % window_ms, ts_ms - ts_ms % window_ms
        if start < current - (config.kept_windows - 1) * window_ms:
            start = current
        return self.windows.at(start)

    def _count(self) -> None:
        """Let the open window, fold and case count what waits: together that costs what one request would cost alone."""
        if self._tallies and self._open is not None:
            requests, tokens = self._open.count(self._counted, self._tallies)
            self._tallies = bytearray()
            self.fold_output_tokens += tokens
            self.output_tokens += tokens
            if self.case is not None:
                self.case.requests += requests
                self.case.output_tokens += tokens

    def _count_late(self, event: Event, look: Look) -> None:
        self._count()
        window = self._window_at(event.ts)
        window.count(self._version, bytearray(look.tally))
        window.late_events += window.start_ms != self._mind.config.window_start(event.ts)

    def _judge(self, findings: list[Finding]) -> None:
        """Judge the fold that is waiting, then learn from it: in quarantine while a case is open, as it is when a fold is suspect."""
        config, assessor, case = self._mind.config, self.assessor, self.case
        verdict = assessor.assess()
        self._count()
        self.folds += 1
        allowed = config.allows(self.tenant, self.clock_ms)
        severity, correction = severity_of(verdict.risk, config), self._mind.correction
        if severity >= Severity.MEDIUM and correction is not None:
            verdict = assessor.corrected(correction)
            severity = severity_of(verdict.risk, config)
        self._signal(1.0 if allowed else verdict.p_value)
        suspect = severity >= Severity.MEDIUM and not allowed
        self._window_at(self.clock_ms).judged(self._version, verdict, suspect=suspect, declared=allowed)
        if suspect:
            self._suspect(verdict.risk, verdict.confidence, severity, findings)
        if self.case is None:
            assessor.learn()
        else:
            assessor.withhold(self.clock_ms, config.risk_medium)
            if self.case.adopts(assessor.steady_ms, self.clock_ms, config):
                assessor.adopt()
                findings.append(self.case.adopt(self.clock_ms, self._mind.versions))
                self.case = None
        self.fold_requests = self.fold_output_tokens = 0
        if self.case is not case:
            self._due_ms = 0

    def _signal(self, p_value: float) -> None:
        """Tell the search for campaigns of the tenant, unless it was told lately and little has changed."""
        now_ms = self.clock_ms
        if 0 <= self.told_ms > now_ms - TOLD_AGAIN_MS and p_value > TOLD_AGAIN_BELOW * self.told_p_value:
            return
        self.told_ms, self.told_p_value = now_ms, p_value
        unit, shared = (self.tenant, self.subject), self.assessor.signature()
        so_far = (self.first_ms, self.applied - self.applied_before, self.output_tokens)
        self.signals.append(Signal(*unit, -1, self.folds, -1, now_ms, *so_far, p_value, *shared))

    def _suspect(self, risk: float, confidence: float, severity: Severity, findings: list[Finding]) -> None:
        case, mind = self.case, self._mind
        opening = case is None
        if case is None:
            case = self.case = Case.open(self.tenant, self.subject, self.cases, self.fold_first_ms, self.clock_ms)
            self.cases += 1
            case.requests, case.output_tokens, case.severity = self.fold_requests, self.fold_output_tokens, severity
        case.model = self.fold_model
        riskier = opening or severity > case.severity or int(100 * risk) > int(100 * case.risk)  # reasons cost 0.7 ms
        if riskier:
            case.risk, case.confidence, case.reasons = risk, confidence, self.assessor.reasons()
        if riskier or not case.templates:
            case.sub_stream, case.templates = self.assessor.context(case.model)
        if opening:
            findings.append(case.create(mind.versions))
            return
        line = case.suspect_again(self.clock_ms, severity, mind.config, mind.versions)
        if line is not None:
            findings.append(line)
