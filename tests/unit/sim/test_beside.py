"""What is done beside the shards keeps its order, and loses no error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from sim.engine.beside import Beside
from sim.engine.delivered import EVENTS_TOGETHER, HOURS_TOGETHER


@pytest.mark.parametrize("workers", [1, 2])
def test_tasks_are_done_in_their_order_and_all_of_them(workers: int) -> None:
    done: list[int] = []
    with Beside(workers) as beside:
        for number in range(200):
            beside.run(partial(done.append, number))
    assert done == list(range(200))


def test_with_one_worker_nothing_is_done_elsewhere() -> None:
    threads: list[int] = []
    for workers in (1, 2):
        with Beside(workers) as beside:
            beside.run(lambda: threads.append(threading.get_ident()))
    assert threads[0] == threading.get_ident()
    assert threads[1] != threading.get_ident()


def test_few_tasks_keep_nobody_waiting() -> None:
    over, done = threading.Event(), list[int]()

    def task(number: int) -> None:
        assert over.wait(60)
        done.append(number)

    with Beside(2) as beside:
        for number in range(HOURS_TOGETHER):
            beside.run(partial(task, number), events=EVENTS_TOGETHER // HOURS_TOGETHER)
        assert not done
        over.set()
    assert done == list(range(HOURS_TOGETHER))


@pytest.mark.parametrize(
    ("tasks", "events"),
    [(HOURS_TOGETHER + 1, 0), (3, EVENTS_TOGETHER // 2), (2, EVENTS_TOGETHER)],
    ids=["many hours", "many events", "hours of many events"],
)
def test_many_tasks_wait_for_the_first(tasks: int, events: int) -> None:
    all_begun, done = threading.Event(), list[int]()

    def first() -> None:
        assert not all_begun.wait(0.05)  # whoever has it run waits until this is over
        done.append(0)

    with Beside(2) as beside:
        beside.run(first, events)
        for number in range(1, tasks):
            beside.run(partial(done.append, number), events)
        all_begun.set()
    assert done == list(range(tasks))


def test_the_next_task_waits_for_the_one_before_it() -> None:
    running, most = 0, 0

    def task() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        running -= 1

    with Beside(2) as beside:
        for _ in range(200):
            beside.run(task)
    assert most == 1


def fail() -> None:
    raise ZeroDivisionError


def interrupt() -> None:
    raise KeyboardInterrupt


def both(first: Callable[[], None], *, then: Callable[[], None]) -> None:
    with Beside(2) as beside:
        beside.run(first)
        then()


def each(*tasks: Callable[[], None]) -> None:
    with Beside(2) as beside:
        for task in tasks:
            beside.run(task)


def test_after_an_error_no_task_begins() -> None:
    done: list[int] = []
    with pytest.raises(ZeroDivisionError):
        each(fail, partial(done.append, 1), partial(done.append, 2))
    assert done == []


def test_the_error_of_the_last_task_is_raised_at_the_end() -> None:
    with pytest.raises(ZeroDivisionError):
        each(fail)


def test_what_the_caller_raises_is_not_hidden_by_a_task() -> None:
    with pytest.raises(KeyboardInterrupt):
        both(fail, then=interrupt)
