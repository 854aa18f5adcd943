# SPDX-License-Identifier: GPL-3.0-or-later
"""testudo.analysis against the program's own results, to the last digit, and its refusals."""

import json
import math
import os
import random
import subprocess
import unittest

import numpy

import testudo
from testudo import analysis
from tests.common import PROGRAM, Folder, command, loaded


class Laws(unittest.TestCase):
    LAWS = ("exp:2", "shifted-exp:1,3", "gamma:2.5,0.4", "weibull:0.8,1.5", "pareto:1,3.5", "lomax:4,1",
            "lognormal:0,0.7", "deterministic:1.5", "mixture:0.9,exp:2,exp:0.2", "shift:0.5,gamma:2,1")

    def test_probabilities_quantiles_and_moments_go_together(self):
        for text in self.LAWS:
            with self.subTest(law=text):
                law = analysis.Law(text)
                p = numpy.array([[0.01, 0.2, 0.5], [0.9, 0.99, 0.9999]])
                x = law.quantile(p)
                self.assertEqual(x.shape, p.shape)
                self.assertEqual(law.text, text)
                numpy.testing.assert_allclose(law.cdf(x) + law.survival(x), 1.0, rtol=1e-12)
                if law.atoms is None:
                    numpy.testing.assert_allclose(law.cdf(x), p, rtol=1e-9)
                drawn = law.sample(200000, seed=3)
                self.assertLess(abs(drawn.mean() - law.mean), 5 * law.stddev / math.sqrt(len(drawn)) + 1e-12)
                middle = law.quantile(0.7)
                self.assertLess(abs((drawn <= middle).mean() - law.cdf(middle)), 5 / math.sqrt(len(drawn)))

    def test_known_values(self):
        self.assertEqual(analysis.Law("exp:2").mean, 0.5)
        self.assertAlmostEqual(analysis.Law("exp:1").cdf(1e-12), 1e-12, delta=1e-24)
        self.assertEqual(analysis.Law("pareto:1,1.5").variance, math.inf)
        values, cumulated = analysis.Law("mixture:0.25,deterministic:1,deterministic:3").atoms
        self.assertEqual((values.tolist(), cumulated.tolist()), ([1.0, 3.0], [0.25, 1.0]))

    def test_samples_are_named_by_their_seed(self):
        law = analysis.Law("gamma:2,1")
        long = law.sample(3000, seed=7)
        self.assertEqual(law.sample(1100, seed=7).tolist(), long[:1100].tolist())
        self.assertNotEqual(law.sample(5, seed=8).tolist(), long[:5].tolist())
        self.assertEqual(len(law.sample(0)), 0)

    def test_refusals(self):
        for text in ("exp", "exp:-1", "exp:1,2", "", "nonsense:3", "replay:no.csv"):
            with self.subTest(law=text), self.assertRaises(testudo.ArgumentError) as raised:
                analysis.Law(text)
            self.assertEqual(raised.exception.status, 2)
        with self.assertRaises(testudo.Error) as raised:
            analysis.Law("trace:/no/such/file.csv")
        self.assertIn("no/such/file.csv", str(raised.exception))
        law = analysis.Law("exp:1")
        for bad in (0.0, 1.0, -0.1, float("nan"), "half"):
            with self.subTest(p=bad), self.assertRaises(testudo.ArgumentError):
                law.quantile(bad)
        for size in (-1, 2.5, "many"):
            with self.subTest(size=size), self.assertRaises(testudo.ArgumentError):
                law.sample(size)
        with self.assertRaises(testudo.ArgumentError):
            analysis.Law(3)


