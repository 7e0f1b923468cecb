# SPDX-License-Identifier: Apache-2.0
"""Rules for C: layers, form, size, what may be called."""
import re
import subprocess

from rules import FUNCTION_MAX, LICENCE, rule

HEAD = f"/* {LICENCE} */\n"
FREESTANDING = {f"{name}.h" for name in
                "stdint stddef stdbool stdarg stdatomic limits inttypes string stdio".split()}
LIBRARIES = re.compile(r"(apr_|apu|openssl/|lz4|expat|xxhash|jansson|CUnit/|blkid/|event2?/|libxml|curl/|xlsxwriter|fuse)")
# docs/developers/layers.md in the words of a program: folder -> (files of ours, libraries) that it may include. The
# first entry that fits a file counts.
LAYERS = [
    ("core/", r"core/", r"$^"),
    ("base/", r"(core|base)/", r"$^"),
    ("net/", r"(core|net)/", r"apr_|apu|openssl/|lz4|expat"),
    ("platform/fake/", r"(core|platform)/", r"$^"),
    ("platform/linux/", r"core/|platform/([a-z_]+\.h|linux/)", r"xxhash|blkid/"),
    ("platform/windows/", r"core/|platform/([a-z_]+\.h|windows/)", r"$^"),
    ("platform/kylin/", r"core/|platform/([a-z_]+\.h|linux/|kylin/)", r"$^"),
    ("platform/", r"core/", r"$^"),
    ("agent/", r"(core|base|net|agent)/|platform/[a-z_]+\.h", r"apr_|apu|xxhash|jansson|curl/"),
    ("console/export/", r"(core|console)/", r"jansson|xlsxwriter"),
    ("console/", r"(core|base|net|console)/", r"apr_|apu|openssl/|jansson|event2/"),
    ("ui/", r"(core|net|ui)/", r"apr_|apu|jansson|curl/"),
    ("tests/", r"", r""),
    ("cmake/", r"$^", r"$^"),
]
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
# What has no bound, no thread safety, or no error; and what starts a shell. The tests may: sanitizers watch them.
BANNED = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|system|popen|alloca|rand|srand|random|"
                    r"atoi|atol|atof|mktemp|tmpnam|asctime|ctime|gmtime|localtime|setjmp|longjmp|vfork)\s*\(")
SPEAKS = re.compile(r"(?<![\w.>])(?<!format\()(printf|puts|perror|syslog|fprintf\s*\(\s*stderr)\b")
CORE_MAY_CALL = re.compile(r"(mem|str)\w+$|v?snprintf$|__(asan|ubsan|tsan|stack_chk)_\w+$|__v?snprintf_chk$|"
                           r"__(mem|str)\w+_chk$|_GLOBAL_OFFSET_TABLE_$")


def layer_of(file):
    return next((layer for layer in LAYERS if file.startswith(layer[0])), None)


@rule("core/a.c", HEAD + '#include "net/conn.h"\n')
def layers(tree):
    """Files include only what docs/developers/layers.md allows their folder."""
    for file in tree.c_files():
        layer = layer_of(file)
        if layer is None:
            yield f"{file}: lies in no layer of docs/developers/layers.md"
            continue
        for number, line in tree.lines(file):
            if found := INCLUDE.match(line):
                yield from (f"{file}:{number}: {why}" for why in misplaced(layer, *found.groups()))


def misplaced(layer, quote, name):
    """Why a file of this layer may not include it, if so."""
    folder, ours, libraries = layer
    if quote == '"':
        if not re.match(ours, name):
            yield f'{folder} may not include "{name}"'
    elif LIBRARIES.match(name):
        if not re.match(libraries, name):
            yield f"{folder} may not use <{name}>"
    elif folder == "core/" and name not in FREESTANDING:
        yield f"core/ may not use <{name}>: no system header but {' '.join(sorted(FREESTANDING))}"


@rule("core/a.c", HEAD + "#if 0\n#endif\n")
def no_conditions(tree):
    """No #if outside the guard of a header: the build picks files instead."""
    for file in tree.c_files():
        lines = [(number, line.strip()) for number, line in tree.lines(file)
                 if re.match(r"\s*#\s*(if|ifdef|ifndef|elif|else)\b", line)]
        if file.endswith(".h"):
            name = file.rsplit("/", 1)[1].replace(".", "_").upper()
            guard = re.compile(r"#ifndef DR_(\w+_)?" + re.escape(name) + "$")
            if not lines or not guard.match(lines[0][1]):
                yield f"{file}: no guard \"#ifndef DR_..._{name}\" as its first condition"
            lines = lines[1:]
        yield from (f"{file}:{number}: {line}" for number, line in lines)


@rule("core/a.c", HEAD + "void f(char *a) { strcpy(a, a); }\n")
def banned_calls(tree):
    """No call without a bound, without an error, or of a shell."""
    for file in tree.c_files():
        if file.startswith("tests/"):
            continue
        for number, line in enumerate(tree.code(file).split("\n"), 1):
            if found := BANNED.search(line):
                yield f"{file}:{number}: {found.group(1)}() is banned"


@rule("net/a.c", HEAD + 'void f(void) { fprintf(stderr, "x"); }\n')
def silent_libraries(tree):
    """core, net and platform give errors back; programs speak."""
    for file in tree.c_files():
        if not file.startswith(("core/", "base/", "net/", "platform/")):
            continue
        for number, line in enumerate(tree.code(file).split("\n"), 1):
            if found := SPEAKS.search(line):
                yield f"{file}:{number}: a library calls {found.group(1)}"


@rule("core/a.c", HEAD + "int f(void)\n{\n" + "    ;\n" * FUNCTION_MAX + "}\n")
def function_size(tree):
    """No function is longer than fits on two screens (clang-format puts its braces in the first column)."""
    for file in tree.c_files():
        begin = None
        for number, line in tree.lines(file):
            if line.startswith("{"):
                begin = number
            elif line.startswith("}") and begin is not None:
                if number - begin - 1 >= FUNCTION_MAX:
                    yield f"{file}:{begin}: {number - begin - 1} lines in one function, fewer than {FUNCTION_MAX} are allowed"
                begin = None


@rule("core/a.c", HEAD + "int   a ;\n")
def form(tree):
    """clang-format finds nothing to change."""
    files = [tree.path(file) for file in tree.c_files()]
    if not files:
        return
    done = subprocess.run(["clang-format", "--dry-run", "--Werror", "--ferror-limit=1"] + files, capture_output=True,
                          text=True, check=False)
    for line in done.stderr.splitlines():
        if " error: " in line:
            yield line.replace(tree.root + "/", "").split(" [-W")[0]


def undefined(library):
    """Symbols that a static library needs and does not define itself."""
    listed = subprocess.run(["nm", library], capture_output=True, text=True, check=True).stdout
    symbols = [line.split()[-2:] for line in listed.splitlines() if len(line.split()) >= 2]
    defined = {name for kind, name in symbols if kind != "U"}
    return {name for kind, name in symbols if kind == "U"} - defined


def not_pure(library):
    return sorted(name for name in undefined(library) if not CORE_MAY_CALL.match(name))
