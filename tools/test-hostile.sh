#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a worker that has been taken over can do. Needs a build with
# -Dhostile_worker=true (see src/jail/hostile.h); the tests here are its users.
#
#   DEBAR=PROGRAM test-hostile.sh [WORD...]
set -u

filters=$*
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$(dirname "$(readlink -f -- "$0")")/.." || exit 1
top=$PWD
cd "$work" || exit 1
# What sweeps remember and keep goes here, never into /var or the home folder.
export CACHE_DIRECTORY="$work/cache" STATE_DIRECTORY="$work/state"
mkdir cache state || exit 1

wanted() {
	[ -n "$filters" ] || return 0
	for word in $filters; do
		case hostile/$1 in *"$word"*) return 0 ;; esac
	done
	return 1
}

result() {
	if [ "$2" = 0 ]; then
		echo "ok - hostile/$1"
	else
		echo "not ok - hostile/$1"
		tail -n 20 log | cat -v | sed 's/^/  | /'
	fi
}

packs="--no-default-packs --packs $top/tests/cases/hostile-names/packs"

# Thousands of sound files, and a few that kill, stall or bloat their reader:
# exactly those are reported, and the findings among the others stand.
poison() {
	python3 - <<'PYTHON'
import os
for i in range(4000):
    os.makedirs(f"poison/d{i % 100}/p{i}")
    with open(f"poison/d{i % 100}/p{i}/package.json", "w") as f:
        author = "Acme Widgets Ltd" if i % 1000 == 7 else "nobody"
        f.write('{"name": "p%d", "version": "1.0", "author": "%s"}\n' % (i, author))
for word, count in (("crash", 5), ("hang", 2), ("memory", 2), ("lie", 2)):
    for k in range(count):
        os.makedirs(f"poison/d{k * 7}/{word}{k}")
        with open(f"poison/d{k * 7}/{word}{k}/package.json", "w") as f:
            f.write(f"DEBAR-HOSTILE {word}\n")
PYTHON
	# shellcheck disable=SC2086
	timeout 300 "$DEBAR" sweep $packs --deadline 3 --format json poison >out.json 2>err
	echo "exit status $?" >status
	python3 - <<'PYTHON'
import collections
import json
report = json.load(open("out.json"))
got = {i["path"].split("/")[-2]: i["why"] for i in report["coverage"]["incomplete"]}
want = {f"crash{k}": {"crashed"} for k in range(5)}
want.update({f"hang{k}": {"timed-out"} for k in range(2)})
want.update({f"memory{k}": {"out-of-memory", "crashed"} for k in range(2)})
want.update({f"lie{k}": {"crashed", "damaged"} for k in range(2)})
assert set(got) == set(want), f"reported {sorted(got)}, poisoned {sorted(want)}"
for name, why in got.items():
    assert why in want[name], f"{name} is reported as {why}"
names = sorted(f["article"]["name"] for f in report["findings"])
assert names == ["p1007", "p2007", "p3007", "p7"], names
assert len(report["coverage"]["incomplete"]) == len(want), "an item is reported twice"
PYTHON
}

# Workers that lie on the wire and about what they do: the sweep ends, in time,
# and counts what they were at as not examined.
liars() {
	python3 - <<'PYTHON'
import os
for i in range(3000):
    os.makedirs(f"liars/d{i % 50}/p{i}")
    with open(f"liars/d{i % 50}/p{i}/package.json", "w") as f:
        author = "Acme Widgets Ltd" if i == 1500 else "nobody"
        f.write('{"name": "p%d", "version": "1.0", "author": "%s"}\n' % (i, author))
words = ["flood", "early", "orphan", "busy", "hide", "hide-crash", "shared"]
for k, word in enumerate(words + [f"fuzz {seed}" for seed in range(20)]):
    os.makedirs(f"liars/d{k}/liar{k}")
    with open(f"liars/d{k}/liar{k}/package.json", "w") as f:
        f.write(f"DEBAR-HOSTILE {word}\n")
PYTHON
	# shellcheck disable=SC2086
	timeout 300 "$DEBAR" sweep $packs --deadline 2 --format json liars >out.json 2>err
	status=$?
	echo "exit status $status"
	cat err
	# A liar that hides costs its batch, where the finding may be too.
	[ "$status" -ge 2 ] && [ "$status" -le 3 ] && python3 - <<'PYTHON'
import json
report = json.load(open("out.json"))
coverage = report["coverage"]
assert not coverage["complete"] and coverage["incomplete"]
assert coverage["items"] >= 3000, "items were not answered"
PYTHON
}

# Calls that a reader of files has no business with. Numbers differ between
# machines, so the compiler is asked.
calls="socket connect bind openat open_by_handle_at execve execveat fork vfork clone clone3 \
ptrace kill tgkill unlinkat renameat2 linkat symlinkat mkdirat mknodat fchmodat fchownat \
truncate mount umount2 pivot_root chroot setns unshare setuid setgid capset bpf \
perf_event_open userfaultfd io_uring_setup keyctl add_key process_vm_readv process_vm_writev \
pidfd_open pidfd_getfd init_module finit_module kexec_load reboot swapon settimeofday \
sethostname personality inotify_init1 fanotify_init memfd_create shmget msgget semget \
landlock_create_ruleset quotactl acct ioctl prctl"

forbidden_calls() {
	for call in $calls; do
		number=$(printf '#include <sys/syscall.h>\nSYS_%s\n' "$call" |
			"${CC:-cc}" -E -P -x c - 2>>log | tail -n 1)
		case $number in
		*[!0-9]* | '') continue ;; # not on this machine
		esac
		mkdir -p "calls/$call"
		printf 'DEBAR-HOSTILE call %s\n' "$number" >"calls/$call/package.json"
	done
	# shellcheck disable=SC2086
	timeout 300 "$DEBAR" sweep $packs --deadline 5 --format json calls >out.json 2>err
	echo "exit status $?" >status
	python3 - <<'PYTHON'
import json
import os
report = json.load(open("out.json"))
tried = set(os.listdir("calls"))
stopped = {i["path"].split("/")[-2] for i in report["coverage"]["incomplete"]
           if i["why"] == "crashed"}
assert len(tried) > 40, tried
assert not report["findings"], "a forbidden call succeeded: %s" % report["findings"]
# Libraries try these in passing: they get an error instead of the end.
refused = {"openat", "ioctl"}
assert tried - stopped <= refused, "not stopped: %s" % sorted(tried - stopped - refused)
print("%d forbidden calls tried, %d ended the worker, %d refused, 0 succeeded"
      % (len(tried), len(stopped), len(tried - stopped)))
PYTHON
}

if wanted poison-costs-only-itself; then
	poison >log 2>&1
	result poison-costs-only-itself $?
fi
if wanted liars-do-not-stop-the-sweep; then
	liars >log 2>&1
	result liars-do-not-stop-the-sweep $?
fi
if wanted no-forbidden-call-succeeds; then
	: >log
	forbidden_calls >>log 2>&1
	result no-forbidden-call-succeeds $?
fi
