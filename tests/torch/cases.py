# SPDX-License-Identifier: GPL-3.0-or-later
"""The training of docs/examples/torch on processes: equal to plain SGD, faster with a slow worker, and who may die.

Run by tests/python/run, which names the program (TESTUDO) and the library. Takes two minutes.
"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TRAIN = os.path.join(HERE, "..", "..", "docs", "examples", "torch", "train.py")
PROGRAM = os.environ.get("TESTUDO", "testudo")
DESIGNS = {
    "uncoded": ["--scheme", "uncoded", "--workers", "6", "--chunks", "24"],
    "partial": ["--assignment", "frc", "--workers", "6", "--replication", "2", "--granularity", "4"],
    "parts": ["--workers", "6", "--replication", "3", "--parts", "2"],
    "gradient-code": ["--scheme", "gradient-code", "--workers", "6", "--stragglers", "2"],
    "nested": ["--scheme", "nested", "--workers", "6", "--tolerances", "1,3"],
    "block": ["--scheme", "block", "--workers", "6", "--tolerances", "1,2", "--sizes", "20,17"],
    "four": ["--workers", "4", "--replication", "2"],
}
folder = None


def setUpModule():
    global folder
    try:
        import torch.distributed
        there = torch.distributed.is_available() and torch.distributed.is_gloo_available()
    except ImportError:
        there = False
    if not there:
        raise unittest.SkipTest("PyTorch with gloo is not installed (package python3-torch)")
    folder = tempfile.TemporaryDirectory()
    for name, options in DESIGNS.items():
        subprocess.run([PROGRAM, "design", *options, "-o", path(name)], check=True, capture_output=True)


def tearDownModule():
    if folder:
        folder.cleanup()


def path(name):
    return os.path.join(folder.name, name + ".json")


def begin(names, *options):
    """The program, begun on these designs."""
    # Where the tests run in the background, SIGINT is ignored, and would be there.
    return subprocess.Popen([sys.executable, TRAIN, "--json", *options, "--design", *map(path, names)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def train(names, *options):
    """Its exit code, and the results of the designs in turn."""
    process = begin(names, *options)
    try:
        out, err = process.communicate(timeout=170)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    results = [json.loads(line) for line in out.splitlines()]
    if len(results) != len(names):
        raise AssertionError(err)
    return process.returncode, results


def pids_of(process):
    """The server's and the workers', once they are all there."""
    return [int(text) for text in re.findall(r"\d+", process.stderr.readline().rpartition(": server")[2])]


def running(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def seconds_until_gone(pids, most):
    began = time.monotonic()
    while any(map(running, pids)) and time.monotonic() < began + most:
        time.sleep(0.1)
    return time.monotonic() - began


class Equality(unittest.TestCase):
    def test_every_scheme_is_plain_sgd_to_rounding(self):
        code, results = train(["uncoded", "partial", "parts", "gradient-code", "nested"], "--double", "--steps", "12",
                              "--seconds", "0.02", "--slow", "1:4")
        self.assertEqual(code, 0)
        for found in results:
            with self.subTest(scheme=found["scheme"]):
                self.assertEqual(found["iterations"], 12)
                self.assertLess(found["max_rel_error"], 1e-10)
                self.assertEqual(found["last_loss"], found["last_loss"])
        losses = {round(found["last_loss"], 8) for found in results}
        self.assertEqual(len(losses), 1)

    def test_local_steps_are_plain_local_sgd_to_rounding(self):
        code, (local,) = train(["partial"], "--double", "--steps", "8", "--seconds", "0.01", "--local-steps", "4",
                               "--slow", "3:4")
        self.assertEqual(code, 0)
        self.assertLess(local["max_rel_error"], 1e-10)
        self.assertLess(local["last_loss"], 1.0)  # from 2.3, in as many messages as take single steps to 1.7


class Speed(unittest.TestCase):
    def test_a_slow_worker_costs_less_than_half(self):
        code, (uncoded, partial) = train(["uncoded", "partial"], "--steps", "8", "--seconds", "0.2", "--slow", "0:8")
        self.assertEqual(code, 0)
        self.assertGreater(uncoded["mean_seconds"], 1.6)  # nothing is faster than the slow worker
        self.assertLess(partial["mean_seconds"], uncoded["mean_seconds"] / 2)
        for found in (uncoded, partial):
            self.assertLess(found["max_rel_error"], 1e-5)
            self.assertGreaterEqual(found["q90"], found["mean_seconds"] / 2)


class Failures(unittest.TestCase):
    def test_killed_workers_end_the_runs_that_need_them(self):
        code, (uncoded, partial, gradient) = train(["uncoded", "partial", "gradient-code"], "--steps", "12",
                                                   "--seconds", "0.02", "--kill", "2:4", "--kill", "3:8")
        self.assertEqual(code, 1)
        self.assertEqual(uncoded["iterations"], 4)
        self.assertRegex(uncoded["ended"], r"^ended at iteration 4: missing: worker 2; scheme uncoded")
        self.assertEqual(partial["iterations"], 8)  # workers 2 and 3 hold the two copies of their chunks
        self.assertRegex(partial["ended"], r"^ended at iteration 8: missing: worker 2, 3; scheme partial")
        self.assertLessEqual(partial["took_part"][2], 4)
        self.assertIsNone(gradient["ended"])
        self.assertEqual(gradient["iterations"], 12)
        self.assertLess(gradient["max_rel_error"], 1e-4)
        self.assertLess(partial["max_rel_error"], 1e-5)

    def test_a_stopped_worker_does_not_stop_the_others(self):
        process = begin(["partial"], "--steps", "30", "--seconds", "0.05", "--patience", "4")
        pids = pids_of(process)
        time.sleep(0.5)
        os.kill(pids[3], signal.SIGSTOP)
        try:
            out, err = process.communicate(timeout=100)
            self.assertEqual(process.returncode, 0, err)
            found = json.loads(out)
            self.assertEqual(found["iterations"], 30)
            self.assertLess(found["max_rel_error"], 1e-5)
            self.assertLess(found["took_part"][2], 30)
        finally:
            if running(pids[3]):
                os.kill(pids[3], signal.SIGKILL)

    def test_workers_end_when_the_server_is_killed(self):
        process = begin(["partial"], "--steps", "100000", "--slow", "0:8", "--seconds", "0.2")
        pids = pids_of(process)
        self.assertEqual(len(pids), 7)
        time.sleep(2)
        os.kill(pids[0], signal.SIGKILL)
        self.assertLess(seconds_until_gone(pids, 20), 10)
        self.assertEqual(process.communicate()[1].count("the server is gone"), 6)

    def test_an_interrupt_ends_all(self):
        process = begin(["partial"], "--steps", "100000", "--slow", "0:8", "--seconds", "0.2")
        pids = pids_of(process)
        time.sleep(2)
        os.killpg(process.pid, signal.SIGINT)
        self.assertLess(seconds_until_gone(pids, 20), 10)
        out, err = process.communicate()
        self.assertEqual((process.returncode, out), (130, ""))
        self.assertNotIn("Traceback", err)


class ByHand(unittest.TestCase):
    def test_ranks_that_are_begun_one_by_one_meet(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        common = ["--steps", "5", "--seconds", "0.02", "--address", address]
        server = begin(["four"], *common, "--rank", "0")
        wrong = begin(["four"], *common, "--rank", "1", "--seed", "2")
        self.assertIn("another design, or other options", wrong.communicate(timeout=60)[1])
        self.assertEqual(wrong.returncode, 1)
        workers = [begin(["four"], *common, "--rank", str(j + 1)) for j in range(4)]
        out, err = server.communicate(timeout=90)
        self.assertEqual(server.returncode, 0, err)
        self.assertEqual(json.loads(out)["iterations"], 5)
        for worker in workers:
            worker.communicate(timeout=30)
            self.assertEqual(worker.returncode, 0)

    def test_what_it_is_not_for_is_refused(self):
        for name, options, said in [("block", [], "block by block"), ("uncoded", ["--batch", "100"], "multiple of 24"),
                                    ("nowhere", [], "nowhere.json")]:
            process = begin([name], *options)
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 2)
            self.assertIn(said, err)


if __name__ == "__main__":
    unittest.main()
