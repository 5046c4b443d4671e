"""Run rows on all cores, or on a Dask cluster; what is done is kept, so that a stopped run goes on."""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from benchmarks.capacity.jobs import Job, Row
from benchmarks.capacity.measure import measure

Tick = Callable[[Row], None]


class ClusterError(RuntimeError):
    """There is no Dask, or no scheduler at that address.

    Attributes
    ----------
    code : str
        "no_cluster".
    """

    code = "no_cluster"


def run(
    jobs: list[Job],
    folder: Path | None,
    *,
    workers: int = 0,
    dask: str | None = None,
    fresh: bool = False,
    tick: Tick = lambda _row: None,
) -> list[Row]:
    """Measure rows, each in one process, and return them in the order of the jobs.

    Parameters
    ----------
    folder : Path or None
        Where a file for each finished row is kept, and where it is found by the next run.
    workers : int
        Processes; as many as cores for 0, none besides this for 1.
    dask : str, optional
        Address of a Dask scheduler that has the rows done instead. Its workers need this repository, and the
        files that sources name at the same paths.
    fresh : bool
        Measure all anew.
    tick : callable
        Called with each row when it is there.

    Raises
    ------
    ClusterError
        The cluster cannot be reached.
    """
    done: dict[str, Row] = {}
    for job in jobs:
        kept = None if fresh else _kept(job, folder)
        if kept is not None:
            done[job.name] = kept
            tick(kept)
    waiting = [job for job in jobs if job.name not in done]
    for job, row in _measured(waiting, workers, dask):
        done[job.name] = row
        _keep(job, row, folder)
        tick(row)
    return [done[job.name] for job in jobs]


def _measured(jobs: list[Job], workers: int, dask: str | None) -> Iterator[tuple[Job, Row]]:
    workers = workers or os.cpu_count() or 1
    if dask is not None:
        yield from _on_cluster(jobs, dask)
    elif workers == 1 or len(jobs) <= 1:
        for job in jobs:
            yield job, measure(job)
    else:
        # Not forked: a fork would copy the threads' locks of the compiled kernels.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context) as pool:
            asked = {pool.submit(measure, job): job for job in jobs}
            try:
                for future in as_completed(asked):
                    yield asked[future], future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def _on_cluster(jobs: list[Job], address: str) -> Iterator[tuple[Job, Row]]:
    try:
        from dask.distributed import Client, as_completed  # noqa: PLC0415 - only where it is asked for
    except ModuleNotFoundError:
        raise ClusterError("--dask needs dask: pip install 'stampsdk[bench]'") from None
    try:
        client = Client(address)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        asked = dict(zip(client.map(measure, jobs, pure=False), jobs, strict=True))
        for future in as_completed(list(asked)):
            yield asked[future], future.result()


def _path(job: Job, folder: Path) -> Path:
    return folder / "rows" / f"{job.name.replace('/', '--')}.json"


def _kept(job: Job, folder: Path | None) -> Row | None:
    """Return a finished row if it is of just this job."""
    if folder is None:
        return None
    try:
        found = json.loads(_path(job, folder).read_text(encoding="utf-8"))
        if found["job"] != job.digest():
            return None
        row = found["row"]
        if row["at"] is not None:
            row["at"] = {threshold: tuple(counts) for threshold, counts in row["at"].items()}
        return Row(**row)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _keep(job: Job, row: Row, folder: Path | None) -> None:
    """Write a finished row, whole or not at all."""
    if folder is None:
        return
    path = _path(job, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps({"job": job.digest(), "row": asdict(row)}) + "\n", encoding="utf-8")
    partial.replace(path)
