"""A client that is no member of its group any more says so, and what to do."""

import asyncio

import pytest
from aiokafka.errors import KafkaError

from schemas.errors import RefusedToStart, RetryLater
from streams.delivery.namesake import given_up


async def failed(error: Exception) -> "asyncio.Task[None]":
    async def fails() -> None:
        raise error

    task = asyncio.create_task(fails())
    await asyncio.wait([task])
    return task


async def test_while_it_is_a_member_there_is_nothing_to_say() -> None:
    task = asyncio.create_task(asyncio.Event().wait())
    assert given_up(task, "judge-1") is None
    task.cancel()
    await asyncio.wait([task])
    assert given_up(task, "judge-1") is None
    assert given_up(None, "judge-1") is None


async def test_a_member_shut_out_for_another_of_its_name_names_the_setting() -> None:
    error = given_up(await failed(KafkaError("Unexpected error: KafkaError('UnknownError()')")), "judge-1")
    assert isinstance(error, RefusedToStart)
    assert 'two workers run as "judge-1"' in str(error)
    assert "worker.instance" in str(error)


@pytest.mark.parametrize(("said", "instance"), [("UnknownError()", None), ("GroupAuthorizationFailed", "judge-1")])
async def test_whatever_else_ends_a_membership_is_told_in_its_words(said: str, instance: str | None) -> None:
    error = given_up(await failed(KafkaError(said)), instance)
    assert isinstance(error, RetryLater)
    assert said in str(error)
