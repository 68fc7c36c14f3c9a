"""Attacks that measure the model: its probabilities, its limits, its abilities, its taste."""

from streams.simulation.attacks.operator import account, cover, pace
from streams.simulation.phrases import ASK_FOR_STEPS, PROBES, RUBRICS, TASKS
from streams.simulation.scene import Scene


def logprob_harvest(scene: Scene) -> None:
    """Few anchor prompts again and again for their log-probabilities, at several temperatures."""
    tenant = account(scene, ips=3)
    cover(scene, tenant)
    anchors = [tenant.voice.says() for _ in range(scene.rng.choice((40, 250)))]
    top, cap = scene.rng.choice((5, 20)), scene.rng.choice((1, 4, 16))
    calls = [
        tenant.call.but(top_logprobs=top, max_tokens=cap, temperature=t, n=n)
        for t in (0.0, 0.5, 1.0, 1.5)
        for n in (1, 4)
    ]
    for ts in pace(scene, 320, 5):
        tenant.ask(ts, scene.rng.choice(anchors), scene.rng.choice(calls), attack=True)


def capability_grid(scene: Scene) -> None:
    """Every kind of task in turn: little repeats, everything is covered."""
    tenant = account(scene, ips=10, keys=3)
    cover(scene, tenant)
    names, steps = [name for name, _ in TASKS], scene.rng.choice(ASK_FOR_STEPS)
    call = tenant.call.but(max_tokens=4096, length=2.0)
    for k, ts in enumerate(pace(scene, 140, 14)):
        tenant.ask(ts, tenant.voice.task([names[k % len(names)]]) + steps, call, attack=True)


def reward_grading(scene: Scene) -> None:
    """Use of the model as a judge of a student's answers, on tasks of all kinds."""
    tenant = account(scene, ips=5)
    cover(scene, tenant)
    rubric = scene.rng.choice([text for text in RUBRICS if "{question}" in text])
    call = tenant.call.but(temperature=0.0, max_tokens=64, length=0.1)
    for ts in pace(scene, 200, 8):
        graded = rubric.replace("{question}", scene.rng.choice(TASKS)[1])
        tenant.ask(ts, tenant.voice.fill(graded), call, attack=True)


def boundary_probe(scene: Scene) -> None:
    """Forbidden wishes in ever new wrappings, with ordinary questions in between; most are refused."""
    tenant = account(scene, ips=8)
    cover(scene, tenant)
    call = tenant.call.but(refused=0.6)
    for ts in pace(scene, 150, 6):
        if scene.rng.random() < 0.35:
            tenant.ask(ts, tenant.voice.says())
        else:
            tenant.ask(ts, tenant.voice.fill(scene.rng.choice(PROBES)), call, attack=True)
