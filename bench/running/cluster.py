"""Jobs on many machines through Dask distributed: the same cells, the same isolation, the same limits."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from recurbench.reasons import raised
from recurbench.running.job import JobGroup, ended
from recurbench.running.limits import Limits
from recurbench.running.pool import Pool
from recurbench.running.serve import Event, JobsDone, RowsReady, StaleError

if TYPE_CHECKING:
    from distributed import Client, Future

PATIENCE = 10  # seconds to wait for the scheduler

_here = threading.local()


class Cluster:
    """Hands groups of jobs to the workers of a Dask scheduler; one group at a time on each thread."""

    def __init__(self, address: str, limits: Limits) -> None:
        """ValueError where Dask is not installed or no scheduler answers at `address`."""
        self.limits = limits
        self._client = _connected(address)

    def run(self, groups: Iterable[JobGroup]) -> Iterator[tuple[JobGroup, Event]]:
        """Run the groups; the rows of one come when it has ended.

        Dask gives the group of a lost worker to another one; a group that ended several workers is crashed.
        """
        from distributed import as_completed

        def submitted(group: JobGroup) -> Future:
            return self._client.submit(
                work, group, self.limits, key=f"recurbench-{group.keys[0]}", pure=False
            )

        # Dask starts what was submitted first: a fresh process is paid where the third-party plugin changes.
        alike = sorted(groups, key=lambda group: sorted(group.third_party))
        futures = {submitted(group): group for group in alike}
        try:
            for future in as_completed(futures):
                yield from self._events(future, futures[future])
                # Results stay on the cluster as long as their future is held.
                future.release()
        finally:
            self._client.cancel([future for future in futures if not future.done()])
            self._client.close()

    def _events(self, future: Future, group: JobGroup) -> Iterator[tuple[JobGroup, Event]]:
        error = future.exception()
        if isinstance(error, StaleError):
            raise StaleError(f"{error} (or the Dask workers have other code or packages than this machine)")
        if error is None:
            yield from future.result()
            return
        rows = [ended(job, "crashed", raised(error)) for job in group.jobs]
        for row in rows:
            row.limit_seconds, row.limit_mb = self.limits.seconds, self.limits.memory_mb
        yield group, RowsReady(rows)
        yield group, JobsDone(tuple(range(len(rows))))


def _connected(address: str) -> Client:
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("--dask needs Dask; install it with pip install 'recurbench[dask]'") from None
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise ValueError(
            f"no Dask scheduler answers at {address} ({type(error).__name__}); start `dask scheduler`"
        ) from None
    if not client.scheduler_info()["workers"]:
        client.close()
        raise ValueError(f"the scheduler at {address} has no workers; start some: `dask worker {address}`")
    return client


def work(group: JobGroup, limits: Limits) -> list[tuple[JobGroup, Event]]:
    """Run one group on a Dask worker, in an isolated process that this thread keeps for the next."""
    pool: Any = getattr(_here, "pool", None)
    if pool is None or pool.limits != limits:
        pool = _here.pool = Pool(1, limits, keep=True)
    return list(pool.run([group]))
