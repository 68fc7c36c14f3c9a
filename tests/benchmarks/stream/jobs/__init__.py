"""What is run beside our worker: programs as a user would write them, on the same topic, with the same detector.

Each is started as a process of its own, those on Bytewax and Quix Streams by the Python of the rivals' own environment. So nothing
here may import the product; River, orjson and the rival itself are there.
"""
