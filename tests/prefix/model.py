# SPDX-License-Identifier: Apache-2.0
"""A folder as it should be after step n of a known sequence of steps.

A step is one system call that changes something, drawn from a seed and from the state before it: whoever has the seed can
play the same steps, on a real folder (Folder) or in memory (Model). So a copy can be asked: after which n did it look like
this? `explain` finds every n that fits; a copy that keeps the prefix promise has exactly one.
"""
import copy
import ctypes
import mmap
import os
import random
import struct

LIMIT = 1 << 17  # bytes in a file
PAGE = 4096
KEEP_SIZE, PUNCH, ZERO = 1, 2, 16
ACL_NAMES = ("system.posix_acl_access",)
libc = ctypes.CDLL(None, use_errno=True)


class File:
    """Contents and attributes; names are the model's."""

    def __init__(self):
        self.data, self.mode, self.xattrs = bytearray(), 0o644, {}


def acl_of(mode, user):
    """A small access ACL (linux/posix_acl_xattr.h): owner, one named user, group, mask, others."""
    bits = [mode >> 6 & 7, 4, mode >> 3 & 7, 7, mode & 7]
    entries = zip((1, 2, 4, 16, 32), bits, (-1, user, -1, -1, -1))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *e) for e in entries)


class Model:
    """Names and files; play() does a step, and says which files it touched."""

    def __init__(self):
        self.names, self.files, self.next = {}, {}, 1

    def play(self, step):
        kind, *args = step
        return getattr(self, "do_" + kind)(*args)

    def drop(self, name):
        number = self.names.pop(name)
        if number not in self.names.values():
            del self.files[number]

    def do_create(self, name):
        self.names[name], self.files[self.next] = self.next, File()
        self.next += 1

    def do_write(self, name, offset, data, _how):
        old = self.files[self.names[name]].data
        if offset > len(old):
            old.extend(bytes(offset - len(old)))
        old[offset:offset + len(data)] = data

    def do_append(self, name, data):
        self.files[self.names[name]].data += data

    def do_truncate(self, name, size):
        old = self.files[self.names[name]].data
        if size < len(old):
            del old[size:]
        else:
            old.extend(bytes(size - len(old)))

    def do_fallocate(self, name, mode, offset, length):
        old = self.files[self.names[name]].data
        if mode & (PUNCH | ZERO):
            end = min(offset + length, len(old))
            if end > offset:
                old[offset:end] = bytes(end - offset)
        if not mode & KEEP_SIZE and offset + length > len(old):
            old.extend(bytes(offset + length - len(old)))

    def do_rename(self, old, new):
        if new in self.names:
            self.drop(new)
        self.names[new] = self.names.pop(old)

    def do_link(self, old, new):
        self.names[new] = self.names[old]

    def do_unlink(self, name):
        self.drop(name)

    def do_chmod(self, name, mode):
        self.files[self.names[name]].mode = mode

    def do_setxattr(self, name, key, value):
        f = self.files[self.names[name]]
        f.xattrs[key] = value
        if key in ACL_NAMES:
            f.mode = f.mode & ~0o070 | 0o070  # the mask is what the group bits show

    def do_removexattr(self, name, key):
        del self.files[self.names[name]].xattrs[key]


class Folder:
    """The same steps as system calls on a real folder."""

    def __init__(self, path):
        self.path = path
        self.buffer = mmap.mmap(-1, LIMIT + PAGE)  # page-aligned, for direct I/O
        self.orphan = None

    def at(self, name):
        return os.path.join(self.path, name)

    def play(self, step):
        kind, *args = step
        getattr(self, "do_" + kind)(*args)

    def with_file(self, name, flags, act):
        fd = os.open(self.at(name), flags | os.O_CLOEXEC, 0o644)
        try:
            return act(fd)
        finally:
            os.close(fd)

    def do_create(self, name):
        self.with_file(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, lambda fd: None)

    def do_write(self, name, offset, data, how):
        def plain(fd):
            assert os.pwrite(fd, data, offset) == len(data)

        def mapped(fd):
            first = offset - offset % PAGE
            with mmap.mmap(fd, offset - first + len(data), offset=first) as m:
                m[offset - first:offset - first + len(data)] = data
                m.flush()

        def direct(fd):
            self.buffer[:len(data)] = data
            with memoryview(self.buffer)[:len(data)] as view:
                assert os.pwritev(fd, [view], offset) == len(data)

        if how == "direct":
            self.with_file(name, os.O_RDWR | os.O_DIRECT, direct)
        else:
            self.with_file(name, os.O_RDWR, mapped if how == "mmap" else plain)

    def do_append(self, name, data):
        self.with_file(name, os.O_WRONLY | os.O_APPEND, lambda fd: os.write(fd, data))

    def do_truncate(self, name, size):
        os.truncate(self.at(name), size)

    def do_fallocate(self, name, mode, offset, length):
        def act(fd):
            if libc.fallocate(fd, mode, ctypes.c_long(offset), ctypes.c_long(length)):
                raise OSError(ctypes.get_errno(), "fallocate")

        self.with_file(name, os.O_RDWR, act)

    def do_rename(self, old, new):
        os.rename(self.at(old), self.at(new))

    def do_link(self, old, new):
        os.link(self.at(old), self.at(new))

    def do_unlink(self, name):
        # Held open and written to after it lost its last name: nobody else can see that, so no step counts it.
        fd = os.open(self.at(name), os.O_RDWR | os.O_CLOEXEC)
        os.unlink(self.at(name))
        if os.fstat(fd).st_nlink:
            os.close(fd)
            return
        if self.orphan is not None:
            os.pwrite(self.orphan, b"still here", 0)
            os.close(self.orphan)
        self.orphan = fd
        os.pwrite(fd, b"nobody sees this", 0)

    def do_chmod(self, name, mode):
        os.chmod(self.at(name), mode)

    def do_setxattr(self, name, key, value):
        os.setxattr(self.at(name), key, value)

    def do_removexattr(self, name, key):
        os.removexattr(self.at(name), key)


