"""Honest tenants behind whom a program calls."""

from streams.simulation.identities import Place
from streams.simulation.phrases import MULTIPLY, TEMPLATES
from streams.simulation.rhythm import DAY_MS, HOUR_MS, MACHINE, OFFICE, steady
from streams.simulation.scene import Scene
from streams.simulation.tenant import NEXT_MODEL


def template_app(scene: Scene) -> None:
    """One or a few templates with changing slots, all day, from one address: the honest twin of extraction."""
    app = scene.tenant(Place(ips=scene.rng.choice((1, 2, 8)), cloud=True), fields=2)
    templates = scene.rng.sample(TEMPLATES, scene.rng.choice((1, 1, 2, 6)))
    call = app.call.but(system="template", length=0.4)
    for ts in scene.times(scene.volume(450, 2500), scene.rng.choice((MACHINE, OFFICE))):
        app.ask(ts, app.voice.fill(scene.rng.choice(templates)), call)


def nightly_batch(scene: Scene) -> None:
    """One day's records through one template, within an hour each night."""
    batch = scene.tenant(Place(ips=1, cloud=True), fields=1)
    template, size = scene.rng.choice(TEMPLATES), scene.volume(350, 2000)
    call = batch.call.but(operation="batch", system="nightly", temperature=0.0, stream=False)
    begin = scene.start_ms + scene.rng.randrange(0, 6 * HOUR_MS)
    for night in range(begin, scene.end_ms, DAY_MS):
        rate = size * scene.rng.uniform(0.8, 1.2)
        for ts in steady(scene.rng, rate, night, min(night + HOUR_MS, scene.end_ms), 0.4):
            batch.ask(ts, batch.voice.fill(template), call)


def agent(scene: Scene) -> None:
    """Agent that works through tasks with tools: long prompts that repeat and grow, a request every few seconds."""
    bot = scene.tenant(Place(ips=4, cloud=True), fields=3)
    call = bot.call.but(system="agent", reasoning=True, tools=scene.rng.randint(3, 14), max_tokens=8192)
    for start in scene.times(scene.volume(30, 120), OFFICE):
        ts, history = start, bot.voice.says()
        for step in range(scene.rng.randint(3, 14)):
            bot.ask(ts, history, call, conversation=f"run_{bot.who.tenant_id}_{start}")
            history += f"\n<tool {step}> {bot.voice.fill('{line} {line}')}"
            ts += scene.rng.randint(2_000, 25_000)


def migrating_app(scene: Scene) -> None:
    """Product change from one hour to the next, new template, model and settings: the honest twin of a pivot."""
    app = scene.tenant(Place(ips=2, cloud=True), fields=2)
    before, after = scene.rng.sample(TEMPLATES, 2)
    new = app.call.but(model=NEXT_MODEL, system="second edition", max_tokens=2048)
    switch_ms = scene.window(1)[0]
    for ts in scene.times(scene.volume(300, 1500)):
        app.ask(ts, app.voice.fill(before if ts < switch_ms else after), app.call if ts < switch_ms else new)


def sample_data_team(scene: Scene) -> None:
    """People who make test data for their own field, in office hours: the honest twin of bulk distillation."""
    team = scene.tenant(Place(ips=3, cloud=True), fields=1)
    frame = scene.rng.choice(MULTIPLY)
    for ts in scene.times(scene.volume(120, 500), OFFICE):
        team.ask(ts, team.voice.fill(frame.replace("{task}", "{question}")), team.call.but(length=2.0))
