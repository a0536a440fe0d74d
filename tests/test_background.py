"""What a plugin makes in its thread is handed over together, in order, and never far ahead."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from leanfeed.background import _AHEAD, _HEAVY, Inbox, in_background


def test_what_waits_is_taken_in_its_order() -> None:
    inbox = Inbox[int]()
    assert inbox.is_empty
    for number in range(_AHEAD):
        assert inbox.put(number, timeout=0)
    assert [inbox.take(timeout=0) for _ in range(_AHEAD)] == [*range(_AHEAD)]
    assert inbox.is_empty
    with pytest.raises(TimeoutError):
        inbox.take(timeout=0.01)


def test_few_heavy_items_wait() -> None:
    inbox = Inbox[int](weigh=lambda item: item)
    assert inbox.put(_HEAVY - 1, timeout=0)
    assert inbox.put(3 * _HEAVY, timeout=0)
    assert not inbox.put(0, timeout=0)
    assert inbox.take(timeout=0) == _HEAVY - 1
    assert inbox.put(_HEAVY, timeout=0), "what was handed over does not count"
    assert not inbox.put(0, timeout=0)


def test_there_is_room_again_once_all_that_waited_was_handed_over() -> None:
    inbox = Inbox[int]()
    for number in range(_AHEAD):
        inbox.put(number, timeout=0)
    assert not inbox.put(-1, timeout=0.01)
    assert inbox.take(timeout=0) == 0
    for number in range(_AHEAD):
        assert inbox.put(_AHEAD + number, timeout=0)
    assert not inbox.put(-1, timeout=0.01)
    assert not inbox.is_empty
    assert [inbox.take(timeout=0) for _ in range(2 * _AHEAD - 1)] == [*range(1, 2 * _AHEAD)]


def test_handing_over_wakes_who_waits_for_room() -> None:
    inbox = Inbox[int]()
    for number in range(_AHEAD):
        inbox.put(number, timeout=0)
    put = threading.Thread(target=inbox.put, args=(_AHEAD,), kwargs={"timeout": 60})
    put.start()
    assert [inbox.take(timeout=60) for _ in range(_AHEAD + 1)] == [*range(_AHEAD + 1)]
    put.join(60)
    assert not put.is_alive()


def test_a_maker_is_never_further_ahead() -> None:
    made, most = 0, 0

    def make() -> Iterator[int]:
        nonlocal made
        for number in range(1, 200):
            made = number
            yield number

    for taken, item in enumerate(in_background(make, silence_limit=60), start=1):
        assert item == taken
        most = max(most, made - taken)
    assert (made, taken) == (199, 199)
    assert most <= 2 * _AHEAD + 1  # one is in the hands of the maker


def test_nothing_is_an_item_as_well() -> None:
    assert list(in_background(lambda: iter([None, 1, None]), silence_limit=60)) == [None, 1, None]