class Delays(Folder):
    def check(self, delay, path, *options):
        """The terms that results of the command have."""
        wanted = command("simulate", path, "--trials", "10", *options)["delay"]
        terms = delay.terms()
        wanted["law"] = wanted["law_of_file"] or wanted["law"]
        self.assertEqual({key: wanted[key] for key in terms}, terms)
        self.assertEqual(wanted["structure_source"], delay.structure_source)

    def test_options_are_those_of_the_command(self):
        path = self.design("--workers", "4", "--replication", "2")
        self.check(analysis.Delay("exp:1"), path, "--delay", "exp:1")
        self.check(analysis.Delay("exp:1", structure="mixed:gamma:2,0.5", unit="share", startup="exp:3", overhead=0.1,
                                  rates=[1, 2, 3, 0.5], message="deterministic:1", signal=0.25,
                                  markov=(0.1, 0.5, 4), fail_prob=0.01), path,
                   "--delay", "exp:1", "--structure", "mixed:gamma:2,0.5", "--unit", "share", "--startup", "exp:3",
                   "--overhead", "0.1", "--rates", "1,2,3,0.5", "--message", "deterministic:1", "--signal", "0.25",
                   "--markov", "0.1,0.5,4", "--fail-prob", "0.01")
        self.check(analysis.Delay("gamma:2,1", structure="additive", classes=[(3, 1), (1, 0.5, "exp:2")], failed=1),
                   path, "--delay", "gamma:2,1", "--structure", "additive", "--class", "3:1", "--class", "1:0.5:exp:2",
                   "--failed", "1")
        with open(self.path("domains.csv"), "w", encoding="utf-8") as stream:
            stream.write("worker,domain\n0,a\n1,a\n2,b\n3,b\n")
        self.check(analysis.Delay("exp:1", domains=[0, 0, 1, 1], domain_factor="lognormal:0,1"), path, "--delay",
                   "exp:1", "--domains", self.path("domains.csv"), "--domain-factor", "lognormal:0,1")

    def test_files_and_what_stands_above_them(self):
        path = self.design("--workers", "4", "--replication", "2")
        with open(self.path("delay.json"), "w", encoding="utf-8") as stream:
            json.dump({"format": "testudo-delay", "version": 1, "law": "gamma:2,0.5", "structure": "additive",
                       "rates": [1, 1, 2, 2], "overhead": 0.5, "startup": "exp:1"}, stream)
        named = "@" + self.path("delay.json")
        self.check(analysis.Delay(named, overhead=0.25), path, "--delay", named, "--overhead", "0.25")
        self.check(analysis.Delay(named, startup="none", structure="scaled"), path, "--delay", named, "--startup",
                   "none", "--structure", "scaled")
        self.check(analysis.Delay(analysis.Delay(named), signal=1), path, "--delay", named, "--signal", "1")
        with self.assertRaises(testudo.ArgumentError):
            analysis.Delay(named, rates=[1, 1, 1, 1])
        with self.assertRaises(testudo.ArgumentError):
            analysis.simulate(self.design("--workers", "5", "--replication", "2"), analysis.Delay(named), trials=10)

    def test_a_trace_says_its_structure(self):
        path = self.design("--workers", "5", "--replication", "2")
        trace = self.trace(chunks=3)
        self.check(analysis.Delay("trace:" + trace), path, "--delay", "trace:" + trace)
        self.assertEqual(analysis.Delay("trace:" + trace).structure, "additive")

    def test_refusals(self):
        for options in ({"structure": "mixed"}, {"structure": "other"}, {"unit": "hour"}, {"overhead": -1.0},
                        {"rates": [1, -1]}, {"rates": [1], "classes": [(1, 1)]}, {"classes": [3]}, {"signal": -0.5},
                        {"markov": (0.1, 0.5)}, {"markov": (0.1, 0.5, 0.5)}, {"fail_prob": 1.0}, {"failed": -1},
                        {"failed": 1, "fail_prob": 0.5}, {"domains": [0, 1]}, {"domain_factor": "exp:1"},
                        {"startup": "exp:-1"}, {"rates": [1, 2], "domains": [0], "domain_factor": "exp:1"}):
            with self.subTest(options=options), self.assertRaises(testudo.ArgumentError):
                analysis.Delay("exp:1", **options)
        with self.assertRaises(testudo.Error):
            analysis.Delay("@/no/such/file.json")
        with open(self.path("broken.json"), "w", encoding="utf-8") as stream:
            stream.write("{")
        with self.assertRaises(testudo.InputError) as raised:
            analysis.Delay("@" + self.path("broken.json"))
        self.assertIn("line 1", str(raised.exception))
        self.assertEqual(raised.exception.status, 3)


