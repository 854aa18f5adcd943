# SPDX-License-Identifier: GPL-3.0-or-later
"""testudo.analysis in use: stopped, reported, shown, without packages and libraries, and as its pages show it."""

import doctest
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

import testudo
from testudo import analysis
from tests.common import Folder


def processor_seconds(process):
    """What a running process has used so far."""
    with open(f"/proc/{process}/stat", encoding="utf-8") as stream:
        after_name = stream.read().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


class Stopping(Folder):
    # Of 8 workers twenty million trials are drawn in that second, and sorting them takes as long again.
    LONG = {"simulate": "analysis.simulate(d, 'exp:1', trials=10**8, threads=2)",
            "latency": "analysis.latency(big, 'gamma:2.2,1', max_states=10**8)",
            "optimize": "analysis.optimize(big, 'exp:1', tries=10**6, threads=2)",
            "fit": "analysis.fit(trace, resamples=90000, threads=2)",
            "advise": "analysis.advise(delay='lognormal:0,1', workers=64, threads=2)"}

    @unittest.skipUnless(os.path.exists("/proc/self/stat"), "no /proc")
    def test_ctrl_c_stops_within_a_second(self):
        trace = self.trace(workers=10, iterations=300)
        for name, call in self.LONG.items():
            # A shell's background jobs ignore Ctrl-C, and so would Python in them.
            script = ("import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
                      "from testudo import analysis\nd = analysis.make_design(workers=200, replication=3)\n"
                      "big = analysis.make_design(assignment='regular', workers=20, chunks=40, replication=4)\n"
                      f"trace = {trace!r}\nprint('begun', flush=True)\n"
                      f"try:\n    {call}\nexcept KeyboardInterrupt:\n    print('stopped', flush=True)\n")
            with self.subTest(call=name):
                process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
                killer = threading.Timer(120.0, process.kill)
                killer.start()
                self.assertEqual(process.stdout.readline(), "begun\n")
                time.sleep(1.0)
                self.assertIsNone(process.poll(), "the call was over before it could be stopped")
                used = processor_seconds(process.pid)
                process.send_signal(signal.SIGINT)
                said = process.stdout.read()
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = status  # it has been waited for
                process.stdout.close()
                killer.cancel()
                self.assertEqual((said, status), ("stopped\n", 0))
                # Of the processor, for the machine may be busy with others: at most two threads are at work.
                self.assertLess(usage.ru_utime + usage.ru_stime - used, 2.0)

    def test_progress_is_reported_and_stops(self):
        design, seen = analysis.make_design(workers=6, replication=3), []
        analysis.simulate(design, "exp:1", trials=400000, threads=1, progress=seen.append)
        self.assertTrue(seen and all(part is None or 0.0 <= part <= 1.0 for part in seen))
        stopped = analysis.simulate(design, "exp:1", trials=10**9, progress=lambda part: False)
        self.assertTrue(stopped.interrupted and 0 < stopped.trials < 10**9)
        with self.assertRaises(testudo.Interrupted) as raised:
            analysis.fit(self.trace(), resamples=90000, progress=lambda part: False)
        self.assertEqual(raised.exception.status, 130)

    def test_a_callback_that_raises_ends_the_call_with_it(self):
        def fails(part):
            raise ZeroDivisionError("mine")
        before = signal.getsignal(signal.SIGINT)
        with self.assertRaisesRegex(ZeroDivisionError, "mine"):
            analysis.simulate(analysis.make_design(workers=6, replication=3), "exp:1", trials=10**9, progress=fails)
        self.assertIs(signal.getsignal(signal.SIGINT), before)

    def test_a_time_limit_leaves_a_result(self):
        design = analysis.make_design(assignment="regular", workers=12, replication=3)
        begun = time.monotonic()
        found = analysis.optimize(design, "exp:1", tries=10**6, trials=2000, max_states=1, time_limit=0.5)
        self.assertTrue(found.stopped)
        self.assertLess(time.monotonic() - begun, 10.0)
        self.assertLessEqual(found.after, found.before + 5 * found.gain_stderr + 1e-9)

    def test_threads_run_beside_each_other_without_signal_handlers(self):
        design, found = analysis.make_design(workers=6, replication=3), []
        threads = [threading.Thread(target=lambda: found.append(analysis.simulate(design, "exp:1", trials=20000,
                                                                                  threads=1).mean))
                   for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(found)), 1)


