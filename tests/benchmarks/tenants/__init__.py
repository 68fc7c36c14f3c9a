"""A million tenants in one process: what each of them takes, and what that does to the speed of a worker.

`cast` makes the tenants and their requests out of simulated ones, `crowd` holds so many copies in this process and judges their traffic as
a worker does, `page` is the table.
"""