class Designs(Folder):
    MADE = (({"workers": 6, "replication": 3}, "--workers 6 --replication 3"),
            ({"workers": 6, "replication": 3, "parts": 2, "order": "random", "seed": 4},
             "--workers 6 --replication 3 --parts 2 --order random --seed 4"),
            ({"assignment": "frc", "workers": 8, "replication": 4, "order": "xor"},
             "--assignment frc --workers 8 --replication 4 --order xor"),
            ({"workers": 6, "replication": 2, "granularity": 4}, "--workers 6 --replication 2 --granularity 4"),
            ({"workers": 6, "replication": 2, "granularity": 4, "parts": 2},
             "--workers 6 --replication 2 --granularity 4 --parts 2"),
            ({"workers": 8, "replication": 3, "granularity": 4, "parts": 2},
             "--workers 8 --replication 3 --granularity 4 --parts 2"),
            ({"assignment": "frc", "workers": 6, "replication": 2, "granularity": 4, "order": "mirror"},
             "--assignment frc --workers 6 --replication 2 --granularity 4 --order mirror"),
            ({"assignment": "regular", "workers": 7, "chunks": 14, "replication": 3, "seed": 9},
             "--assignment regular --workers 7 --chunks 14 --replication 3 --seed 9"),
            ({"assignment": "arcs", "workers": 4, "chunks": 12, "replication": 2, "rates": [1, 1, 2, 3]},
             "--assignment arcs --workers 4 --chunks 12 --replication 2 --rates 1,1,2,3"),
            ({"workers": 6, "replication": 2, "granularity": 4, "order": "draft", "delay": "gamma:3,1"},
             "--workers 6 --replication 2 --granularity 4 --order draft --delay gamma:3,1"),
            ({"assignment": "bernoulli", "workers": 9, "replication": 3, "seed": 2},
             "--assignment bernoulli --workers 9 --replication 3 --seed 2"),
            ({"assignment": "expander", "workers": 9, "replication": 3},
             "--assignment expander --workers 9 --replication 3"),
            ({"assignment": "bibd", "workers": 7, "replication": 3}, "--assignment bibd --workers 7 --replication 3"),
            ({"assignment": "pairwise", "workers": 9, "replication": 3},
             "--assignment pairwise --workers 9 --replication 3"),
            ({"scheme": "uncoded", "workers": 3, "chunks": 7}, "--scheme uncoded --workers 3 --chunks 7"),
            ({"scheme": "ignore-stragglers", "workers": 5, "wait": 3},
             "--scheme ignore-stragglers --workers 5 --wait 3"),
            ({"scheme": "gradient-code", "workers": 7, "stragglers": 2},
             "--scheme gradient-code --workers 7 --stragglers 2"),
            ({"scheme": "gradient-code", "workers": 7, "stragglers": 2, "construction": "cyclic-mds"},
             "--scheme gradient-code --workers 7 --stragglers 2 --construction cyclic-mds"),
            ({"scheme": "gradient-code", "workers": 6, "stragglers": 2, "construction": "frc"},
             "--scheme gradient-code --workers 6 --stragglers 2 --construction frc"),
            ({"scheme": "gradient-code", "workers": 6, "stragglers": 1, "parts": 2},
             "--scheme gradient-code --workers 6 --stragglers 1 --parts 2"),
            ({"scheme": "nested", "workers": 6, "tolerances": [1, 3]}, "--scheme nested --workers 6 --tolerances 1,3"),
            ({"scheme": "block", "workers": 5, "tolerances": [1, 2], "sizes": [20, 17]},
             "--scheme block --workers 5 --tolerances 1,2 --sizes 20,17"))

    def test_they_are_those_of_the_command(self):
        for given, options in self.MADE:
            with self.subTest(options=options):
                made, wanted = analysis.make_design(**given), analysis.Design(self.design(*options.split()))
                self.assertEqual(made.orders, wanted.orders)
                self.assertEqual((made.scheme, made.parts, made.report), (wanted.scheme, wanted.parts, wanted.report))
                self.assertEqual(numpy.array_equal(made.matrix, wanted.matrix) if wanted.matrix is not None
                                 else made.matrix, True if wanted.matrix is not None else None)
                files = self.path("made.json"), wanted._source
                made.write(files[0])
                code, same = ({key: loaded(path)[key] for key in ("order", "code", "claims")} for path in files)
                self.assertEqual(code, same)

    def test_tables_orders_and_files(self):
        table = numpy.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
        made = analysis.make_design(assignment=table, order=[[1, 0], [2, 1], [0, 2]], name="\u00fcber")
        self.assertEqual((made.orders, made.name), ([[1, 0], [2, 1], [0, 2]], "\u00fcber"))
        made.write(self.path("made.json"))
        again = testudo.Design(self.path("made.json"))
        self.assertEqual(again.checksum, made.checksum)
        self.assertEqual(analysis.latency(again, "exp:1").mean, analysis.latency(made, "exp:1").mean)
        self.assertEqual(command("check", self.path("made.json"))["valid"], True)
        os.remove(self.path("made.json"))
        with self.assertRaises(testudo.Error):
            analysis.latency(again, "exp:1")
        with self.assertRaises(testudo.Error):
            made.write("/no/such/folder/d.json")

    def test_they_decode_in_a_server(self):
        made = analysis.make_design(workers=3, replication=2)
        server, worker = testudo.Server(made, dim=2), testudo.Codec(made)
        for j in (0, 2):
            for done in (1, 2):
                server.signal(j, done)
        for request in server.requests():
            held = [numpy.array([chunk + 1.0, 10.0]) for chunk in request.chunks]
            server.receive(request.worker, worker.encode(worker.unpack(request.pack()), held))
        numpy.testing.assert_allclose(server.gradient(), [6.0, 30.0], rtol=1e-9)

    def test_refusals(self):
        for given in ({}, {"workers": 4}, {"workers": 4, "replication": 5}, {"workers": 0, "replication": 1},
                      {"workers": 4, "replication": 2, "scheme": "other"}, {"workers": 4, "replication": 2, "wait": 1},
                      {"scheme": "nested", "workers": 4}, {"scheme": "block", "workers": 4, "tolerances": [1]},
                      {"scheme": "gradient-code", "workers": 4, "stragglers": 4},
                      {"scheme": "gradient-code", "workers": 4, "stragglers": 1, "replication": 3},
                      {"workers": 4, "replication": 2, "order": "sideways"},
                      {"workers": 4, "replication": 2, "order": "twins:back"},
                      {"workers": 4, "replication": 2, "order": [[0], [1], [2], [3]]},
                      {"workers": 4, "replication": 2, "assignment": "star"},
                      {"workers": 4, "replication": 2, "chunks": 8, "granularity": 2},
                      {"workers": 4, "replication": 2, "delay": "exp:1"},
                      {"workers": 4, "replication": 2, "granularity": 2, "order": "steal", "delay": "exp:1"},
                      {"scheme": "gradient-code", "workers": 7, "stragglers": 2, "assignment": "bibd"},
                      {"assignment": "bibd", "workers": 8, "replication": 3},
                      {"assignment": [[1, 0], [0, 2]]}, {"assignment": [[1, 0], [0, 1]], "workers": 2}):
            with self.subTest(given=given), self.assertRaises(ValueError):
                analysis.make_design(**given)