class Shown(Folder):
    def results(self):
        design = analysis.make_design(workers=5, replication=2)
        trace = self.trace(workers=4, iterations=40, slow=1)
        return [analysis.latency(design, "exp:1"), analysis.simulate(design, "exp:1", trials=2000),
                analysis.error(design, "exp:1", [0.5, 1.0]), analysis.fit(trace),
                analysis.validate(design, "exp:1", trials=5000),
                analysis.advise(trace, quick=True), analysis.optimize(design, "exp:1", method="exhaustive"),
                analysis.optimize(delay="exp:1", workers=4, replication=2, tries=2, trials=2000)]

    def test_results_say_what_they_are(self):
        for result in self.results():
            with self.subTest(result=type(result).__name__):
                self.assertIn(type(result).__name__, repr(result))
                columns = result.columns()
                self.assertEqual(len({len(column) for column in columns.values()}), 1)

    def test_frames_and_pictures(self):
        try:
            import matplotlib
            import pandas
        except ImportError as reason:
            raise unittest.SkipTest(f"{reason}")
        matplotlib.use("agg")
        for result in [*self.results(), analysis.Law("gamma:2,1")]:
            with self.subTest(result=type(result).__name__):
                drawn = result.plot()
                self.assertTrue(drawn.lines or drawn.patches or drawn.collections)
                drawn.figure.savefig(self.path("drawn.png"))
                if hasattr(result, "to_frame"):
                    self.assertIsInstance(result.to_frame(), pandas.DataFrame)
                    self.assertGreater(len(result.to_frame()), 0)

    def run_without(self, module, code):
        """What a program says in which a module cannot be imported."""
        script = f"import sys\nsys.modules[{module!r}] = None\n{code}"
        return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    def test_what_is_not_installed_is_named(self):
        law = "analysis.latency(analysis.make_design(workers=4, replication=2), 'exp:1')"
        for module, call in (("pandas", f"{law}.to_frame()"), ("matplotlib", f"{law}.plot()")):
            with self.subTest(module=module):
                ran = self.run_without(module, f"from testudo import analysis\n{call}")
                self.assertIn(f"needs the package {module}, which is not installed", ran.stderr)
        ran = self.run_without("numpy", "import testudo; print(testudo.Design(testudo.example_design()).workers)\n"
                                        "import testudo.analysis")
        self.assertEqual(ran.stdout, "3\n")
        self.assertIn("testudo.analysis needs the package numpy, which is not installed", ran.stderr)

    def test_the_library_is_searched_where_it_is_said(self):
        code = "import testudo\nprint(testudo.Design(testudo.example_design()).workers)\nimport testudo.analysis"
        environment = {**os.environ, "TESTUDO_ANALYSIS_LIBRARY": "/no/such/library.so"}
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
        self.assertEqual(ran.stdout, "3\n")
        self.assertIn("set TESTUDO_ANALYSIS_LIBRARY to its path. Tried: /no/such/library.so", ran.stderr)


class Installed(Folder):
    def test_by_pip_without_a_network(self):
        here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
        shutil.copytree(here, self.path("source"), ignore=shutil.ignore_patterns("tests", "build", "__pycache__"),
                        copy_function=shutil.copyfile)
        for folder, _, _ in os.walk(self.path("source")):  # the sources may be read-only
            os.chmod(folder, 0o755)
        for need in ("pip", "setuptools", "wheel"):
            if importlib.util.find_spec(need) is None:
                self.skipTest(f"{need} is not installed (package python3-{need})")
        ran = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps",
                              "--no-index", "--target", self.path("there"), self.path("source")],
                             capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        found = {os.path.relpath(os.path.join(folder, name), self.path("there"))
                 for folder, _, names in os.walk(self.path("there")) for name in names if "testudo/" in folder + "/"}
        wanted = {os.path.relpath(os.path.join(folder, name), here)
                  for folder, _, names in os.walk(os.path.join(here, "testudo")) for name in names}
        self.assertEqual({name for name in wanted if "__pycache__" not in name} - found, set())
        script = ("import testudo.analysis as a\n"
                  "print(a.__file__, a.latency(a.make_design(workers=3, replication=2), 'exp:1').status)")
        environment = {**os.environ, "PYTHONPATH": self.path("there")}
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment,
                             cwd=self.folder.name)
        self.assertIn(self.path("there"), ran.stdout, ran.stderr)
        self.assertTrue(ran.stdout.endswith(" exact\n"))


class Documented(Folder):
    def test_the_page_shows_what_is_printed(self):
        page = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "python.md")
        with open(page, encoding="utf-8") as stream:
            examples = re.findall(r"```python\n(>>> .*?)```", stream.read(), flags=re.S)
        self.assertEqual(len(examples), 1)
        self.trace(workers=8, iterations=60, slow=1)
        before = os.getcwd()
        os.chdir(self.folder.name)
        try:
            test = doctest.DocTestParser().get_doctest(examples[0], {}, "docs/python.md", page, 0)
            runner, said = doctest.DocTestRunner(), []
            runner.run(test, out=said.append)
        finally:
            os.chdir(before)
        self.assertEqual((runner.failures, runner.tries > 10), (0, True), "".join(said))


def load_tests(loader, tests, pattern):
    for name in ("", "._laws", "._delays", "._designs", "._latency", "._simulation", "._rare", "._searching",
                 "._validation"):
        module = importlib.import_module("testudo.analysis" + name)
        tests.addTests(doctest.DocTestSuite(module, extraglobs={"make_design": analysis.make_design}))
    return tests


if __name__ == "__main__":
    unittest.main()
