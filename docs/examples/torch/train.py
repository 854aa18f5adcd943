# SPDX-License-Identifier: BSD-3-Clause
"""Trains a small network on processes, one of them slow, by each of the design files, beside plain SGD in one process.

    testudo design --scheme uncoded --workers 6 --chunks 24 -o uncoded.json
    testudo design --assignment frc --workers 6 --replication 2 --granularity 4 -o coded.json
    python3 train.py --design uncoded.json coded.json --slow 0:5
"""
import argparse
import datetime
import itertools
import json
import math
import multiprocessing
import os
import random
import signal
import sys
import time

import torch
import torch.distributed as dist

import coded
import network
import testudo


ANY = -1


def pair(word):
    worker, value = word.split(":")
    if float(value) < 0:
        raise ValueError
    return ANY if worker == "any" else int(worker), float(value)


def address(word):
    host, port = word.rsplit(":", 1)
    return host, int(port)


def options_of(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--design", nargs="+", required=True, metavar="FILE", help="design files; they say how many workers")
    add("--slow", action="append", type=pair, default=[], metavar="WORKER:FACTOR",
        help="a worker that takes FACTOR times as long; any: another one in every iteration")
    add("--kill", action="append", type=pair, default=[], metavar="WORKER:ITERATION",
        help="a worker that dies there (SIGKILL)")
    add("--seconds", type=float, default=0.04, help="that a step on an m-th of the batch takes at least (default 0.04)")
    add("--steps", type=int, default=100, help="iterations (default 100)")
    add("--local-steps", type=int, default=1, metavar="H", help="of a chunk between two messages (default 1)")
    add("--dim", type=int, default=64, help="inputs of the network (default 64)")
    add("--hidden", type=int, default=128, help="hidden units (default 128)")
    add("--batch", type=int, default=480, help="rows per step, a multiple of the chunks (default 480)")
    add("--rate", type=float, default=0.1, help="learning rate (default 0.1)")
    add("--seed", type=int, default=1, help="of data and first parameters (default 1)")
    add("--double", action="store_true", help="compute in float64")
    add("--patience", type=float, default=60.0, help="seconds without any signal that end a run (default 60)")
    add("--json", action="store_true", help="one JSON object per design and line")
    add("--curve", metavar="FILE", help="write design,iteration,seconds,loss as CSV")
    add("--rank", type=int, help="be this rank alone: 0 the server, j + 1 worker j; with --address")
    add("--address", type=address, metavar="HOST:PORT", help="where the server listens")
    options = parser.parse_args(words)
    if min(options.steps, options.local_steps, options.dim, options.hidden, options.batch) < 1:
        parser.error("sizes and steps are at least 1")
    if options.rank is not None and (len(options.design) > 1 or not options.address):
        parser.error("--rank needs --address and one design")
    options.address = options.address or ("127.0.0.1", 0)
    try:
        designs = [testudo.Design(path) for path in options.design]
        if options.curve:
            open(options.curve, "a", encoding="utf-8").close()
    except (testudo.Error, OSError) as reason:
        parser.error(str(reason))
    for path, design in zip(options.design, designs):
        if design.scheme in ("block", "ignore-stragglers"):
            parser.error(f"{path}: scheme {design.scheme} is not for this program: " + (
                "backward() does not go block by block" if design.scheme == "block" else "its sum is not exact"))
        if options.batch % design.chunks:
            parser.error(f"{path}: a batch of {options.batch} rows is not a multiple of {design.chunks} chunks")
        workers = [ANY, *range(design.workers)]
        if not all(j in workers for j, _ in options.slow) or not all(j in workers[1:] for j, _ in options.kill):
            parser.error(f"{path}: workers are 0..{design.workers - 1}")
        if not 0 <= (options.rank or 0) <= design.workers:
            parser.error(f"{path}: ranks are 0..{design.workers}")
    return options, designs


def task_of(options):
    return network.Task(options.dim, options.hidden, options.batch, options.rate, options.local_steps, options.seed,
                        options.double)


def store_of(design, options, rank, port):
    """The counters. The server has them, and they end with it."""
    wait = datetime.timedelta(seconds=options.patience)
    try:
        return dist.TCPStore(options.address[0], port, design.workers + 1, rank == 0, wait, wait_for_workers=False)
    except (RuntimeError, TimeoutError) as reason:
        sys.exit(f"rank {rank}: {options.address[0]}:{port}: {reason}")


def meet(design, options, store, rank):
    """All ranks connect. Gloo closes every connection of a rank that waits longer than this: workers end when they have
    not heard of the server for so long, which pings them every second."""
    dist.init_process_group("gloo", store=store, rank=rank, world_size=design.workers + 1,
                            timeout=datetime.timedelta(seconds=options.patience))


def job_of(design, options):
    """What all processes must agree on."""
    return repr([design.checksum, options.dim, options.hidden, options.batch, options.rate, options.local_steps,
                 options.seed, options.double]).encode()


def work(path, options, worker, port):
    signal.signal(signal.SIGINT, signal.SIG_DFL if options.rank else signal.SIG_IGN)  # the server ends its workers
    design, task = testudo.Design(path), task_of(options)
    seconds, slow = options.seconds * options.local_steps * design.workers / design.chunks, dict(options.slow)

    def contribution(iteration, chunk, parameters, row, over):
        if iteration >= dict(options.kill).get(worker, options.steps):
            os.kill(os.getpid(), signal.SIGKILL)
        drawn = random.Random(f"{options.seed} {iteration}").randrange(design.workers)
        factor = slow.get(worker, slow.get(ANY, 1.0) if worker == drawn else 1.0)
        until = time.monotonic() + seconds * factor
        task.contribution(iteration, chunk, design.chunks, parameters, row)
        over(max(0.0, until - time.monotonic()))  # the time that a larger network takes, or a slower machine

    try:
        store = store_of(design, options, worker + 1, port)
        if store.get("job") != job_of(design, options):
            sys.exit(f"worker {worker}: the server has another design, or other options")
        store.add(f"here/{worker}", 1)
        meet(design, options, store, worker + 1)
    except RuntimeError as reason:
        sys.exit(f"worker {worker}: the server is gone: {reason}")
    if not coded.Worker(design, worker, store, task.length, task.start.dtype, contribution).run():
        sys.exit(f"worker {worker}: the server is gone")


def wait_for_all(design, options, store):
    until = time.monotonic() + options.patience
    while away := [j for j in range(design.workers) if store.add(f"here/{j}", 0) == 0]:
        if time.monotonic() > until:
            raise coded.Missing(f"workers {away} are not there after {options.patience:g} s")
        time.sleep(0.05)


def serve(path, design, options, task):
    """The run of a design: losses and seconds of its iterations, the parameters, in how many iterations each worker
    took part, and what ended it before the last."""
    store = store_of(design, options, 0, options.address[1])
    store.set("job", job_of(design, options))
    processes = []
    if options.rank is None:
        start = multiprocessing.get_context("forkserver")
        start.set_forkserver_preload(["torch", "coded", "network"])
        processes = [start.Process(target=work, args=(path, options, j, store.port)) for j in range(design.workers)]
    server = coded.Server(design, store, task.length, task.start.dtype, options.patience)
    parameters, losses, seconds, ended = task.start.clone(), [], [], None
    try:
        for process in processes:
            process.start()
        wait_for_all(design, options, store)
        meet(design, options, store, 0)
        print(f"{path}: server {os.getpid()}, workers {[process.pid for process in processes]}", file=sys.stderr)
        for _ in range(options.steps):
            began = time.monotonic()
            losses.append(task.step(parameters, server.sum(parameters), design.chunks))
            seconds.append(time.monotonic() - began)
    except coded.Missing as reason:
        ended = f"ended at iteration {len(losses)}: {reason}"
    finally:
        if dist.is_initialized():
            server.stop()
            dist.destroy_process_group()
        until = time.monotonic() + 3
        for process in processes:
            if process.pid:  # it was begun
                process.join(max(0.0, until - time.monotonic()))
                process.kill()
    return losses, seconds, parameters, server.took_part, ended


def difference(a, b):
    """The largest difference of two vectors, relative to the largest number."""
    a, b = torch.as_tensor(a, dtype=torch.float64), torch.as_tensor(b, dtype=torch.float64)
    return ((a - b).abs().max() / b.abs().max()).item()


def result(path, design, ran, plain):
    losses, seconds, parameters, took_part, ended = ran
    count = len(losses)
    loss_error = difference(losses, plain[0][:count]) if count else None
    parameter_error = difference(parameters, plain[1]) if ended is None else None
    return {"design": path, "scheme": design.scheme, "workers": design.workers, "chunks": design.chunks,
            "iterations": count, "max_rel_error": max(loss_error or 0.0, parameter_error or 0.0),
            "loss_error": loss_error, "parameter_error": parameter_error,
            "mean_seconds": sum(seconds) / count if count else None,
            "q90": sorted(seconds)[math.ceil(0.9 * count) - 1] if count else None, "seconds": sum(seconds),
            "last_loss": losses[-1] if count else None, "took_part": took_part, "ended": ended}


COLUMNS = {"design": (-20, ""), "scheme": (-14, ""), "iterations": (10, "d"), "seconds": (8, ".2f"),
           "mean_seconds": (12, ".4f"), "q90": (7, ".4f"), "last_loss": (9, ".6f"), "loss_error": (10, ".0e"),
           "parameter_error": (15, ".0e")}


def line(cells):
    print(*[cell.rjust(width) if width > 0 else cell.ljust(-width)
            for cell, (width, _) in zip(cells, COLUMNS.values())], flush=True)


def report(found):
    line("-" if found[name] is None else format(found[name], form) for name, (_, form) in COLUMNS.items())
    if found["ended"]:
        print(f"{found['design']}: {found['ended']}", flush=True)


def main(words):
    options, designs = options_of(words)
    if options.rank:
        return work(options.design[0], options, options.rank - 1, options.address[1])
    task, plain, curve, status = task_of(options), {}, ["design,iteration,seconds,loss"], 0
    if not options.json:
        line(COLUMNS)
    for path, design in zip(options.design, designs):
        ran = serve(path, design, options, task)
        parts = design.chunks if options.local_steps > 1 else 1  # plain SGD knows of no chunks
        if parts not in plain:
            plain[parts] = network.plain(task, options.steps, parts)
        found = result(path, design, ran, plain[parts])
        (print(json.dumps(found), flush=True) if options.json else report(found))
        status |= found["ended"] is not None or found["max_rel_error"] > (1e-9 if options.double else 1e-2)
        at = itertools.accumulate(ran[1])
        curve += [f"{path},{k},{t:.6f},{loss:.9g}" for k, (t, loss) in enumerate(zip(at, ran[0]))]
    if options.curve:
        with open(options.curve, "w", encoding="utf-8") as file:
            file.write("\n".join(curve) + "\n")
    return int(status)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