CASES = (("--workers 6 --replication 3", ("--delay", "exp:1"), {"law": "exp:1"}),
         ("--workers 6 --replication 2 --parts 2", ("--delay", "shifted-exp:1,2", "--fail-prob", "0.02"),
          {"law": "shifted-exp:1,2", "fail_prob": 0.02}),
         ("--scheme gradient-code --workers 7 --stragglers 2", ("--delay", "pareto:1,1.8"), {"law": "pareto:1,1.8"}),
         ("--scheme nested --workers 6 --tolerances 1,3", ("--delay", "weibull:0.9,1", "--structure", "additive"),
          {"law": "weibull:0.9,1", "structure": "additive"}),
         ("--assignment regular --workers 20 --chunks 40 --replication 3",
          ("--delay", "exp:1", "--structure", "scaled"),
          {"law": "exp:1", "structure": "scaled"}),
         ("--scheme uncoded --workers 6", ("--delay", "pareto:1,0.9"), {"law": "pareto:1,0.9"}),
         ("--assignment frc --workers 6 --replication 3",
          ("--delay", "gamma:2,1", "--rates", "1,1,1,2,2,2", "--message", "deterministic:0.5"),
          {"law": "gamma:2,1", "rates": [1, 1, 1, 2, 2, 2], "message": "deterministic:0.5"}))


