import numpy as np

from models.features import FEATURES, INDEX
from models.peers import DECLARED, PEER_GROUPS, peer_group
from models.references import References


def group(requests: int, day_volume: float, head_heavy: float = 0.0) -> str:
    values = np.full(len(FEATURES), np.nan)
    values[INDEX["day_volume"]], values[INDEX["head_heavy"]] = day_volume, head_heavy
    return peer_group(requests, values)


def test_a_tenant_is_compared_with_those_who_send_as_much_and_in_the_same_manner() -> None:
    assert [group(63, 12.0), group(64, 5.9), group(64, 6.0), group(600, 8.99)] == ["young", "light", "medium", "medium"]
    assert [group(600, 9.0, 0.29), group(600, 9.0, 0.3)] == ["varied", "repeated"]


def test_who_sends_no_prompts_is_compared_with_programs() -> None:
    assert group(600, 9.0, float("nan")) == "repeated"


def test_the_shipped_table_knows_how_each_group_lies() -> None:
    references = References.shipped()
    assert set(references.table.peers) == set(PEER_GROUPS)
    assert references.spread("varied").location > references.spread("light").location
    assert references.spread(DECLARED).scale == 1.0
