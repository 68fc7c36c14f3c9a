import gc

from streams.garbage import OLD, YOUNG, collecting_rarely


def test_the_collector_is_set_for_a_while_and_then_as_it_was() -> None:
    before = gc.get_threshold()
    with collecting_rarely():
        assert gc.get_threshold()[::2] == (YOUNG, OLD)
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
