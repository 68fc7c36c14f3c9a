"""The canary: a synthetic attack through the whole line every hour, and an alarm when its alert does not come back.

`burst` makes the requests, `watcher` decides what their alerts, or their absence, mean, `service` moves the bytes.
"""