class Latencies(Folder):
    def test_exact_laws_and_bounds_are_the_commands(self):
        statuses = set()
        for options, delays, given in CASES:
            with self.subTest(design=options, delay=delays):
                path = self.design(*options.split())
                wanted = command("analyze", path, *delays, "--by", "0.5,2,8", "--max-states", "5000")
                found = analysis.latency(path, analysis.Delay(**given), at=[0.5, 2, 8], max_states=5000)
                law = wanted["latency"]
                self.assertEqual((found.status, found.stddev_status, found.method, found.report),
                                 (law["mean_status"], law["stddev_status"], law["method"], wanted["report"]))
                for member in ("mean", "stddev", "lower", "upper", "abs_error", "abs_bound", "stddev_lower", "ideal",
                               "stddev_upper", "stddev_error", "p_never", "p_never_lower", "p_never_upper"):
                    self.same(getattr(found, member), law[member], member)
                exact = law["quantiles"] is not None
                for name, values in (("quantiles", found.quantiles), ("quantiles_lower", found.quantiles_lower),
                                     ("quantiles_upper", found.quantiles_upper)):
                    if law[name] is not None:
                        self.same(values, list(law[name].values()), name)
                    else:
                        self.assertTrue(numpy.array_equal(values, found.quantiles) or not exact)
                if exact:
                    self.same(found.cdf_at, wanted["by"]["p"])
                    self.same(found.survival_at, wanted["by"]["survival"])
                    self.same(found.cdf([0.5, 2, 8]), wanted["by"]["p"])
                    self.same(found.capped([0.5, 2, 8]), wanted["by"]["capped_mean"])
                    self.same(found.quantile(0.9), law["quantiles"]["0.9"])
                    self.same(found.cdf(law["cdf"]["t"]), law["cdf"]["p"])
                statuses.add(found.status)
        self.assertEqual(statuses, {"exact", "bounded", "infinite"})

    def test_work_is_the_commands(self):
        path = self.design("--scheme", "nested", "--workers", "6", "--tolerances", "1,3")
        wanted = command("analyze", path, "--delay", "exp:1", "--work")["work"]
        chunks, error = analysis.latency(path, "exp:1").work()
        self.same(chunks, wanted["chunks_of_worker"])
        self.same(error, wanted["abs_error"])
        with self.assertRaises(testudo.Error):
            analysis.latency(self.design("--scheme", "uncoded", "--workers", "3"), "exp:1").work()

    def test_errors_are_the_commands(self):
        path = self.design("--workers", "6", "--replication", "3")
        wanted = command("analyze", path, "--delay", "exp:1", "--at", "0.5,1,2")["error"]
        found = analysis.error(path, "exp:1", [0.5, 1, 2])
        self.assertEqual(found.status, "exact")
        self.same(found.mse, wanted["mse"])
        self.same(found.nmse, wanted["nmse"])
        options = ("--delay", "exp:1", "--report", "whole", "--at", "1,2,40", "--trials", "3000", "--seed", "5")
        wanted = command("simulate", path, *options)["error"]
        found = analysis.error(path, "exp:1", [1, 2, 40], report="whole", trials=3000, seed=5)
        self.assertEqual((found.status, found.trials), ("simulated", 3000))
        for member, key in (("mse", "mse"), ("nmse", "nmse"), ("stderr", "stderr"), ("upper95", "upper95")):
            self.same(getattr(found, member), wanted[key], member)

    def test_simulations_are_the_commands(self):
        for options, delays, given in CASES:
            with self.subTest(design=options, delay=delays):
                path = self.design(*options.split())
                wanted = command("simulate", path, *delays, "--trials", "4000", "--seed", "11", "--decode", "--dim",
                                 "5")
                found = analysis.simulate(path, analysis.Delay(**given), trials=4000, seed=11, threads=1, dim=5,
                                          decode_trials=4000)
                law = wanted["latency"]
                self.assertEqual((found.status, found.stddev_status),
                                 (law["mean_status"], law["stddev_status"]))
                for member in ("mean", "stderr", "sample_mean", "stddev", "p_never", "p_never_upper95", "stderr_doubt"):
                    self.same(getattr(found, member), law[member], member)
                for member, key in (("quantiles", "quantiles"), ("quantiles_low", "quantiles_low"),
                                    ("quantiles_high", "quantiles_high")):
                    self.same(getattr(found, member), list(law[key].values()), member)
                self.assertEqual((found.trials, found.never), (wanted["trials"], wanted["never"]))
                for member in ("decodes", "failures", "undecodable", "max_rel_error", "max_amplification"):
                    self.assertEqual(getattr(found.decoded, member), wanted["decode"][member], member)
                self.assertEqual(len(found.completion), found.trials - found.never)
                self.assertAlmostEqual(found.completion.mean(), found.sample_mean, delta=1e-9 * found.sample_mean)

    def test_work_is_that_of_compare(self):
        path = self.design("--workers", "9", "--replication", "3")
        rows = command("compare", path, "--delay", "lognormal:0,1", "--trials", "4000", "--seed", "7")["rows"]
        wanted = next(row["work"] for row in rows if row["reference"] is None)
        found = analysis.simulate(path, "lognormal:0,1", trials=4000, seed=7, count_work=True)
        for member in ("chunks", "chunks_stderr", "messages", "messages_stderr"):
            self.same(getattr(found.work, member), wanted[member], member)
        self.assertIsNone(analysis.simulate(path, "exp:1", trials=100).work)

    def test_rare_tails_are_the_commands(self):
        path = self.design("--workers", "8", "--replication", "3", "--parts", "2")
        for delays, given in ((("--delay", "gamma:2,0.5"), {"law": "gamma:2,0.5"}),
                              (("--delay", "pareto:1,2.5", "--fail-prob", "1e-5"),
                               {"law": "pareto:1,2.5", "fail_prob": 1e-5})):
            wanted = command("simulate", path, *delays, "--trials", "2000", "--seed", "3", "--rare", "4,20,100")["rare"]
            found = analysis.rare_tail(path, analysis.Delay(**given), [4, 20, 100], trials=2000, seed=3, threads=2)
            self.assertEqual((found.status, found.trials, found.report), ("simulated", wanted["trials"], "chunk"))
            for member in ("t", "p", "stderr", "low", "high", "union_bound"):
                self.same(getattr(found, member), wanted[member], member)
            self.assertEqual(sorted(found.columns()), sorted(set(wanted) - {"trials"}))
        # Beside the exact law.
        found = analysis.rare_tail(path, "exp:1", [12.0], trials=20000)
        exact = 1.0 - analysis.latency(path, "exp:1", at=[12.0]).cdf_at[0]
        self.assertLess(abs(found.p[0] - exact), 5 * found.stderr[0] + 1e-12)
        nested = self.design("--scheme", "nested", "--workers", "6", "--tolerances", "1,3")
        with self.assertRaises(testudo.LimitError):
            analysis.rare_tail(nested, "exp:1", [5.0])
        for call in (lambda: analysis.rare_tail(path, "exp:1", [-1.0]),
                     lambda: analysis.rare_tail(path, "exp:1", [1.0], trials=99),
                     lambda: analysis.rare_tail(path, "replay:" + self.trace(iterations=20, chunks=2), [1.0])):
            with self.assertRaises(testudo.ArgumentError):
                call()

    def test_replays_are_the_commands(self):
        path, trace = self.design("--workers", "5", "--replication", "2"), self.trace(iterations=80, chunks=2)
        wanted = command("simulate", path, "--delay", "replay:" + trace)["latency"]
        found = analysis.simulate(path, "replay:" + trace)
        self.assertEqual((found.status, found.trials, found.delay.replay), ("replayed", 80, "trace.csv"))
        for member in ("mean", "mean_low", "mean_high", "stddev", "stderr"):
            self.same(getattr(found, member), wanted[member], member)
        for member in ("quantiles", "quantiles_low", "quantiles_high"):
            self.same(getattr(found, member), list(wanted[member].values()), member)
        self.assertEqual(len(found.ordered), 80)
        with self.assertRaises(testudo.Error):
            analysis.latency(path, "replay:" + trace)

    def test_threads_change_nothing_and_order_is_kept(self):
        design = analysis.make_design(workers=6, replication=3)
        one = analysis.simulate(design, "exp:1", trials=5000, threads=1, keep_order=True)
        two = analysis.simulate(design, "exp:1", trials=5000, threads=2, keep_order=True)
        self.assertEqual(one.ordered.tolist(), two.ordered.tolist())
        self.assertEqual(sorted(one.ordered.tolist()), one.completion.tolist())
        self.assertIsNone(analysis.simulate(design, "exp:1", trials=10).ordered)

    def test_analysis_and_simulation_agree(self):
        design = analysis.make_design(assignment="frc", workers=8, replication=4, order="xor")
        law, drawn = (of(design, "gamma:3,0.4") for of in (analysis.latency, analysis.simulate))
        self.assertLess(abs(law.mean - drawn.mean), 5 * drawn.stderr)
        other = analysis.latency(design, "gamma:3,0.41").mean
        self.assertGreater(abs(other - drawn.mean), 5 * drawn.stderr)

    def test_refusals(self):
        path = self.design("--scheme", "gradient-code", "--workers", "5", "--stragglers", "1")
        for call in (lambda: analysis.latency(path, "exp:1", report="chunk"),
                     lambda: analysis.latency(path, "exp:1", report="all"),
                     lambda: analysis.latency(path, "exp:1", quantiles=[1.0]),
                     lambda: analysis.latency(path, "exp:1", max_states=0),
                     lambda: analysis.latency(path, analysis.Delay("exp:1", rates=[1, 2])),
                     lambda: analysis.simulate(path, "exp:1", trials=0),
                     lambda: analysis.simulate(path, "exp:1", decoder="sure"),
                     lambda: analysis.simulate(path, "exp:1", times=["soon"]),
                     lambda: analysis.simulate(path, "exp:1", seed=-1)):
            with self.assertRaises(testudo.ArgumentError):
                call()
        with self.assertRaises(testudo.InputError):
            analysis.latency(b"{}", "exp:1")


