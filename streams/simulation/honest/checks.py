"""Honest tenants who measure: replies, texts, models."""

from streams.simulation.identities import Place
from streams.simulation.phrases import ASK_FOR_STEPS, PROBES, RUBRICS, TASKS
from streams.simulation.rhythm import MACHINE, OFFICE, steady
from streams.simulation.scene import Scene


def support_judge(scene: Scene) -> None:
    """Shop that has its own support replies judged: the honest twin of grading rewards."""
    judge = scene.tenant(Place(ips=2, cloud=True), fields=1)
    rubric = scene.rng.choice(RUBRICS)
    call = judge.call.but(temperature=0.0, max_tokens=scene.rng.choice((16, 64, 256)), length=0.1)
    for ts in scene.times(scene.volume(280, 1500), OFFICE):
        judge.ask(ts, judge.voice.fill(rubric), call)


def classifier(scene: Scene) -> None:
    """Classifier that reads one token and its log-probabilities: the honest twin of harvesting them."""
    machine = scene.tenant(Place(ips=2, cloud=True), fields=1)
    template = (
        "Pick one label for the message (order, complaint, praise, question, other).\nMessage {6}: {line}\nLabel:"
    )
    call = machine.call.but(
        temperature=0.0, max_tokens=scene.rng.choice((1, 4)), top_logprobs=scene.rng.choice((1, 5, 20))
    )
    for ts in scene.times(scene.volume(380, 2000), MACHINE):
        machine.ask(ts, machine.voice.fill(template), call)


def benchmark(scene: Scene) -> None:
    """One customer who tries a model on many kinds of task, once, openly: the honest twin of a capability grid."""
    lab = scene.tenant(Place(ips=1, cloud=True), fields=4)
    lab.chat(scene.times(6, OFFICE), turns=0.5)
    names, steps = [name for name, _ in TASKS], scene.rng.choice(ASK_FOR_STEPS)
    chosen = scene.rng.sample(names, scene.rng.choice((4, 10, len(names))))
    call = lab.call.but(temperature=0.0, max_tokens=1024)
    for k, ts in enumerate(steady(scene.rng, 240, *scene.window(2), 0.5)):
        lab.ask(ts, lab.voice.task([chosen[k // 30 % len(chosen)]]) + steps, call)


def red_team(scene: Scene) -> None:
    """Authorised or curious people who try now and then what is refused: the honest twin of probing."""
    crew = scene.tenant(Place(ips=3), fields=4)
    for ts in scene.times(scene.volume(45, 150), OFFICE):
        if scene.rng.random() < 0.2:
            crew.ask(ts, crew.voice.fill(scene.rng.choice(PROBES)), crew.call.but(refused=0.5))
        else:
            crew.talk(ts, turns=0.7)
