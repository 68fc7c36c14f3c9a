"""The judgement: events in, findings out, with no clock, network, environment, log or chance of its own."""
