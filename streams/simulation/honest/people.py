"""Honest tenants behind whom people type."""

from streams.simulation.identities import Place, address, network
from streams.simulation.rhythm import OFFICE
from streams.simulation.scene import Scene
from streams.simulation.tenant import Tenant


def chat_app(scene: Scene) -> None:
    """Chat application: many people, follow-ups, evenings and weekends."""
    _chat(scene, scene.volume(110, 700))


def _chat(scene: Scene, conversations_per_day: float) -> Tenant:
    place = Place(ips=60, accounts=40, keys=scene.rng.choice((1, 2)), cloud=scene.rng.random() < 0.4)
    app = scene.tenant(place, fields=scene.rng.choice((3, 6, 12)))
    thinker = app.call.but(reasoning=True)
    thinking = scene.rng.uniform(0, 0.3)
    for ts in scene.times(conversations_per_day):
        app.talk(ts, thinker if scene.rng.random() < thinking else None)
    return app


def developer(scene: Scene) -> None:
    """One developer or small team in office hours: a few conversations, now and then a burst of the same test."""
    person = scene.tenant(Place(ips=3, cloud=scene.rng.random() < 0.3), fields=2)
    person.chat(scene.times(scene.volume(14, 120), OFFICE), turns=1.2)
    for _ in range(scene.rng.randint(0, 2)):
        begin, prompt = scene.window(1)[0], person.voice.says()
        for k in range(scene.rng.randint(5, 40)):
            person.ask(begin + k * scene.rng.randint(900, 4000), prompt, person.call.but(temperature=0.0))


def tutoring(scene: Scene) -> None:
    """Pupils who ask for worked solutions: the honest twin of harvesting reasoning."""
    tutor = scene.tenant(Place(ips=30, accounts=25, cloud=scene.rng.random() < 0.5), fields=2)
    call = tutor.call.but(system="patient tutor", reasoning=scene.rng.random() < 0.5, length=1.5)
    steps = scene.rng.choice(("", " please show every step", " i do not get it, explain slowly"))
    for ts in scene.times(scene.volume(70, 400)):
        homework = scene.rng.random() < 0.6
        tutor.talk(ts, call, opening=tutor.voice.task() + steps if homework else None)


def growing_app(scene: Scene) -> None:
    """Chat application that catches on, so that volume grows and nothing else: the honest twin of a ramp."""
    app = _chat(scene, scene.volume(180, 900))
    span = scene.end_ms - scene.start_ms
    app.events = [
        event for event in app.events if scene.rng.random() < 0.15 + 0.85 * (event[0] - scene.start_ms) / span
    ]


def campus(scene: Scene) -> None:
    """Newcomers of one course on one network, who begin with the same exercise: the honest twin of a hydra."""
    net, begin = network(scene.rng, shared=0.5), scene.window(8)[0]
    place = Place(ips=3, young=1.0)
    exercise = ["Hello, are you there?", "Say one thing about rivers.", "Count to five.", "What can you do?"]
    asn = None
    for _ in range(6):
        student = scene.tenant(place, fields=3)
        asn = asn or student.who.asn
        student.who = student.who.joined(asn=asn, ips=tuple(address(scene.rng, net) for _ in range(3)))
        for k, line in enumerate(exercise):
            student.ask(begin + scene.rng.randint(0, 1_200_000) + k * 40_000, line)
        student.chat([ts for ts in scene.times(8) if ts > begin], turns=1.0)
