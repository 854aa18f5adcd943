# SPDX-License-Identifier: BSD-3-Clause
"""The package against the sum of the gradients, scheme by scheme, and its refusals. TESTUDO names the program."""

import array
import ctypes
import doctest
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import testudo

PROGRAM = os.environ.get("TESTUDO", "testudo")
DIM = 37


def design(*options):
    """The design that the program makes, through a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "d.json")
        subprocess.run([PROGRAM, "design", *options, "-o", path], check=True, capture_output=True)
        return testudo.Design(path)


SCHEMES = {
    "uncoded": ["--scheme", "uncoded", "--workers", "5"],
    "partial": ["--workers", "6", "--replication", "3"],
    "parts": ["--workers", "6", "--replication", "3", "--parts", "2"],
    "finer": ["--assignment", "frc", "--workers", "4", "--replication", "2", "--granularity", "4"],
    "gradient-code": ["--scheme", "gradient-code", "--workers", "7", "--stragglers", "2"],
    "nested": ["--scheme", "nested", "--workers", "6", "--tolerances", "1,3"],
    "block": ["--scheme", "block", "--workers", "5", "--tolerances", "1,2", "--sizes", "20,17"],
}


def gradients_of(made, kind, seed):
    drawn = random.Random(seed)
    return [array.array(kind, [drawn.uniform(-1, 1) for _ in range(DIM)]) for _ in range(made.chunks)]


def iterate(made, kind, seed, server=None, buffer=array.array):
    """One iteration with signals in random order; the gradient, and the sum that it should be."""
    drawn = random.Random(seed)
    name = {"f": "float", "d": "double"}[kind]
    gradients = gradients_of(made, kind, seed)
    server = server or testudo.Server(made, DIM, name)
    server.reset()
    done = [0] * made.workers
    while not server.progress.decodable:
        worker = drawn.randrange(made.workers)
        if done[worker] < made.steps(worker):
            done[worker] += 1
            server.signal(worker, done[worker])
    codec = testudo.Codec(made)
    requests = server.requests()
    for k, request in enumerate(requests):
        asked = codec.unpack(request.pack())
        assert asked.chunks == request.chunks and asked.worker == request.worker
        complete = server.receive(request.worker, codec.encode(asked, [gradients[i] for i in asked.chunks]))
        assert complete == (k + 1 == len(requests))
    return server.gradient(), [sum(g[k] for g in gradients) for k in range(DIM)]


class Schemes(unittest.TestCase):
    def test_every_scheme_decodes_the_sum(self):
        for name, options in SCHEMES.items():
            made = design(*options)
            server = testudo.Server(made, DIM)
            for seed in range(30):
                with self.subTest(scheme=name, seed=seed):
                    found, wanted = iterate(made, "d", seed, server)
                    for k in range(DIM):
                        self.assertAlmostEqual(found[k], wanted[k], delta=1e-8)

    def test_floats_too(self):
        made = design(*SCHEMES["partial"])
        found, wanted = iterate(made, "f", 5)
        self.assertEqual(found.typecode, "f")
        for k in range(DIM):
            self.assertAlmostEqual(found[k], wanted[k], delta=1e-4)

    def test_a_deadline_gives_the_best_estimate(self):
        made = design(*SCHEMES["partial"])
        server = testudo.Server(made, DIM)
        gradients = gradients_of(made, "d", 3)
        for worker in (0, 1):
            server.signal(worker, 1)
        self.assertEqual(server.progress.error, made.chunks - 2)
        codec = testudo.Codec(made)
        for request in server.requests():
            server.receive(request.worker, codec.encode(request, [gradients[i] for i in request.chunks]))
        with self.assertRaises(testudo.Undecodable):
            server.gradient()
        found = server.gradient(approximate=True)
        held = [made.order(0)[0], made.order(1)[0]]
        for k in range(DIM):
            self.assertAlmostEqual(found[k], sum(gradients[i][k] for i in held), delta=1e-9)

    def test_facts_of_a_design(self):
        made = design("--workers", "6", "--replication", "3", "--name", "\u00fcber")
        self.assertEqual((made.workers, made.chunks, made.parts, made.scheme), (6, 6, 1, "partial"))
        self.assertEqual(made.name, "\u00fcber")
        self.assertEqual(made.order(4), [4, 5, 0])
        self.assertEqual(made.holders(0), [0, 4, 5])
        self.assertEqual(made.steps(0), 3)
        self.assertNotEqual(made.checksum, 0)
        progress, codec = testudo.Progress(made), testudo.Codec(made, "optimal")
        for worker in range(6):
            progress.mark(worker, 3)
        self.assertEqual(progress.cover(0), 3)
        self.assertEqual(codec.error(progress), 0.0)
        self.assertEqual(len(codec.weights(progress)), 6)
        self.assertGreater(codec.amplification(progress), 0.0)


class Buffers(unittest.TestCase):
    def test_messages_are_written_in_place(self):
        made = testudo.Design(testudo.example_design())
        progress, codec = testudo.Progress(made), testudo.Codec(made)
        progress.mark(0, 2)
        progress.mark(1, 2)
        request = codec.request(progress, 0)
        message = array.array("d", [9.0] * 4)
        same = codec.encode(request, [array.array("d", [1, 2, 3, 4])] * len(request.chunks), message)
        self.assertIs(same, message)
        self.assertNotEqual(list(message), [9.0] * 4)

    def test_threads_share_messages_and_gradients(self):
        made = design("--workers", "5", "--replication", "3", "--parts", "2")
        progress, codec = testudo.Progress(made), testudo.Codec(made)
        for worker in range(5):
            progress.mark(worker, 3)
        request = codec.request(progress, 2)
        for kind, dim in (("d", 11), ("f", 40)):
            gradients = [array.array(kind, [(k + 1) * 0.37 * t for t in range(dim)]) for k in range(3)]
            whole, shared = codec.encode(request, gradients), array.array(kind, [-1.0] * ((dim + 1) // 2))

            def encode(first, count):
                testudo.Codec(made).encode(request, gradients, shared, first=first, count=count)

            encode(0, 2)
            self.assertEqual(shared[2:], array.array(kind, [-1.0] * (len(shared) - 2)))
            threads = [threading.Thread(target=encode, args=part) for part in ((0, 3), (3, 1), (4, None))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(shared, whole)
            messages = [testudo.Codec(made).encode(codec.request(progress, j), gradients) for j in range(5)]
            gradient, pieces = (array.array(kind, [-1.0] * dim) for _ in range(2))
            codec.decode(progress, messages, gradient)
            for first, count in ((4, None), (0, 1), (1, 3)):
                testudo.Codec(made).decode(progress, messages, pieces, first=first, count=count)
            self.assertEqual(pieces, gradient)
            with self.assertRaisesRegex(testudo.ArgumentError, "as a whole"):
                codec.decode(progress, messages, pieces, True, first=1)
            with self.assertRaisesRegex(testudo.ArgumentError, "the message has"):
                codec.decode(progress, messages, pieces, first=len(shared), count=1)
            for first, count in ((-1, 1), (0, len(shared) + 1), (len(shared) + 1, 0), (len(shared), 1), (0, -1)):
                with self.assertRaisesRegex(testudo.ArgumentError, "the message has"):
                    codec.encode(request, gradients, shared, first=first, count=count)

    def sum_of(self, gradient, empty):
        """The sum over the rows of three gradients, decoded into empty(5); and the last request with its codec."""
        made = testudo.Design(testudo.example_design())
        server, codec = testudo.Server(made, 5, "float"), testudo.Codec(made)
        for worker in range(3):
            server.signal(worker, 2)
        for request in server.requests():
            server.receive(request.worker, codec.encode(request, [gradient[i] for i in request.chunks], empty(5)))
        into = empty(5)
        self.assertIs(server.gradient(into), into)
        return into, request, codec

    def test_numpy_arrays_are_used_where_they_lie(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("NumPy is not installed")
        gradient = numpy.arange(15, dtype=numpy.float32).reshape(3, 5)
        into, request, codec = self.sum_of(gradient, lambda count: numpy.zeros(count, numpy.float32))
        numpy.testing.assert_allclose(into, gradient.sum(axis=0), rtol=1e-5)
        with self.assertRaises(testudo.ArgumentError):
            codec.encode(request, [gradient.T[i] for i in request.chunks])

    def test_tensors_are_used_where_they_lie(self):
        try:
            import torch
        except ImportError:
            self.skipTest("PyTorch is not installed")
        gradient = torch.arange(15, dtype=torch.float32).reshape(3, 5)
        into, _, _ = self.sum_of(gradient, torch.zeros)
        self.assertTrue(torch.allclose(into, gradient.sum(dim=0)))

    def test_what_is_no_buffer_of_numbers_is_refused(self):
        made = testudo.Design(testudo.example_design())
        progress, codec = testudo.Progress(made), testudo.Codec(made)
        progress.mark(0, 2)
        progress.mark(1, 2)
        request = codec.request(progress, 0)
        right = array.array("d", [1.0, 2.0])
        for wrong in (array.array("i", [1, 2]), b"12345678", memoryview(bytes(16)).cast("d")):
            with self.assertRaises(testudo.ArgumentError):
                codec.encode(request, [wrong] * len(request.chunks))
        with self.assertRaises(testudo.ArgumentError):
            codec.encode(request, [right] * (len(request.chunks) + 1))
        if len(request.chunks) > 1:
            with self.assertRaises(testudo.ArgumentError):
                codec.encode(request, [right, array.array("d", [1.0])])
            with self.assertRaises(testudo.ArgumentError):
                codec.encode(request, [right, array.array("f", [1.0, 2.0])])
        with self.assertRaises(testudo.ArgumentError):
            codec.encode(request, [right] * len(request.chunks), array.array("d", [0.0]))
        with self.assertRaises(testudo.ArgumentError):
            codec.decode(progress, [None], right)


class Streams(unittest.TestCase):
    def test_a_stream_gives_the_message_of_encode(self):
        for name, options in SCHEMES.items():
            made = design(*options)
            progress, codec = testudo.Progress(made), testudo.Codec(made)
            for worker in range(made.workers):
                progress.mark(worker, made.steps(worker))
            self.assertEqual(codec.sums, made.sums)
            self.assertEqual(codec.sums == 0, made.scheme == "partial")
            for kind in ("double", "float") if codec.sums else ():
                code = kind[0]
                gradients = gradients_of(made, code, 3)
                for worker in range(made.workers):
                    request = codec.request(progress, worker)
                    if not request.chunks:
                        continue
                    stream = testudo.Stream(codec, worker, DIM, kind)
                    for _ in range(2):
                        stream.begin()
                        for k, chunk in enumerate(request.chunks):
                            stream.add(k, gradients[chunk][20:], 20)
                            stream.add(k, gradients[chunk][:20])
                    wanted = codec.encode(request, [gradients[chunk] for chunk in request.chunks])
                    with self.subTest(scheme=name, kind=kind, worker=worker):
                        self.assertEqual(stream.message(request), wanted)
        with self.assertRaisesRegex(testudo.ArgumentError, "depends on who straggles"):
            testudo.Stream(testudo.Codec(testudo.Design(testudo.example_design())), 0, 5)

    def run_prefixes(self, made, ahead, seed):
        """Workers that never hold more than they may, and stop when they are asked."""
        drawn, gradients = random.Random(seed), gradients_of(made, "d", seed)
        server, codec = testudo.Server(made, DIM, ahead=ahead), testudo.Codec(made, ahead=ahead)
        streams = [testudo.Stream(codec, worker, DIM) for worker in range(made.workers)]
        done, early = [0] * made.workers, 0
        for stream in streams:
            stream.begin()

        def answer(requests):
            for request in requests:
                server.receive(request.worker, streams[request.worker].message(codec.unpack(request.pack())))
            return len(requests)

        while not server.progress.decodable:
            worker = drawn.randrange(made.workers)
            marked, most = server.progress.done(worker), codec.ahead(worker) or made.chunks
            if done[worker] < min(made.steps(worker), marked + most):
                streams[worker].add(done[worker], gradients[made.order(worker)[done[worker]]])
                done[worker] += 1
            if drawn.random() < 0.5:
                server.signal(worker, done[worker])
                early += answer(server.early())
        answer(server.requests())
        found = server.gradient()
        for k in range(DIM):
            self.assertAlmostEqual(found[k], sum(g[k] for g in gradients), delta=1e-12)
        return early

    def test_prefixes_decode_from_a_few_sums(self):
        circle = design("--workers", "6", "--replication", "3", "--granularity", "4", "--order", "natural")
        pairs = design("--assignment", "frc", "--workers", "6", "--replication", "2", "--granularity", "5", "--order",
                       "mirror")
        self.assertEqual((circle.prefix_sums, pairs.prefix_sums), (3, 2))
        self.assertEqual(testudo.Codec(pairs, ahead=4).sums, 5)
        early = [sum(self.run_prefixes(made, 2, seed) for seed in range(30)) for made in (circle, pairs)]
        self.assertGreater(early[1], 100)
        with self.assertRaisesRegex(testudo.ArgumentError, "no prefixes"):
            testudo.Codec(design("--assignment", "frc", "--workers", "6", "--replication", "3", "--granularity", "4",
                                 "--order", "steal"), ahead=1)
        with self.assertRaisesRegex(testudo.ArgumentError, "32 bits"):
            testudo.Codec(pairs, ahead=2**32 + 1)
        with self.assertRaisesRegex(testudo.ArgumentError, "one of decoder"):
            testudo.Codec(pairs, "optimal", ahead=1)

    def test_bfloat16(self):
        made = testudo.Design(testudo.example_design())
        progress, codec = testudo.Progress(made), testudo.Codec(made)
        progress.mark(0, 2)
        progress.mark(2, 2)
        halves = {1.0: 0x3F80, 2.0: 0x4000, 3.0: 0x4040}
        gradients = [array.array("H", [halves[k], halves[1.0]]) for k in (1.0, 2.0, 3.0)]
        messages = [None] * 3
        for worker in (0, 2):
            request = codec.request(progress, worker)
            messages[worker] = codec.encode(request, [gradients[chunk] for chunk in request.chunks])
        found = codec.decode(progress, messages, array.array("H", [0, 0]))
        self.assertLessEqual(abs(found[0] - 0x40C0), 2)  # 6
        floats = [(ctypes.c_float * 1)(k) for k in (1.0, 2.0, 3.0)]
        request = codec.request(progress, 0)
        self.assertEqual(len(codec.encode(request, [floats[chunk] for chunk in request.chunks])), 1)
        self.assertLessEqual(abs(found[1] - 0x4040), 2)  # 3
        try:
            import torch
        except ImportError:
            return
        tensor = torch.zeros(2, dtype=torch.bfloat16)
        codec.decode(progress, messages, tensor)
        self.assertAlmostEqual(float(tensor[0]), 6.0, delta=0.1)


class Refusals(unittest.TestCase):
    def test_sentences_become_exceptions(self):
        with self.assertRaisesRegex(testudo.InputError, "nowhere.json"):
            testudo.Design("nowhere.json")
        with self.assertRaisesRegex(testudo.InputError, "bytes"):
            testudo.Design(b'{"format":"testudo-design"}')
        made = testudo.Design(testudo.example_design())
        progress = testudo.Progress(made)
        with self.assertRaises(testudo.ArgumentError):
            progress.mark(3, 1)
        progress.mark(0, 2)
        with self.assertRaises(ValueError):
            progress.mark(0, 1)
        with self.assertRaises(testudo.ArgumentError):
            made.order(3)
        with self.assertRaises(testudo.ArgumentError):
            testudo.Codec(made, "guess")
        with self.assertRaises(testudo.InputError):
            testudo.Codec(made).unpack(b"no request")
        server = testudo.Server(made, 2)
        with self.assertRaises(testudo.ArgumentError):
            server.receive(0, array.array("d", [1.0, 2.0]))

    def test_late_signals_change_nothing(self):
        made = testudo.Design(testudo.example_design())
        server = testudo.Server(made, 2)
        self.assertFalse(server.signal(0, 2))
        self.assertFalse(server.signal(0, 1))
        self.assertTrue(server.signal(1, 2))
        self.assertTrue(server.signal(2, 1))
        self.assertEqual(server.progress.done(2), 0)


class Example(unittest.TestCase):
    DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")

    def run_on_a_design(self, name):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "d.json")
            subprocess.run([PROGRAM, "design", "--workers", "5", "--replication", "3", "-o", path], check=True,
                           capture_output=True)
            environment = dict(os.environ, PYTHONPATH=os.path.join(self.DOCS, "..", "python"))
            program = os.path.join(self.DOCS, "examples", "python", name)
            return subprocess.run([sys.executable, program, path], env=environment, capture_output=True, text=True,
                                  timeout=60, check=True).stdout

    def test_the_loop_of_the_documents_skips_a_slow_process(self):
        self.assertRegex(self.run_on_a_design("loop.py"),
                         r"^the sum over 5 chunks, off by \S+ at most, after \S+ s; asked were workers \[[^0]")

    def test_thirty_lines_make_a_coded_loop_that_skips_a_slow_thread(self):
        said = re.fullmatch(r"15\.0 is the sum of 1\.\.5, after (\S+) s\n", self.run_on_a_design("short.py"))
        self.assertIsNotNone(said)
        self.assertLess(float(said[1]), 1.0)  # the slow one takes a second per chunk
        with open(os.path.join(self.DOCS, "examples", "python", "short.py"), encoding="utf-8") as file:
            program = file.read()
        lines = [line for line in program.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        self.assertLessEqual(len(lines), 30)
        with open(os.path.join(self.DOCS, "python.md"), encoding="utf-8") as file:
            self.assertIn("```python\n" + program.partition("\n")[2] + "```", file.read())


class Costs(unittest.TestCase):
    def test_other_threads_run_while_the_library_works(self):
        made = design("--workers", "4", "--replication", "4")
        progress, codec = testudo.Progress(made), testudo.Codec(made)
        progress.mark(0, 4)
        request = codec.request(progress, 0)
        gradients = [array.array("d", bytes(8 * 4000000))] * len(request.chunks)
        message = array.array("d", bytes(8 * 4000000))
        counted, stop = [0], threading.Event()

        def count():
            while not stop.is_set():
                counted[0] += 1
                time.sleep(0)

        interval = sys.getswitchinterval()
        sys.setswitchinterval(100.0)  # no thread loses the GIL but by giving it back
        other = threading.Thread(target=count)
        other.start()
        during = 0
        try:
            for _ in range(50):  # while the machine is busy with others, the other thread may not be run at all
                before = counted[0]
                codec.encode(request, gradients, message)
                during = max(during, counted[0] - before)
                if during > 2:
                    break
        finally:
            sys.setswitchinterval(interval)
            stop.set()
            other.join()
        self.assertGreater(during, 2)


def load_tests(loader, tests, pattern):
    tests.addTests(doctest.DocTestSuite(testudo))
    return tests


if __name__ == "__main__":
    unittest.main()