class Validations(Folder):
    def check(self, options, delays, given, times):
        path = self.design(*options.split())
        at = ("--at", ",".join(map(str, times)))
        wanted = command("validate", path, *delays, *at, "--trials", "20000", "--seed", "4")
        found = analysis.validate(path, analysis.Delay(**given), times=times, trials=20000, seed=4, decode_trials=2000)
        for check, of in zip(found.checks, wanted["tests"]):
            self.assertEqual((check.quantity, check.holds), (of["quantity"], of["holds"]))
            self.same([check.analyzed_lower, check.analyzed_upper, check.simulated, check.z, check.p],
                      [of[key] for key in ("analyzed_lower", "analyzed_upper", "simulated", "z", "z_or_p")],
                      check.quantity)
        self.assertEqual(len(found.checks), len(wanted["tests"]))
        for member in ("detects_mean", "detects_probability", "mean_untested", "deviation_untested"):
            self.same(getattr(found, member), wanted[member], member)
        self.assertEqual(found.status, {True: "agrees", False: "disagrees", None: "cannot tell"}[wanted["agrees"]])
        self.assertEqual(found.decoded.decodes, wanted["decode"]["decodes"])

    def test_they_are_the_commands(self):
        self.check("--workers 6 --replication 3", ("--delay", "exp:1"), {"law": "exp:1"}, [0.5, 1, 2])
        self.check("--workers 6 --replication 2", ("--delay", "pareto:1,1.2", "--fail-prob", "0.01"),
                   {"law": "pareto:1,1.2", "fail_prob": 0.01}, [2])

    def test_a_wrong_false_alarm_is_refused(self):
        with self.assertRaises(testudo.ArgumentError):
            analysis.validate(analysis.make_design(workers=4, replication=2), "exp:1", trials=100, false_alarm=0.0)


