#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""random-cases.py SEED COUNT - conformance cases about values, expectations by Python itself.

The values of templates follow Python's rules for plain data: text of numbers, format specifications,
`%`, slices, arithmetic, comparison. So Python can say what random expressions give. Known
differences are worked in (`escape`, `leave_out`).
"""
import json
import math
import random
import sys

INTS = [0, 1, -1, 2, 7, -7, 10, 255, 1000, -12345, 1234567, 2**31, -(2**31), 2**53, 2**63 - 1,
        -(2**63), 2**64, 10**20, -(10**25), 3**50]
FLOATS = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 1.0, 100.0, 1234.5678, -0.001, 1e16, 1e15, 1e22,
          1e23, 5e-5, 0.0001, 1 / 3, 2 / 3, 99.995, 0.045, 1e-10]
TEXTS = ["", "a", "abc", "héllo", "日本", "a b", "<x>", "it's", "x" * 15]
MIXED = [None, True, False, 0, 1, 1.0, 2, -1, 2**64, float(2**64), "a", "", "1", [], [1], [1, 2], [1.0],
         ["a"], {}, {"a": 1}, {"a": 1.0}, 2**53 + 1, float(2**53)]
chance, choice, number = random.random, random.choice, random.randint


def escape(value):
    """As output is escaped: NUL is removed."""
    text = str(value).replace("\0", "")
    for sign, entity in ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"):
        text = text.replace(sign, entity)
    return text


def an_int():
    return choice(INTS + [number(-1000, 1000)])


def a_float():
    if chance() < 0.3:
        return choice(FLOATS)
    return choice([random.uniform(-10, 10), random.uniform(-1e6, 1e6), round(random.uniform(-100, 100), 2),
                   chance() * 10 ** number(-8, 18)])


def a_scalar():
    return choice([an_int, a_float, lambda: choice(TEXTS), lambda: choice([True, False])])()


def a_spec(kind):
    """A format specification, possibly one that is refused."""
    spec = ""
    if chance() < 0.4:
        spec += choice(["", "*", "0", " ", "x", "_", "é"]) + choice("<>^" if kind == "s" else "<>^=")
    if kind != "s":
        spec += "".join(part for part in (choice("+- "), "z" if kind == "f" else "", "#", "0") if chance() < 0.2)
    if chance() < 0.6:
        spec += str(number(1, 20))
    if kind != "s" and chance() < 0.25:
        spec += choice(",_")
    if kind != "i" and chance() < 0.6:
        spec += "." + str(number(0, 12))
    return spec + choice({"i": " dxXobnceEfgG%", "f": " eEfFgG%n", "s": " s"}[kind]).strip()


def formatted():
    kind = choice("iffs")
    value = {"i": an_int, "f": a_float, "s": lambda: choice(TEXTS)}[kind]()
    return "'{:" + a_spec(kind) + "}'.format(v)", {"v": value}


def percent():
    form = "%" + "".join(flag for flag in "-+ #0" if chance() < 0.2)
    form += str(number(0, 15)) if chance() < 0.5 else ""
    form += "." + str(number(0, 9)) if chance() < 0.4 else ""
    return "'[" + form + choice("dixXoeEfFgGcrsa") + "]' % (v,)", {"v": a_scalar()}


def sliced():
    value = choice(TEXTS + ["abcdefghij"]) if chance() < 0.5 else list(range(number(0, 10)))
    bounds = [choice(["", -20, -11, -5, -2, -1, 0, 1, 2, 5, 9, 10, 20]) for _ in range(2)]
    step = choice(["", ":", ":-7", ":-3", ":-1", ":1", ":2", ":50"])
    return f"v[{bounds[0]}:{bounds[1]}{step}]", {"v": value}


def arithmetic():
    a, b = (choice([an_int(), number(-50, 50), a_float()]) for _ in range(2))
    operator = choice(["+", "-", "*", "/", "//", "%", "**"])
    if operator == "**":
        a, b = choice([number(-9, 9), a_float()]), choice([number(-5, 60), 0.5, 2.0, -1.5])
    return f"a {operator} b", {"a": a, "b": b}


def compared():
    operator = choice(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
    return f"a {operator} b", {"a": choice(MIXED), "b": choice(MIXED)}


def nested(depth=3):
    if depth == 0 or chance() < 0.5:
        return choice([a_scalar(), a_scalar(), None])
    if chance() < 0.5:
        return [nested(depth - 1) for _ in range(number(0, 3))]
    return {choice(["a", "b", "é", "q'", '"', "\n"]): nested(depth - 1) for _ in range(number(0, 3))}


def shown():
    return "v", {"v": [nested()]}


def lists():
    a, b = ([number(-3, 3) for _ in range(number(0, most))] for most in (5, 3))
    return choice(["a + b", "a * n", "a < b", "a == b", "a in [a, b]", "n in a"]), {"a": a, "b": b, "n": number(-1, 3)}


def leave_out(value):
    return isinstance(value, complex) or len(escape(value)) > 5000


def main():
    random.seed(int(sys.argv[1]))
    kinds = [formatted, formatted, percent, percent, sliced, arithmetic, arithmetic, compared, shown, lists]
    for index in range(int(sys.argv[2])):
        expression, context = choice(kinds)()
        try:
            value = eval(expression, {}, dict(context))  # our own expression
            if leave_out(value):
                continue
            expect = {"output": escape(value)}
        except (ArithmeticError, IndexError, TypeError, ValueError):
            expect = {"error": {"type": None, "code": None, "line": None}}
        if any(isinstance(v, float) and not math.isfinite(v) for v in context.values()):
            continue
        print(json.dumps({"id": f"random/{sys.argv[1]}/{index}", "templates": {"main": "{{ " + expression + " }}"},
                          "entry": "main", "context": context, "expect": expect}))


main()
