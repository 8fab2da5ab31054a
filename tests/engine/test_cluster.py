"""A cluster of two nodes on this machine: the same bytes, also when an actor and a whole node are lost."""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
import ray
from ray.cluster_utils import Cluster as Nodes

from entities.errors import InputError, PacelineError
from sim.engine.executors import cluster
from sim.engine.executors.cluster import Cluster
from sim.engine.executors.here import here
from tests.engine.test_executors import Broken, Mortal, played
from tests.engine.test_kept import Shelf, assert_same_hours

# What Ray leaves open and calls by old names is not ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """Yield a cluster of one node on loopback, which this process has joined."""
    patch = pytest.MonkeyPatch()
    # Else Ray takes a loopback address for that of the machine's network.
    patch.setattr("ray._private.ray_constants.ENABLE_RAY_CLUSTER", False)
    about = {
        "num_cpus": 1,
        "node_ip_address": "127.0.0.1",
        "include_dashboard": False,
        "object_store_memory": 80 << 20,
    }
    found = Nodes(initialize_head=True, head_node_args=about)
    ray.init(
        address=found.address, logging_level=logging.ERROR, log_to_driver=False, _node_ip_address="127.0.0.1"
    )
    yield found
    ray.shutdown()
    found.shutdown()
    patch.undo()


def test_what_an_actor_raises_is_raised_here(nodes: Nodes) -> None:
    del nodes
    with Cluster(1) as workers:
        host = workers.host(Broken)
        assert host.begin(Broken.answer)() == 42
        with pytest.raises(ValueError, match="of a sort"):
            host.begin(Broken.fail, "of a sort")()


def test_workers_of_another_version_are_refused(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    del nodes
    now = cluster.versions()
    monkeypatch.setattr(cluster, "versions", lambda: now | {"numpy": "1.0"})
    with (
        Cluster(1) as workers,
        pytest.raises(PacelineError, match=r"workers have numpy .*, and this machine has 1\.0"),
    ):
        workers.host(Broken).begin(Broken.answer)()


def killed(host: Any) -> None:
    ray.kill(host.actor, no_restart=True)


def test_a_run_outlives_an_actor_and_a_node(nodes: Nodes) -> None:
    ref, hours = played(here())
    second = nodes.add_node(num_cpus=1, object_store_memory=80 << 20)
    nodes.wait_for_nodes()

    def gone(host: Any) -> None:
        if mortal.lost == 1:
            killed(host)
        else:
            nodes.remove_node(second, allow_graceful=False)

    mortal, shelf = Mortal(Cluster(2), {"play": {8, 50}}, gone), Shelf({18})
    comp, same = played(mortal, shelf)
    assert mortal.lost == 2
    assert comp == ref
    assert_same_hours(hours, same)
    rest, later = played(here(2), Shelf(set(), shelf.found[18]))
    assert rest == ref
    assert_same_hours(hours[18:], later)


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"^executor ray: needs Ray; pip install 'paceline\[cluster\]'$"):
        Cluster(2)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nowhere", "nowhere:many"])
def test_an_address_where_nobody_is_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(InputError, match=f"^address: no Ray cluster answers at '{address}': "):
        Cluster(2, address)


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """Yield the port of a server on loopback that says *answer* to whoever comes first."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with server.accept()[0] as opened:
                opened.sendall(answer)
                opened.recv(1 << 10)

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ray know of no cluster, and fail if it is asked to look for one."""

    def asked(**_: Any) -> None:
        pytest.fail("Ray would ask for ever")

    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", asked)
    monkeypatch.setattr(ray.util, "get_node_ip_address", lambda: "127.0.0.2")


SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


@pytest.mark.usefixtures("outside")
def test_a_cluster_that_answers_on_loopback_alone_is_refused() -> None:
    with answering(SETTINGS) as port:
        address = f"127.0.0.1:{port}"
        with pytest.raises(InputError, match=rf"answers at '{address}': 127\.0\.0\.2, port \d+: .*refused"):
            Cluster(2, address)


@pytest.mark.usefixtures("outside")
@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["a web page", "silence"])
def test_what_is_no_cluster_is_refused(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_S", 0.1)
    with (
        answering(answer) as port,
        pytest.raises(InputError, match=f"port {port}: (answers as something else|timed)"),
    ):
        Cluster(2, f"127.0.0.1:{port}")
