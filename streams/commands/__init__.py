"""The commands of `distillwatch`, one a file.

Each module has `register(app)`, which adds its command or group of commands. A command finds the settings in `ctx.obj`,
and raises an error of `schemas.errors` for everything that the person at the terminal should read as one line.
"""
