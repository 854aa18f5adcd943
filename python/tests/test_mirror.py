# SPDX-License-Identifier: GPL-3.0-or-later
"""The structures, enumerations and calls that the package mirrors against the headers: a C program, made from the
headers' own text, prints size, offsets and values; prototypes are compared as they stand. CC names the compiler."""

import ctypes
import glob
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from testudo import _library as runtime
from testudo.analysis import _library as toolkit
from testudo.analysis import _mirror

HEADERS = os.path.join(os.path.dirname(__file__), "..", "..", "include")
COMPILER = shlex.split(os.environ.get("CC") or "cc")

#: C's name of what is mirrored.
STRUCTURES = {"testudo_error": runtime.Sentence, "testudo_request": runtime.RequestFields}
STRUCTURES.update({"testudo" + re.sub(r"([A-Z])", lambda found: "_" + found[1].lower(), name): kind
                   for name, kind in vars(_mirror).items()
                   if isinstance(kind, type) and issubclass(kind, ctypes.Structure) and kind is not ctypes.Structure})

#: The stem of the enumerators, and what they are called.
WORDS = {"testudo_structure": ("STRUCTURE", _mirror.STRUCTURES), "testudo_unit": ("UNIT", _mirror.UNITS),
         "testudo_failure_kind": ("FAILURES", _mirror.FAILURES), "testudo_report": ("REPORT", _mirror.REPORTS),
         "testudo_decoder": ("DECODER", _mirror.DECODERS), "testudo_mean_status": ("MEAN", _mirror.MEANS),
         "testudo_trace_column": ("TRACE", _mirror.COLUMNS), "testudo_trace_unit": ("TRACE_UNIT", _mirror.TIME_UNITS),
         "testudo_fit_kind": ("FIT", _mirror.FITS), "testudo_scheme": ("SCHEME", _mirror.SCHEMES),
         "testudo_objective_kind": ("OBJECTIVE", _mirror.OBJECTIVES), "testudo_answer": ("", _mirror.ANSWERS),
         "testudo_search_method": ("METHOD", _mirror.METHODS), "testudo_family_claims": ("CLAIM", _mirror.CLAIMS)}


def header_text(folder=HEADERS):
    """All headers without their comments."""
    text = ""
    for path in sorted(glob.glob(folder + "/testudo/*.h")):
        with open(path, encoding="utf-8") as stream:
            text += stream.read()
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def members(text, structure):
    """The names of a structure's members, in order."""
    found = re.search(r"typedef struct %s \{(.*?)\n\} %s;" % (structure, structure), text, flags=re.S)
    names = []
    for declaration in filter(None, (part.strip() for part in found[1].split(";"))):
        function = re.search(r"\(\s*\*\s*(\w+)\s*\)", declaration)
        names += [function[1]] if function else [re.search(r"(\w+)\s*(?:\[[^]]*\])?$", of.strip())[1]
                                                 for of in declaration.split(",")]
    return names


def enumerators(text, name):
    body = re.search(r"typedef enum %s \{(.*?)\} %s;" % (name, name), text, flags=re.S)[1]
    return re.findall(r"\b(TESTUDO_\w+)", body)


def layout(text, folder=HEADERS):
    """What the compiler makes of the headers: "structure": size; "structure.member": offset, size; "WORD": value."""
    lines = ["#include <stddef.h>", "#include <stdio.h>", "#include <testudo/testudo.h>", "int main(void)", "{"]
    for name in STRUCTURES:
        lines.append(f'printf("{name} %zu 0\\n", sizeof({name}));')
        lines += [f'printf("{name}.{member} %zu %zu\\n", offsetof({name}, {member}), sizeof((({name} *)0)->{member}));'
                  for member in members(text, name)]
    for name in WORDS:
        lines += [f'printf("{word} %d 0\\n", (int){word});' for word in enumerators(text, name)]
    with tempfile.TemporaryDirectory() as scratch:
        source, program = os.path.join(scratch, "layout.c"), os.path.join(scratch, "layout")
        with open(source, "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines + ["return 0;", "}", ""]))
        subprocess.run([*COMPILER, "-I", folder, source, "-o", program], check=True, capture_output=True)
        printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return {name: (int(first), int(second)) for name, first, second in map(str.split, printed.splitlines())}


def differences(text, found):
    """Where the mirror is not what the compiler says, in words."""
    wrong = []
    for name, kind in STRUCTURES.items():
        if found[name][0] != ctypes.sizeof(kind):
            wrong.append(f"{name}: {found[name][0]} bytes, mirrored {ctypes.sizeof(kind)}")
        mirrored = [member for member, _ in kind._fields_]
        if members(text, name) != mirrored:
            wrong.append(f"{name}: members {members(text, name)}, mirrored {mirrored}")
        for member in mirrored:
            field = getattr(kind, member)
            if found.get(f"{name}.{member}") != (field.offset, field.size):
                wrong.append(f"{name}.{member}: {found.get(f'{name}.{member}')}, mirrored {(field.offset, field.size)}")
    for name, (stem, words) in WORDS.items():
        prefix = "TESTUDO_" + (stem + "_" if stem else "")
        called = [word for word in enumerators(text, name) if word != "TESTUDO_TRACE_COLUMNS"]
        values = {word[len(prefix):].lower().replace("_", "-"): found[word][0] for word in called}
        if values != {word: value for value, word in enumerate(words)}:
            wrong.append(f"{name}: {values}, mirrored {words}")
    return wrong


