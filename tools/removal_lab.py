# SPDX-License-Identifier: Apache-2.0
"""What the tests of removal share: trees to remove from, and calls of debar."""

import hashlib
import importlib.machinery
import importlib.util
import json
import base64
import os
import pathlib
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent
LIMIT_S = 300
MAKER, PRODUCT = "AO Kaspersky Lab", "Kaspersky Test Utility"


class Wrong(Exception):
    """What must hold and does not, in words."""


class Missing(Exception):
    """What the test needs and is not here."""


def must(holds, words):
    if not holds:
        raise Wrong(words)


def run(command, **more):
    """Runs it without input; the result has text, whatever bytes there were."""
    more.setdefault("timeout", LIMIT_S)
    return subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, errors="surrogateescape", check=False, **more)


def text(value):
    """A text of a report: plain, or escaped with its bytes beside it."""
    return value.get("text", "") if isinstance(value, dict) else value


class Debar:
    """A debar with folders of its own. One place of caching serves all."""

    def __init__(self, work, program=None):
        self.program = program or os.environ["DEBAR"]
        self.state = work / "state"
        self.cache = pathlib.Path(os.environ.get("CACHE_DIRECTORY") or work / "cache")
        for folder in (self.state, self.cache):
            folder.mkdir(parents=True, exist_ok=True)
        self.env = {**os.environ, "STATE_DIRECTORY": str(self.state), "CACHE_DIRECTORY": str(self.cache)}

    def __call__(self, *words, before=(), env=None, **more):
        done = run([*before, self.program, *words], env={**self.env, **(env or {})}, **more)
        for word in ("Sanitizer", "runtime error:"):
            must(word not in done.stderr, f"a sanitizer spoke: {done.stderr[-2000:]}")
        return done

    def expect(self, status, *words, **more):
        """Calls it; the exit status must be this, or one of these."""
        done = self(*words, **more)
        statuses = status if isinstance(status, tuple) else (status,)
        must(done.returncode in statuses,
             f"debar {' '.join(map(str, words))}: exit status {done.returncode}, expected "
             f"{' or '.join(map(str, statuses))}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
        return done

    def sweep(self, tree, report, status=2):
        self.expect(status, "sweep", "--quiet", "--no-store", "--full", "--format", "json", "-o", report, tree)
        return json.loads(pathlib.Path(report).read_text(encoding="utf-8"))

    def plan(self, report, plan, *options, status=2):
        self.expect(status, "plan", "--format", "json", "-o", plan, *options, report)
        return json.loads(pathlib.Path(plan).read_text(encoding="utf-8"))

    def plan_of(self, tree, work, *options, status=2):
        """Sweep and plan; whatever it takes the place of is waived."""
        self.sweep(tree, work / "report.json")
        return self.plan(work / "report.json", work / "plan.json", "--waive-replacement", "a test",
                         *options, status=status)

    def forget(self):
        shutil.rmtree(self.state)
        self.state.mkdir()


def load_tool(name):
    """A tool of this folder as a module."""
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(TOP / "tools" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


tree_print = load_tool("tree-print")


def print_tree(tree, *left_out, folder_times=True):
    """The lines of tools/tree-print; path -> line."""
    lines = tree_print.lines(tree, left_out, folder_times)
    # SQLite's shared memory is written by whoever reads a database, and holds nothing of it.
    return {line.split(" ", 1)[0]: line for line in lines if not line.split(" ", 1)[0].endswith(".sqlite-shm")}


def differences(before, after):
    """What a diff of two printed trees would show."""
    lines = []
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            lines += ["- " + before[path]] if path in before else []
            lines += ["+ " + after[path]] if path in after else []
    return lines


def same_trees(before, after, words):
    lines = differences(before, after)
    must(not lines, f"{words}: {len(lines)} lines differ:\n" + "\n".join(lines[:12]))


def exact(thing):
    """The path as it is on the disk, also when it is no UTF-8."""
    if "path_base64" in thing:
        return os.fsdecode(base64.b64decode(thing["path_base64"]))
    return text(thing["path"])


def objects_of(plan, *kinds):
    """The paths that its steps take."""
    return [exact(one) for step in plan["steps"] if step["kind"] in (kinds or ("take", "trust"))
            for one in step["objects"]]


def make_program(path, maker=MAKER, product=PRODUCT):
    path.parent.mkdir(parents=True, exist_ok=True)
    done = run([TOP / "tools" / "make-pe", path, maker, product])
    must(done.returncode == 0, f"make-pe: {done.stderr}")


def small_tree(tree, other=None):
    """A few files to take, of every sort that is hard to put back, and others
    between them. `other` is a folder on another file system, mounted at
    /mnt/other by who calls. Returns paths that must be gone and that must stay."""
    tree.mkdir(parents=True, exist_ok=True)
    done = run([TOP / "tools" / "make-root", tree])
    must(done.returncode == 0, done.stderr)
    make_program(tree / "srv/a/one.exe")
    os.link(tree / "srv/a/one.exe", tree / "srv/a/two.exe")
    make_program(tree / "srv/b/three.exe")
    os.chown(tree / "srv/b/three.exe", 1000, 1000)
    os.chmod(tree / "srv/b/three.exe", 0o4711)
    make_program(tree / "srv/b/sub/four.exe")
    try:
        os.setxattr(tree / "srv/b/sub/four.exe", "user.origin", b"test")
    except OSError:
        pass
    os.utime(tree / "srv/b/sub/four.exe", ns=(10**18, 10**18 + 1))
    module = tree / "srv/app/vendor/hexa-ui"
    (module / "dist/deep").mkdir(parents=True)
    (module / "package.json").write_text(json.dumps(
        {"name": "@kaspersky/hexa-ui", "version": "6.198.2", "author": MAKER}), encoding="utf-8")
    (module / "dist/index.js").write_text("exports.x = 1;\n" * 50, encoding="utf-8")
    (module / "dist/deep/map.json").write_text("{}\n", encoding="utf-8")
    os.symlink("../../../../../etc/hostname", module / "dist/link")
    os.chmod(module / "dist/deep", 0o2750)
    with open(module / "dist/sparse", "wb") as f:
        f.seek(1 << 20)
        f.write(b"end")
    for path in ("srv/a/readme.txt", "srv/b/editor.cfg", "srv/app/main.js", "home/alice/notes.txt"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(f"this is {path}\n", encoding="utf-8")
    stay = ["/srv/a/readme.txt", "/srv/b/editor.cfg", "/srv/app/main.js", "/home/alice/notes.txt", "/etc/hostname"]
    gone = ["/srv/a/one.exe", "/srv/a/two.exe", "/srv/b/three.exe", "/srv/b/sub/four.exe",
            "/srv/app/vendor/hexa-ui/package.json",
            "/srv/app/vendor/hexa-ui/dist/index.js",
            "/srv/app/vendor/hexa-ui/dist/link"]
    if other is not None:
        make_program(other / "five.exe")
        (other / "keep.txt").write_text("stay\n", encoding="utf-8")
        gone.append("/mnt/other/five.exe")
        stay.append("/mnt/other/keep.txt")
    return gone, stay


def copy_tree(tree, target):
    """With everything: owners, times, attributes, links, holes."""
    if target.exists():
        shutil.rmtree(target)
    done = run(["cp", "-a", "--sparse=always", "--reflink=auto", tree, target])
    must(done.returncode == 0, done.stderr)


def lost_files(before, after_tree, quarantine_folders):
    """Files of `before` (path -> tree-print line) whose bytes are nowhere: neither
    at their place nor whole in one of the folders."""
    held = set()
    for folder in quarantine_folders:
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    held.add(sha256(path))
    lost = []
    for path, line in before.items():
        words = dict(w.split("=", 1) for w in line.split(" ")[2:] if "=" in w)
        digest = words.get("sha256")
        if digest is None:
            continue
        place = str(after_tree) + unescape(path)
        here = os.path.lexists(place) and not os.path.islink(place) and sha256(place) == digest
        if not here and digest not in held:
            lost.append(path)
    return lost


def unescape(path):
    """Back from the escapes of tree-print."""
    return os.fsdecode(path.encode("latin-1").decode("unicode_escape").encode("latin-1"))


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while data := f.read(1 << 20):
            digest.update(data)
    return digest.hexdigest()