class Fits(Folder):
    def check(self, trace, *options, **reading):
        wanted = command("fit", trace, *options)
        found = analysis.fit(trace, reading=reading or None)
        for member in ("samples", "censored", "workers", "iterations", "phases", "mean", "stddev", "structure",
                       "structure_why", "icc", "icc_low", "icc_high", "collective", "memory", "memory_error",
                       "slow_found", "startup", "per_chunk", "fitted_to", "fitted", "largest_mean",
                       "worker_variance_share", "iteration_variance_share"):
            self.same(getattr(found, member), wanted[member], member)
        self.assertEqual(len(found.models), len(wanted["models"]))
        for model, of in zip(found.models, wanted["models"]):
            for member in ("law", "parameters", "log_likelihood", "aic", "bic", "ks", "ks_p", "ad", "ad_p",
                           "refuted", "tail_index"):
                self.same(getattr(model, member), of[member], member)
            self.same(model.numbers, of["numbers"])
            self.same(model.standard_errors, of["standard_errors"])
        for name in ("variance", "log_variance"):
            for member, value in wanted[name].items():
                self.same(getattr(getattr(found, name), member), value, member)
        self.assertEqual([worker.name for worker in found.persistent],
                         [worker["worker"] for worker in wanted["persistent"]])
        for worker, of in zip(found.worker_list, wanted["worker_list"]):
            self.same([worker.factor, worker.low, worker.high, worker.rate],
                      [of[key] for key in ("factor", "low", "high", "rate")])
        self.assertEqual(found.kind, wanted["recommended"]["kind"])
        return found, wanted

    def recommended(self, trace, found, workers):
        """The recommended model, by Python and by the file that the command writes, on the same design."""
        subprocess.run([PROGRAM, "fit", trace, "-o", self.path("delay.json")], check=True, capture_output=True)
        design = analysis.make_design(workers=workers, replication=2)
        mine = analysis.simulate(design, found.recommended, trials=500)
        theirs = analysis.simulate(design, "@" + self.path("delay.json"), trials=500)
        self.assertEqual(mine.completion.tolist(), theirs.completion.tolist())

    def test_laws_structure_and_workers_are_the_commands(self):
        trace = self.trace(workers=6, iterations=50, chunks=3, slow=2)
        found, _ = self.check(trace)
        self.assertEqual((found.structure, [worker.name for worker in found.persistent]), ("additive", ["2"]))
        self.assertEqual(found.rates[0], 1.0)
        self.recommended(trace, found, 6)

    def test_every_kind_of_recommended_model(self):
        drawn = random.Random(8)
        kinds = set()
        with open(self.path("lumps.csv"), "w", encoding="utf-8") as stream:
            stream.write("worker,iteration,seconds\n")
            for k in range(300):
                for j in range(4):
                    stream.write(f"{j},{k},{drawn.choice([0.1, 0.1, 0.1, 0.5, 2.0]) + drawn.random() * 1e-3!r}\n")
        with open(self.path("waves.csv"), "w", encoding="utf-8") as stream:
            stream.write("worker,iteration,seconds\n")
            for k in range(300):
                for j in range(4):
                    wave = 1.0 + 0.9 * math.sin(k / 7.0)
                    stream.write(f"{j},{k},{wave * drawn.choice([0.1, 0.1, 0.9])!r}\n")
        for trace in (self.path("lumps.csv"), self.path("waves.csv"), self.trace()):
            with self.subTest(trace=trace):
                found, _ = self.check(trace)
                kinds.add(found.kind)
                self.recommended(trace, found, found.workers)
        self.assertGreaterEqual(len(kinds), 2, kinds)

    def test_how_a_trace_is_read(self):
        with open(self.path("odd.csv"), "w", encoding="utf-8") as stream:
            stream.write("who;step;phase;took\n")
            drawn = random.Random(3)
            for k in range(40):
                for j in range(3):
                    for phase in ("forward", "backward"):
                        stream.write(f"{j};{k};{phase};{drawn.gammavariate(3, 10):.4f}\n".replace(".", ","))
        found, wanted = self.check(self.path("odd.csv"), "--separator", "semicolon", "--decimal-comma", "--unit", "ms",
                                   "--column", "worker=who", "--column", "seconds=took", "--sum", "phase",
                                   separator=";", decimal_comma=True, time_unit="ms",
                                   column={"worker": "who", "seconds": "took"}, sum="phase")
        self.assertEqual(found.phases, 120)
        self.assertEqual(found.columns_taken, wanted["columns"])

    def test_refusals(self):
        for reading in ({"colour": "red"}, {"separator": "x"}, {"time_unit": "hour"}, {"column": {"colour": "a"}}):
            with self.subTest(reading=reading), self.assertRaises(testudo.ArgumentError):
                analysis.fit(self.trace(), reading=reading)
        with self.assertRaises(testudo.ArgumentError):
            analysis.fit(7)
        with self.assertRaises(testudo.Error):
            analysis.fit(self.path("none.csv"))
        with open(self.path("bad.csv"), "w", encoding="utf-8") as stream:
            stream.write("worker,iteration,seconds\n0,0,1\n1,0,fast\n")
        with self.assertRaises(testudo.InputError) as raised:
            analysis.fit(self.path("bad.csv"))
        self.assertIn("line 3", str(raised.exception))


