"""`distillwatch feedback`: what an analyst found a finding to be."""

import re
import time
from enum import StrEnum
from typing import Annotated

import typer

from schemas.errors import BadSettings
from schemas.feedback import CAUSE, UID, Feedback, Opinion, encode_feedback
from streams.send import send
from streams.settings import Settings


class Verdict(StrEnum):
    """What a finding may turn out to be, as it is typed."""

    TRUE_POSITIVE = "true-positive"
    FALSE_POSITIVE = "false-positive"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(feedback)


def feedback(
    ctx: typer.Context,
    findings: Annotated[
        list[str], typer.Argument(metavar="FINDING_UID", help="finding_info.uid of the alert: a UUID; several at once")
    ],
    verdict: Annotated[Verdict, typer.Option(help="what the finding turned out to be")],
    cause: Annotated[
        str, typer.Option(help="why, in a word of your own: small letters, digits and hyphens, such as nightly-batch")
    ],
) -> None:
    """Tell the learner what a finding turned out to be, so that findings like it are judged better.

    The verdict goes to the feedback topic. The worker (role campaigns or all) looks up what the finding rested on, learns, and publishes
    a numbered control record; every judge adopts it from then on: findings like the false ones need more to be opened, findings
    like the true ones less to be High. A handful of verdicts moves little. A second verdict about a finding replaces the first, so
    a mistake is mended by sending the right one. A finding that nobody ever alerted on goes to the dead letters.

    `distillwatch control list` shows what was learned, `distillwatch control rollback` undoes it.

    Any system may send verdicts to the topic itself, one JSON object a record:
    {"finding_uid": "…", "verdict": "false_positive", "cause": "nightly-batch", "time_ms": 1800000000000}

    Examples: distillwatch feedback 1f0c2b1e-5a43-5c1e-9d0e-2f6d0f0a11aa --verdict false-positive --cause nightly-batch;
    distillwatch feedback UID UID UID --verdict true-positive --cause account-closed
    """
    settings: Settings = ctx.obj
    uids = list(dict.fromkeys(uid.strip().lower() for uid in findings))
    wrong = [uid for uid in uids if not re.fullmatch(UID, uid)]
    if wrong:
        raise BadSettings(f"{wrong[0]!r} is no finding: finding_info.uid of an alert is a UUID; nothing was sent")
    if not re.fullmatch(CAUSE, cause):
        raise BadSettings(f"--cause {cause!r} is not small letters, digits and hyphens (40 at most); nothing was sent")
    opinion: Opinion = "false_positive" if verdict is Verdict.FALSE_POSITIVE else "true_positive"
    now_ms = round(time.time() * 1000)
    given = [Feedback(finding_uid=uid, verdict=opinion, cause=cause, time_ms=now_ms) for uid in uids]
    send(settings, settings.topics.feedback, [(one.finding_uid.encode(), encode_feedback(one)) for one in given])
    for uid in uids:
        typer.echo(f"{uid}: {verdict.value} ({cause})")
    noun = "verdict" if len(uids) == 1 else "verdicts"
    typer.echo(f"{len(uids)} {noun} sent to {settings.topics.feedback}")
