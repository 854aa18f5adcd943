# SPDX-License-Identifier: GPL-3.0-or-later
"""validate.py PROGRAM LIST: does every JSON output obey its schema?

A line of LIST is a file and a name. Where the file begins with an object, each line that does is one that
`testudo NAME` printed or wrote, or a design, a delay file or the like, which says so in its member "format"; the lines
behind such a one that have none are of the same file. With "+" before it the name is that of a schema, which every line
obeys; with "!" one that some line does not obey. Prints what is wrong, then how many were looked at.
Needs jsonschema.
"""

import json
import subprocess
import sys

import jsonschema

program = sys.argv[1]
with open(sys.argv[2], encoding="utf-8") as names:
    files = [line.split() for line in names]
validators = {}


def validator(name):
    if name not in validators:
        text = subprocess.run([program, "schema", name], capture_output=True, text=True)
        schema = json.loads(text.stdout) if text.returncode == 0 else None
        kind = None
        if schema is not None:
            kind = jsonschema.validators.validator_for(schema)
            kind.check_schema(schema)
        validators[name] = schema and kind(schema)
    return validators[name]


def strict(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key stands twice")
    return dict(pairs)


def problems(file, name):
    """How many lines were looked at, and the sentences on what is wrong in them."""
    asked = name[0] in "+!"
    name = name.lstrip("+!")
    looked_at, wrong = 0, []
    with open(file, encoding="utf-8", errors="surrogateescape") as stream:
        lines = stream.readlines()
    if not lines or not lines[0].startswith("{"):
        return 0, ["no JSON"] if asked else []
    for line in lines:
        if not line.startswith("{"):
            continue
        try:
            result = json.loads(line, object_pairs_hook=strict)
        except ValueError as problem:
            wrong.append(f"{problem}: {line[:120]}")
            continue
        if "format" in result and not asked:
            name = result["format"].removeprefix("testudo-") + "-file"
        found = validator(name)
        if found is None:
            if asked:
                wrong.append(f"there is no schema {name}")
            continue
        looked_at += 1
        for problem in list(found.iter_errors(result))[:3]:
            wrong.append(f"{name}: {'/'.join(map(str, problem.path))}: {problem.message[:160]}")
    return looked_at, wrong


looked_at = violations = 0
for file, name in files:
    lines, wrong = problems(file, name)
    looked_at += lines
    if name[0] == "!":
        wrong = [] if wrong else [f"obeys the schema {name[1:]}, but must not"]
    for sentence in wrong:
        print(f"{file}: {sentence}")
    violations += len(wrong)
print(f"{looked_at} outputs were held against their schemas, {violations} violations")
sys.exit(violations > 0)