class Advices(Folder):
    def check(self, found, wanted):
        self.assertEqual((found.verdict, found.because, found.drawn),
                         (wanted["verdict"], wanted["because"], wanted["drawn_iterations"]))
        self.assertEqual([remedy.kind for remedy in found.remedies], [of["remedy"] for of in wanted["remedies"]])
        for remedy, of in zip(found.remedies, wanted["remedies"]):
            for times, their in ((remedy.predicted, of["predicted"]), (remedy.replayed, of["replayed"])):
                their["high_quantile"] = their.pop("quantile")
                for member, value in their.items():
                    self.same(getattr(times, member), value, f"{remedy.name} {member}")
            for member in ("name", "exact_gradient", "granularity", "change", "dropped"):
                self.assertEqual(getattr(remedy, member) or None, of[member] or None)
            for member in ("load", "copies", "computed", "messages", "floats", "memory"):
                self.same(getattr(remedy, member), of[member], f"{remedy.name} {member}")
            self.assertEqual(remedy.design is None, of["design"] is None)
        self.assertIs(found.recommended, found.remedies[wanted["recommended"]])
        self.assertIs(found.best_code, found.remedies[wanted["best_code"]])
        for member, value in wanted["cost"].items():
            self.same(getattr(found.cost, member), value, member)
        for member in ("now", "more_copies", "finer", "cheaper_start"):
            self.same(getattr(found, member), wanted[member], member)

    def test_of_a_trace(self):
        trace = self.trace(workers=4, iterations=60, slow=1)
        found = analysis.advise(trace, quick=True, overhead=0.001)
        self.check(found, command("advise", trace, "--quick", "--overhead", "0.001"))
        self.assertEqual((found.status, found.iterations, found.fit.workers), ("replayed", 60, 4))
        design = found.recommended.design
        del found  # the design keeps what it is lent from
        self.assertEqual(design.workers, 4)
        self.assertEqual(len(design.orders), 4)

    def test_of_a_model(self):
        found = analysis.advise(delay="exp:1", workers=4, quick=True, max_load=2, objective="quantile:0.9")
        self.check(found, command("advise", "--delay", "exp:1", "--workers", "4", "--quick", "--max-load", "2",
                                  "--objective", "quantile:0.9"))
        self.assertEqual((found.status, found.fit, found.iterations), ("simulated", None, 0))

    def test_refusals(self):
        for given in ({}, {"delay": "exp:1"}, {"trace": "t.csv", "workers": 3}, {"trace": "t.csv", "delay": "exp:1"},
                      {"delay": "exp:1", "workers": 4, "objective": "speed"},
                      {"delay": "exp:1", "workers": 4, "objective": "quantile:2"},
                      {"delay": "exp:1", "workers": 4, "memory": 8.0}, {"delay": "exp:1", "workers": 4, "signal": 1.0},
                      {"delay": "exp:1", "workers": 4, "granularity": 65}):
            with self.subTest(given=given), self.assertRaises(testudo.ArgumentError):
                analysis.advise(**given)


class Searches(Folder):
    def check(self, found, path, *options):
        wanted = command("optimize", *([path] if path else []), *options, "-o", self.path("better.json"))
        for member in ("before", "after", "bound"):
            self.same(getattr(found, member), wanted[member], member)
        self.assertEqual(found.status, wanted["status"])
        self.assertEqual(found.design.orders, analysis.Design(self.path("better.json")).orders)
        found.design.write(self.path("mine.json"))
        self.assertTrue(command("check", self.path("mine.json"))["valid"])
        self.assertEqual(*(loaded(self.path(name))["claims"] for name in ("mine.json", "better.json")))

    def test_orders(self):
        path = self.design("--assignment", "regular", "--workers", "9", "--replication", "3", "--order", "random")
        self.check(analysis.optimize(path), path)
        self.check(analysis.optimize(path, method="milp"), path, "--method", "milp")
        path = self.design("--assignment", "frc", "--workers", "6", "--replication", "3")
        self.check(analysis.optimize(path, "exp:1"), path, "--delay", "exp:1")
        self.check(analysis.optimize(path, "exp:1", objective="quantile:0.9", method="exhaustive"), path, "--delay",
                   "exp:1", "--objective", "quantile:0.9", "--method", "exhaustive")

    def test_loads_and_racks(self):
        racks = [0, 0, 1, 1, 2, 2, 3, 3]
        found = analysis.optimize(delay="exp:1", workers=8, granularity=2, max_load=3, mean_load=2, apart=racks,
                                  effort=0.02, tries=1, trials=1000)
        orders = found.design.orders
        self.assertTrue(all(len(order) <= 6 for order in orders))
        self.assertTrue(sum(len(order) for order in orders) <= 32)
        for first in range(0, 8, 2):
            self.assertFalse(set(orders[first]) & set(orders[first + 1]))

    def test_families(self):
        found = analysis.optimize(delay="exp:1", workers=6, replication=2, tries=5, trials=20000)
        self.check(found, None, "--delay", "exp:1", "--workers", "6", "--replication", "2", "--tries", "5", "--trials",
                   "20000")
        self.assertGreater(len(found.tried), 1)

    def test_refusals(self):
        design = analysis.make_design(workers=4, replication=2)
        for given in ({}, {"design": design, "workers": 4}, {"workers": 4}, {"design": design, "objective": "mean"},
                      {"design": design, "delay": "exp:1", "objective": "qmax"},
                      {"design": design, "method": "luck"}, {"design": design, "reassign": True},
                      {"workers": 4, "delay": "exp:1"}, {"design": design, "delay": "exp:1", "method": "milp"}):
            with self.subTest(given=given), self.assertRaises(testudo.ArgumentError):
                analysis.optimize(**given)


if __name__ == "__main__":
    unittest.main()