#: What a C type is called by ctypes; pointers are "pointer", enumerations int.
NUMBERS = {"double": ctypes.c_double, "int32_t": ctypes.c_int32, "int64_t": ctypes.c_int64, "bool": ctypes.c_bool,
           "uint64_t": ctypes.c_uint64, "size_t": ctypes.c_size_t}


def kind_in_c(declaration, text):
    """Of a parameter or a result, its name perhaps behind it."""
    if "*" in declaration:
        return "pointer"
    base = re.sub(r"\bconst\b", "", declaration).split()[0]
    if base == "void":
        return None
    if base in STRUCTURES:
        return STRUCTURES[base]
    return NUMBERS.get(base) or (ctypes.c_int if re.search(r"\} %s;" % base, text) else "pointer")


def kind_in_python(kind):
    if kind in (ctypes.c_void_p, ctypes.c_char_p) or hasattr(kind, "contents"):
        return "pointer"
    return kind


def prototypes(text):
    """{name: (kind of the result, kinds of the parameters)} of every function."""
    found = {}
    for result, name, parameters in re.findall(r"([\w\s*]+?)\b(testudo_\w+)\(([^()]*)\)\s*;", text):
        own = [] if parameters.strip() == "void" else parameters.split(",")
        result = result.strip()  # what stands before it may be a macro's
        found[name] = ("pointer" if result.endswith("*") else kind_in_c(result.split()[-1], text),
                       [kind_in_c(of, text) for of in own])
    return found


def wrong_calls(text):
    wrong, known = [], prototypes(text)
    for name, (answer, takes) in {**runtime.RUNTIME_CALLS, **toolkit._TOOLKIT_CALLS}.items():
        checked = answer == "status"
        mine = (ctypes.c_int if checked else kind_in_python(answer),
                [kind_in_python(of) for of in takes] + (["pointer"] if checked else []))
        if known.get("testudo_" + name) != mine:
            wrong.append(f"testudo_{name}: {known.get('testudo_' + name)}, called as {mine}")
    return wrong


@unittest.skipUnless(os.path.isdir(HEADERS + "/testudo") and shutil.which(COMPILER[0]), "no headers, or no C compiler")
class Mirror(unittest.TestCase):
    def test_every_structure_and_word_is_what_the_headers_say(self):
        text = header_text()
        self.assertEqual(differences(text, layout(text)), [])
        self.assertGreater(len(STRUCTURES), 30)

    def test_every_call_is_declared_so(self):
        text = header_text()
        self.assertEqual(wrong_calls(text), [])
        for old, new in (("double testudo_law_quantile(const testudo_law *law, double p)",
                          "double testudo_law_quantile(const testudo_law *law, float p, int32_t planted)"),
                         ("uint64_t seed, int64_t count, double *x", "int64_t count, uint64_t seed, double *x"),
                         ("int64_t testudo_replay_iterations", "int32_t testudo_replay_iterations")):
            with self.subTest(planted=new):
                self.assertIn(old, text)
                self.assertEqual(len(wrong_calls(text.replace(old, new))), 1)

    def test_a_member_added_in_c_is_seen_even_where_padding_hides_it(self):
        changes = [("delay.h", "  testudo_failure_kind failures;\n",
                    "  testudo_failure_kind failures;\n  int32_t planted;\n"),
                   ("fit.h", "  bool refuted;  ", "  bool refuted, planted;  "),
                   ("exact.h", "  TESTUDO_MEAN_BOUNDED,", "  TESTUDO_MEAN_PLANTED, TESTUDO_MEAN_BOUNDED,"),
                   ("sample.h", "  int32_t threads;          /* 0: all cores. Never changes a number of the result */",
                    "  int64_t threads;")]
        for header, old, new in changes:
            with self.subTest(header=header), tempfile.TemporaryDirectory() as folder:
                shutil.copytree(HEADERS + "/testudo", folder + "/testudo", copy_function=shutil.copyfile)
                path = os.path.join(folder, "testudo", header)
                with open(path, encoding="utf-8") as stream:
                    changed = stream.read()
                self.assertIn(old, changed)
                with open(path, "w", encoding="utf-8") as stream:
                    stream.write(changed.replace(old, new, 1))
                text = header_text(folder)
                self.assertNotEqual(differences(text, layout(text, folder)), [])


if __name__ == "__main__":
    unittest.main()
