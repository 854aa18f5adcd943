# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of testudo.analysis share: the program, and files of their own. TESTUDO names the program."""

import json
import math
import os
import random
import subprocess
import tempfile
import unittest

import numpy

PROGRAM = os.environ.get("TESTUDO", "testudo")


def command(*options, statuses=(0,)):
    """What a command prints with --json."""
    ran = subprocess.run([PROGRAM, *options, "--json"], capture_output=True, text=True)
    if ran.returncode not in statuses:
        raise AssertionError(f"testudo {' '.join(options)}: {ran.returncode}: {ran.stderr}")
    return json.loads(ran.stdout)


def loaded(path):
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def design(self, *options):
        path = self.path("d%d.json" % len(os.listdir(self.folder.name)))
        subprocess.run([PROGRAM, "design", *options, "-o", path], check=True, capture_output=True)
        return path

    def trace(self, name="trace.csv", workers=5, iterations=60, chunks=1, slow=None, drawn=None):
        """Times of workers: gamma-like, a slow one, one row per chunk."""
        drawn = drawn or random.Random(5)
        with open(self.path(name), "w", encoding="utf-8") as stream:
            stream.write("worker,iteration,chunk,seconds\n" if chunks > 1 else "worker,iteration,seconds\n")
            for k in range(iterations):
                for j in range(workers):
                    for chunk in range(chunks):
                        seconds = drawn.gammavariate(4.0, 0.01) * (3.0 if j == slow else 1.0)
                        stream.write(f"{j},{k},{f'{chunk},' if chunks > 1 else ''}{seconds!r}\n")
        return self.path(name)

    def same(self, found, wanted, what=""):
        """Equal to the last digit; null stands for nan and infinity."""
        found = numpy.atleast_1d(found).tolist()
        wanted = wanted if isinstance(wanted, list) else [wanted]
        self.assertEqual([None if isinstance(x, float) and not math.isfinite(x) else x for x in found], wanted, what)