class Steps:
    """Draws step after step from a seed and from the state that the steps so far have made."""

    def __init__(self, seed, files, kinds, prefix=""):
        self.random, self.model, self.files, self.kinds, self.prefix = random.Random(seed), Model(), files, kinds, prefix
        self.number = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.number += 1
        while True:
            kind = self.random.choice(self.kinds) if self.model.names else "create"
            step = getattr(self, "draw_" + kind)()
            if step:
                self.model.play(step)
                return step

    def some(self):
        return self.random.choice(sorted(self.model.names))

    def free(self):
        free = [n for n in (f"{self.prefix}f{i:02}" for i in range(self.files)) if n not in self.model.names]
        return self.random.choice(free) if free else None

    def size(self, name):
        return len(self.model.files[self.model.names[name]].data)

    def bytes(self, length):
        """The number of the step over and over: each step's bytes are its own."""
        mark = b"%011d\n" % self.number
        return (mark * (length // len(mark) + 1))[:max(length, len(mark))]

    def draw_create(self):
        name = self.free()
        return ("create", name) if name else None

    def draw_append(self):
        name = self.some()
        data = self.bytes(self.random.choice((12, 100, 4096, 9000)))
        return ("append", name, data) if self.size(name) + len(data) <= LIMIT else self.draw_truncate()

    def draw_overwrite(self):
        name = self.some()
        size = self.size(name)
        data = self.bytes(self.random.choice((12, 500, 8192)))
        return ("write", name, self.random.randrange(size - len(data) + 1), data, "plain") if size >= len(data) else None

    def draw_hole(self):
        name = self.some()
        data = self.bytes(self.random.choice((12, 5000)))
        return ("write", name, self.random.randrange(LIMIT - len(data)), data, "plain")

    def draw_mmap(self):
        name = self.some()
        pages = self.size(name) // PAGE  # one whole page at most: what is mapped counts in pages
        return ("write", name, self.random.randrange(pages) * PAGE + 100, self.bytes(200), "mmap") if pages else None

    def draw_direct(self):
        name = self.some()
        offset = self.random.randrange(LIMIT // PAGE - 4) * PAGE
        return ("write", name, offset, self.bytes(4 * PAGE)[:self.random.choice((1, 4)) * PAGE], "direct")

    def draw_truncate(self):
        name = self.some()
        size = self.random.randrange(LIMIT)
        return ("truncate", name, size) if size != self.size(name) else None

    def draw_fallocate(self):
        name = self.some()
        mode = self.random.choice((0, PUNCH | KEEP_SIZE, ZERO, ZERO | KEEP_SIZE))
        offset, length = self.random.randrange(LIMIT // 2), self.random.randrange(1, LIMIT // 2)
        old = bytes(self.model.files[self.model.names[name]].data)
        trial = Model()
        trial.names, trial.files = {name: 1}, {1: File()}
        trial.files[1].data = bytearray(old)
        step = ("fallocate", name, mode, offset, length)
        trial.play(step)
        return step if trial.files[1].data != old else None  # a step must be seen

    def draw_rename(self):
        old = self.some()
        new = self.free() if self.random.random() < 0.6 else self.some()
        if not new or self.model.names.get(new) == self.model.names[old]:
            return None
        return "rename", old, new

    def draw_link(self):
        new = self.free()
        return ("link", self.some(), new) if new else None

    def draw_unlink(self):
        return ("unlink", self.some()) if len(self.model.names) > self.files // 2 else None

    def draw_chmod(self):
        name = self.some()
        f = self.model.files[self.model.names[name]]
        mode = self.random.choice((0o600, 0o640, 0o644, 0o755, 0o4755))
        return ("chmod", name, mode) if mode != f.mode and not set(ACL_NAMES) & set(f.xattrs) else None

    def draw_setxattr(self):
        return "setxattr", self.some(), "user.k%d" % self.random.randrange(3), self.bytes(12)

    def draw_acl(self):
        name = self.some()
        f = self.model.files[self.model.names[name]]
        if ACL_NAMES[0] in f.xattrs or f.mode & 0o7000:
            return None
        return "setxattr", name, ACL_NAMES[0], acl_of(f.mode, 1000 + self.number)

    def draw_removexattr(self):
        name = self.some()
        keys = sorted(k for k in self.model.files[self.model.names[name]].xattrs if k.startswith("user."))
        return ("removexattr", name, self.random.choice(keys)) if keys else None


RECORDS = ["append"] * 8 + ["overwrite"] * 4 + ["rename", "truncate", "create", "create"]
EVERYTHING = ["append", "append", "overwrite", "overwrite", "hole", "mmap", "direct", "truncate", "fallocate", "fallocate",
              "rename", "link", "unlink", "chmod", "setxattr", "acl", "removexattr", "create", "create"]


class Seen:
    """A copy of a folder as it is on disk: name -> (which file, contents, mode, attributes)."""

    def __init__(self, path, prefix=""):
        self.entries = {}
        for name in os.listdir(path):
            if name.startswith(prefix):
                self.entries[name] = self.read(os.path.join(path, name))

    @staticmethod
    def read(path):
        with open(path, "rb") as f:
            st = os.fstat(f.fileno())
            xattrs = {k: os.getxattr(path, k) for k in os.listxattr(path)}
            return st.st_ino, f.read(), st.st_mode & 0o7777, xattrs


def differs(model, seen, name):
    number, entry = model.names.get(name), seen.entries.get(name)
    if number is None or entry is None:
        return (number is None) != (entry is None)
    f, (inode, data, mode, xattrs) = model.files[number], entry
    if data != f.data or mode != f.mode or xattrs != f.xattrs:
        return True
    # Link structure: the same names share a file here and there.
    return any((other == number) != (name2 in seen.entries and seen.entries[name2][0] == inode)
               for name2, other in model.names.items())


def difference(model, seen, name):
    """In words."""
    number, entry = model.names.get(name), seen.entries.get(name)
    if number is None or entry is None:
        return f"{name} is {'missing' if entry is None else 'there and should not be'}"
    f, (_, data, mode, xattrs) = model.files[number], entry
    if data != f.data:
        at = next((i for i, (a, b) in enumerate(zip(data, f.data)) if a != b), min(len(data), len(f.data)))
        return (f"{name} has {len(data)} bytes, should have {len(f.data)}; first difference at {at}: "
                f"{data[at:at + 12]!r} instead of {bytes(f.data[at:at + 12])!r}")
    return f"{name}: mode {mode:o} should be {f.mode:o}; attributes {sorted(xattrs)} should be {sorted(f.xattrs)}; or links"


def is_torn(step, before, model, seen, wrong):
    """The copy has the first pages of this write, and not the rest. Linux itself sends a buffered write that begins inside
    a page which is not cached in two requests (fs/fuse/file.c, fuse_fill_write_pages), and a power cut may part them."""
    kind, name, *rest = step
    number, old = before
    if kind != "write" or rest[2] != "plain" or model.names.get(name) != number:
        return False
    offset, data = rest[:2]
    for end in range(offset - offset % PAGE + PAGE, offset + len(data), PAGE):
        part = old[:offset].ljust(offset, b"\0") + data[:end - offset]
        if all(seen.entries.get(n, (0, b""))[1] == part + old[len(part):] for n in wrong):
            return True
    return False


class Explanation:
    """Steps from the start, or from the last n that was found, to every n up to `last` that fits a copy."""

    def __init__(self, seed, files, kinds, prefix=""):
        self.steps, self.prefix = Steps(seed, files, kinds, prefix), prefix

    def explain(self, path, last):
        """(n of every prefix up to `last` that fits, what is wrong with the nearest one). Several n fit only where steps in
        between undo each other (a mode set and set back): then they are the same folder."""
        seen, fits = Seen(path, self.prefix), []
        model = self.steps.model
        wrong = {n for n in set(model.names) | set(seen.entries) if differs(model, seen, n)}
        best, keep = (len(wrong) + 1, 0, ""), None
        while True:
            if not wrong:
                fits.append(self.steps.number)
                keep = keep or copy.deepcopy(self.steps)  # the first: two steps may undo each other
            if 0 < len(wrong) < best[0]:
                best = (len(wrong), self.steps.number, difference(model, seen, min(wrong)))
            if self.steps.number >= last:
                break
            before = self.contents(wrong)
            at = copy.deepcopy(self.steps) if before is not None else None
            step = next(self.steps)
            if before is not None and is_torn(step, before, model, seen, wrong):
                fits.append(at.number)
                keep = keep or at
            files = {model.names.get(a) for a in step[1:3] if isinstance(a, str)}
            touched = {a for a in step[1:3] if isinstance(a, str)} | {n for n, f in model.names.items() if f in files}
            touched |= wrong
            wrong = {n for n in touched if differs(model, seen, n)}
        if keep is not None:
            self.steps = keep
        return fits, f"nearest is {best[1]}, where {best[0]} names differ: {best[2]}"

    def contents(self, wrong):
        """Of the one file that differs; None if none or several do."""
        numbers = {self.steps.model.names.get(name) for name in wrong}
        number = numbers.pop() if len(numbers) == 1 else None
        return None if number is None else (number, bytes(self.steps.model.files[number].data))
