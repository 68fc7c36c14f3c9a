"""Attacks that collect prompts and answers to train a student model on."""

from collections.abc import Iterable
from random import Random

from streams.simulation.attacks.operator import account, cover, pace
from streams.simulation.identities import Place, address, network, token
from streams.simulation.phrases import ASK_FOR_STEPS, MULTIPLY, TASKS
from streams.simulation.rhythm import HOUR_MS, growing, steady
from streams.simulation.scene import Scene
from streams.simulation.tenant import NEXT_MODEL, Call, Tenant


class Harvest:
    """One operator's style: which tasks, in which frames, how the steps are asked for, with which settings."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.steps = rng.choice(ASK_FOR_STEPS)
        self.frame = rng.choice(MULTIPLY)
        self.framed = rng.choice((0.0, 0.2, 0.8))
        self.human = rng.choice((0.0, 0.0, 0.3))  # some collect answers to ordinary questions as well
        self.names = rng.sample([name for name, _ in TASKS], rng.choice((4, 12, len(TASKS))))
        self.settings = {
            "system": rng.choice((None, None, "be helpful")),
            "reasoning": rng.random() < 0.4,
            "max_tokens": rng.choice((None, 2048, 4096, 8192)),
            "temperature": rng.choice((None, None, 0.7, 1.0)),
            "length": rng.uniform(1.0, 3.0),
        }

    def prompt(self, tenant: Tenant) -> str:
        """Think of the next thing to ask."""
        roll = self.rng.random()
        if roll < self.human:
            return tenant.voice.says() + self.steps
        if self.rng.random() < self.framed:
            return tenant.voice.multiplied(self.frame)
        return tenant.voice.task(self.names) + self.steps

    def reap(self, tenant: Tenant, times: Iterable[int], call: Call | None = None) -> None:
        """Ask at each of these times."""
        call = call or tenant.call.but(**self.settings)
        for ts in times:
            tenant.ask(ts, self.prompt(tenant), call, attack=True)


def bulk_distil(scene: Scene) -> None:
    """Bulk distillation: thousands of tasks in a few hours, over several keys and addresses."""
    tenant = account(scene, ips=20, keys=4)
    cover(scene, tenant)
    Harvest(scene.rng).reap(tenant, pace(scene, 900, 6))


def low_and_slow(scene: Scene) -> None:
    """Distillation below every hourly limit, for days."""
    tenant = account(scene, ips=24, keys=2)
    cover(scene, tenant)
    Harvest(scene.rng).reap(tenant, pace(scene, 45, 40))


def hydra(scene: Scene) -> None:
    """Eight small accounts of one operator: each alone looks like a light user."""
    style, hours = Harvest(scene.rng), 20
    exits = [network(scene.rng) for _ in range(4)]
    wallets = [token("pf", scene.seed, scene.name, k) for k in range(3)]
    for _ in range(8):
        head = account(scene, ips=4)
        lead = scene.tenants[0].who
        if scene.rng.random() < 0.6:
            head.who = head.who.joined(
                asn=lead.asn, ja4=lead.ja4, ips=tuple(address(scene.rng, scene.rng.choice(exits)) for _ in range(4))
            )
        if scene.rng.random() < 0.4:
            head.who = head.who.joined(payment_fp=scene.rng.choice(wallets))
        cover(scene, head)
        times = list(pace(scene, 10, hours))
        honest = {ts for ts in times if scene.rng.random() < 0.25}
        head.chat(sorted(honest), turns=0.4)
        style.reap(head, [ts for ts in times if ts not in honest])


def ramp(scene: Scene) -> None:
    """Distillation that grows by eight per cent an hour, to teach the baseline that this is normal."""
    tenant = account(scene, ips=10)
    cover(scene, tenant)
    Harvest(scene.rng).reap(tenant, growing(scene.rng, 4, 1.08, *scene.window(44)))


def pivot(scene: Scene) -> None:
    """Honest developer's key that is sold half-way: another client, another use, and soon the newest model."""
    tenant = scene.tenant(Place(ips=3), fields=2)
    tenant.chat(scene.times(scene.volume(25, 90)), turns=1.0)
    begin, end = scene.window(12)
    style, call = Harvest(scene.rng), tenant.call
    call = call.but(**style.settings)
    if scene.rng.random() < 0.6:  # the buyer calls from machines of their own
        buyer = account(scene, ips=8).who
        scene.tenants.pop()
        tenant.who = tenant.who.joined(
            ips=buyer.ips, asn=buyer.asn, user_agent=buyer.user_agent, ja4=buyer.ja4, country=buyer.country
        )
    times = list(steady(scene.rng, 100, begin, end, 1.0))
    turn_ms = begin + 4 * HOUR_MS
    style.reap(tenant, [ts for ts in times if ts < turn_ms], call)
    style.reap(tenant, [ts for ts in times if ts >= turn_ms], call.but(model=NEXT_MODEL))


def diluted(scene: Scene) -> None:
    """Busy, honest application in which about one request in eight feeds a student model."""
    app = scene.tenant(Place(ips=60, accounts=40, keys=2, cloud=scene.rng.random() < 0.4), fields=6)
    app.chat(scene.times(scene.volume(350, 900)))
    begin, end = scene.window(30)
    hours = max(1.0, (end - begin) / HOUR_MS)
    honest = sum(begin <= ts < end for ts, _, _ in app.events)
    inside = app.call if scene.rng.random() < 0.5 else None  # through the application's own prompt and settings
    Harvest(scene.rng).reap(app, steady(scene.rng, max(4.0, honest / 7 / hours), begin, end, 1.0), inside)
