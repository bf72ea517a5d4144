#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The command line as a user meets it: exit statuses, messages, streams.
#
#   DEBAR=PROGRAM test-cli.sh [WORD...]
#
# A message must be one clear sentence on stderr (what, where, what to do), and
# nothing of it on stdout.
#
# What sweeps remember and keep goes into the temporary folder, never into /var
# or the home folder.
#
# shellcheck disable=SC2086 # $acme is a list of words
set -u

filters=$*
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$(dirname "$(readlink -f -- "$0")")/.." || exit 1
top=$PWD
cd "$work" || exit 1

wanted() {
	[ -n "$filters" ] || return 0
	for word in $filters; do
		case cli/$1 in *"$word"*) return 0 ;; esac
	done
	return 1
}

# place NAME: where debar remembers and keeps, from here to the end of the test.
place() {
	export CACHE_DIRECTORY="$work/places/$1/cache" STATE_DIRECTORY="$work/places/$1/state"
	mkdir -p "$CACHE_DIRECTORY" "$STATE_DIRECTORY"
}

# run ARG...: debar with its streams in files and its status in $status.
run() {
	timeout 300 "$DEBAR" "$@" >out 2>err </dev/null
	status=$?
}

# Expectations; the first that does not hold fails the test.
why=
fail() {
	[ -n "$why" ] || why=$*
}
exits() {
	[ "$status" = "$1" ] || fail "exit status $status, expected $1"
}
says() {
	grep -qiE -- "$1" err || fail "stderr does not say /$1/"
}
says_nothing() {
	[ ! -s err ] || fail "stderr is not empty"
}
prints() {
	grep -qE -- "$1" out || fail "stdout does not show /$1/"
}
prints_nothing() {
	[ ! -s out ] || fail "stdout is not empty"
}
one_sentence() {
	[ "$(grep -c . err)" = 1 ] || fail "stderr has $(grep -c . err) lines, expected one"
	grep -q '^debar' err || fail "the message does not start with debar"
}
sane() {
	if grep -qE 'Sanitizer|runtime error:' err; then
		fail "a sanitizer spoke"
	fi
}

# try NAME FUNCTION
try() {
	wanted "$1" || return 0
	why=
	: >out
	: >err
	place common
	"$2"
	sane
	if [ -z "$why" ]; then
		echo "ok - cli/$1"
		return
	fi
	echo "not ok - cli/$1"
	echo "  | $why"
	for stream in out err; do
		tail -n 15 $stream | cat -v | sed "s/^/  | $stream: /"
	done
}

skip() {
	if wanted "$1"; then
		echo "skip - cli/$1 # $2"
	fi
}

mkdir clean found many
printf 'hello\n' >clean/readme
mkdir -p found/node_modules/banned
printf '{"name": "banned", "version": "1.0", "author": "Acme Widgets Ltd"}\n' \
	>found/node_modules/banned/package.json
cp -r "$top/tests/cases/hostile-names/packs" packs
acme="--no-default-packs --packs packs"

version() {
	run --version
	exits 0
	prints '^debar [0-9]'
	says_nothing
}
helps() {
	for words in "--help" "sweep --help" "orders --help" "map --help" "store --help" \
		"plan --help" "plan approve --help" "remove --help" "undo --help" "verify --help" \
		"report --help"; do
		# shellcheck disable=SC2086
		run $words
		exits 0
		prints '[Uu]sage|debar'
		says_nothing
	done
}
no_command() {
	run
	exits 1
	prints_nothing
	says 'usage|--help'
}
unknown_command() {
	run sweeep
	exits 1
	prints_nothing
	says 'sweeep'
}
unknown_option() {
	run sweep --no-such-option clean
	exits 1
	prints_nothing
	says 'no-such-option'
}
clean_is_0() {
	run sweep $acme clean
	exits 0
}
found_is_2() {
	run sweep $acme found
	exits 2
	prints 'banned'
	prints 'Acme'
	says_nothing
}
quiet() {
	run sweep $acme --quiet found
	exits 2
	says_nothing
}
several_sources() {
	run sweep $acme --format json clean found
	exits 2
	prints '"id": *1'
}
single_file() {
	run sweep $acme found/node_modules/banned/package.json
	exits 2
	prints 'banned'
}
list_on_stdin() {
	printf '%s\n' found/node_modules/banned/package.json clean/readme >list
	timeout 300 "$DEBAR" sweep $acme - >out 2>err <list
	status=$?
	exits 2
	prints 'banned'
}
no_such_path() {
	run sweep $acme no/such/place
	exits 1
	one_sentence
	says 'no/such/place'
}
no_such_path_beside_a_good_one() {
	run sweep $acme found no/such/place
	case $status in 1 | 2) ;; *) fail "exit status $status" ;; esac
	says 'no/such/place'
}
unknown_order() {
	run sweep $acme --order no-such-order clean
	exits 1
	one_sentence
	prints_nothing
	says 'no-such-order'
}
unknown_entity() {
	run sweep $acme --entity no-such-entity clean
	exits 1
	one_sentence
	prints_nothing
	says 'no-such-entity'
}
order_chooses() {
	run sweep $acme --order test-acme --format json found
	exits 2
	prints 'test-acme'
}
unknown_format() {
	run sweep $acme --format poem clean
	exits 1
	one_sentence
	says 'poem'
	says 'json'
}
bad_number() {
	run sweep $acme --jobs lots clean
	exits 1
	one_sentence
	says 'lots'
}
broken_pack() {
	mkdir -p broken
	printf 'marks:\n  - id: acme/x\n    attr: no.such\n    wrods: Acme\n' >broken/bad.yaml
	run sweep --no-default-packs --packs broken clean
	exits 1
	prints_nothing
	says 'broken/bad.yaml:[0-9]+:[0-9]+:'
}
unparsable_pack() {
	mkdir -p torn
	printf 'marks: [\n  - {id: "\n' >torn/bad.yaml
	run sweep --no-default-packs --packs torn clean
	exits 1
	prints_nothing
	says 'torn/bad.yaml:[0-9]+'
}
missing_packs() {
	run sweep --packs no/packs/here clean
	exits 1
	one_sentence
	says 'no/packs/here'
}
no_packs_at_all() {
	run sweep --no-default-packs clean
	exits 1
	one_sentence
}
checks_shipped_packs() {
	run orders check
	exits 0
}
checks_a_broken_pack() {
	run orders check broken
	exits 1
	cat out err >both
	grep -qE 'broken/bad.yaml:[0-9]+:[0-9]+:.*wrods' both || fail "does not name the unknown key with its place"
}
compares_editions() {
	cp -r packs later
	run orders diff packs later
	exits 0
	says_nothing
	prints_nothing
	sed -i 's/^\(  *title:\) .*/\1 Another title/' later/*.yaml
	run orders diff packs later
	exits 2
	prints '^~ order .*: title: ".*", now "Another title"$'
	run orders diff packs later more
	exits 1
	says 'diff needs two folders'
}

lists_orders() {
	run orders list
	exits 0
	prints 'us-bod-17-01'
}
output_file() {
	run sweep $acme --format json -o report.json found
	exits 2
	prints_nothing
	grep -q banned report.json || fail "the file does not hold the finding"
}
unwritable_output() {
	run sweep $acme -o no/such/folder/report found
	exits 1
	one_sentence
	says 'no/such/folder/report'
}
full_disk() {
	for form in text json jsonl csv; do
		run sweep $acme --format $form -o /dev/full found
		exits 1
		says 'no space|/dev/full'
	done
	timeout 300 "$DEBAR" sweep $acme found >/dev/full 2>err
	status=$?
	exits 1
	says 'no space'
}
output_is_whole_or_not_there() {
	echo old >report.txt
	run sweep --no-default-packs --packs broken -o report.txt found
	exits 1
	[ "$(cat report.txt)" = old ] || fail "a failed run overwrote the old report"
}
closed_pipe() {
	{
		timeout 300 "$DEBAR" sweep $acme found 2>err
		echo $? >code
	} | :
	status=$(cat code)
	case $status in 1 | 2 | 141) ;; *) fail "exit status $status" ;; esac
	! grep -qi 'abort\|core dumped' err || fail "died noisily"
}
closed_streams() {
	timeout 300 "$DEBAR" sweep $acme found 2>err >&-
	status=$?
	case $status in 1 | 2) ;; *) fail "exit status $status with stdout closed" ;; esac
	timeout 300 "$DEBAR" sweep $acme found >out 2>/dev/null <&-
	status=$?
	exits 2
}
# Descriptors 0 to 2 that are missing must not become those of a worker.
started_without_streams() {
	timeout 300 "$DEBAR" sweep $acme --format json -o streams.json found <&- >&- 2>&-
	status=$?
	exits 2
	grep -q banned streams.json || fail "the report does not hold the finding"
}
list_of_odd_paths() {
	mkdir -p "$(printf 'odd\nlist')"
	cp found/node_modules/banned/package.json "$(printf 'odd\nlist')/"
	printf '%s\0' "$(printf 'odd\nlist')/package.json" clean/readme >list
	timeout 300 "$DEBAR" sweep $acme - >out 2>err <list
	status=$?
	exits 2
	printf 'no/such/file\n/dev/null\n' >list
	timeout 300 "$DEBAR" sweep $acme - >out 2>err <list
	status=$?
	exits 3
}
link_to_a_file() {
	ln -sf found/node_modules/banned/package.json link.txt
	run sweep $acme link.txt
	exits 2
}
device_as_a_source() {
	run sweep $acme /dev/null
	exits 3
}
pseudo_file_system_as_a_source() {
	run sweep $acme /proc
	exits 3
	prints 'made by the kernel'
}
# What is mounted from elsewhere is seen only here (needs root).
bind_mounts() {
	mkdir -p bound/x self
	cp -r found/node_modules self/
	{ mount --bind found bound/x && mount --bind self self; } || fail "cannot mount"
	run sweep $acme bound
	exits 2
	run sweep $acme self
	exits 2
	run sweep $acme .
	exits 2
	umount bound/x self
}
# Without the process that makes workers nothing is examined: that is a failure
# of the run, not of one item.
spawner_killed() {
	fill_many
	"$DEBAR" sweep $acme many many many many many >out 2>err </dev/null &
	pid=$!
	sleep 0.2
	kill -9 "$(cut -d' ' -f1 "/proc/$pid/task/$pid/children")" 2>/dev/null
	wait "$pid"
	status=$?
	case $status in
	1) one_sentence ;;
	*) [ ! -s err ] || fail "exit status $status" ;; # it was over already
	esac
}
# Root of a user namespace where no other user exists.
mapped_root() {
	unshare -Ur timeout 300 "$DEBAR" sweep $acme found >out 2>err </dev/null
	status=$?
	exits 2
	[ ! -s err ] || one_sentence
}
no_colour_in_files() {
	run sweep $acme found
	! grep -q "$(printf '\033')" out || fail "escape codes in a file"
	run sweep $acme --color always found
	grep -q "$(printf '\033')" out || fail "--color always gives no colour"
	NO_COLOR=1 run sweep $acme --color auto found
	! grep -q "$(printf '\033')" out || fail "NO_COLOR is not kept"
}
# A report without what differs from run to run.
timeless() {
	sed -E 's/"(started|finished)": *"[^"]*"//; s/"seconds": *[0-9.e-]+//' out
}
json_is_stable() {
	run sweep $acme --format json found
	timeless >first
	run sweep $acme --format json --jobs 1 found
	timeless >second
	cmp -s first second || fail "two runs differ: $(diff first second | head -n 3)"
}
csv_is_harmless() {
	mkdir -p formula/node_modules/x
	printf '{"name": "=cmd()", "version": "+1", "author": "Acme Widgets Ltd"}\n' \
		>formula/node_modules/x/package.json
	run sweep $acme --format csv formula
	exits 2
	! grep -qE '(^|,)"?[=+@-]' out || fail "a cell starts a formula"
}
unreadable_folder() {
	mkdir -p shut/inner
	chmod 000 shut/inner
	run sweep $acme shut
	chmod 755 shut/inner
	exits 3
	prints 'inner'
}
fifo_does_not_block() {
	mkdir -p odd
	mkfifo odd/package.json odd/x.exe 2>/dev/null
	run sweep $acme odd
	exits 0
}
relative_and_spaced() {
	mkdir -p 'a place/node_modules/x'
	cp found/node_modules/banned/package.json 'a place/node_modules/x/'
	(cd 'a place' && timeout 300 "$DEBAR" sweep --no-default-packs --packs ../packs . >../out 2>../err)
	status=$?
	exits 2
}
cache_unwritable() {
	CACHE_DIRECTORY=/dev/null run sweep $acme found
	exits 2
}

# A tree that takes long enough to be interrupted in.
fill_many() {
	[ -z "$(ls many)" ] || return 0
	python3 - <<'PYTHON'
import os
for i in range(300):
    os.makedirs(f"many/d{i}")
    for k in range(60):
        with open(f"many/d{i}/package{k}.exe", "wb") as f:
            f.write(b"MZ" + b"\0" * 200)
    if i < 3:
        os.makedirs(f"many/d{i}/x")
        with open(f"many/d{i}/x/package.json", "w") as f:
            f.write('{"name": "banned%d", "version": "1.0", "author": "Acme Widgets Ltd"}\n' % i)
PYTHON
}
interrupted() {
	fill_many
	# Before the first item there is nothing to interrupt: it dies, as programs do.
	for wait in 0.4 1 2.5; do
		timeout -k 20 -s INT "$wait" "$DEBAR" sweep $acme --format json many many many many \
			many many many many many many many many many many many many many many many \
			many >out 2>err
		status=$?
		[ ! -s out ] || break
	done
	# timeout says 124 when it sent the signal; then the report must say so.
	if [ "$status" = 124 ]; then
		python3 - <<'PYTHON' || fail "no whole report, or it does not say that it is incomplete"
import json
report = json.load(open("out"))
assert report["coverage"]["complete"] is False
assert report["coverage"]["interrupted"] is True
PYTHON
	fi
}
parallel_runs() {
	for i in 1 2 3; do
		timeout 300 "$DEBAR" sweep $acme --format json found >"out.$i" 2>"err.$i" &
	done
	wait
	for i in 1 2 3; do
		grep -q banned "out.$i" || fail "run $i found nothing: $(cat "err.$i")"
	done
}
# A walk that lets threads in while the disk is cold, and sends them to sleep
# again, once lost the signal that there is more to do, and stood still.
cold_sweeps_end() {
	fill_many
	for i in 1 2 3 4 5 6 7 8; do
		echo 3 >/proc/sys/vm/drop_caches || return 0
		timeout -k 5 60 "$DEBAR" sweep $acme --quiet --jobs "$((1 + i % 4))" many >out 2>err
		status=$?
		[ "$status" = 2 ] || fail "sweep $i ended with $status"
	done
}

# ---- what is remembered and kept ----

# A small library that makes it an hour later for debar, so that a file that was
# just made has not changed for long. A ctime cannot be set.
make_later() {
	cat >later.c <<'C'
#include <time.h>
time_t time(time_t *ret)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 3600;
	if (ret)
		*ret = t.tv_sec;
	return t.tv_sec;
}
C
	"${CC:-cc}" -shared -fPIC -o later.so later.c 2>later.log
}

# later ARG...: as run, an hour later.
later() {
	LD_PRELOAD=$work/later.so ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0 \
		timeout 300 "$DEBAR" "$@" >out 2>err </dev/null
	status=$?
}

# traced ARG...: as later, with the files that it opens in the file trace; false
# without strace. (Leaks cannot be looked for in a process that is traced.)
traced() {
	command -v strace >/dev/null || return 1
	strace -f -o trace -e trace=open,openat,openat2 -E LD_PRELOAD="$work/later.so" \
		-E ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0:detect_leaks=0" \
		timeout 300 "$DEBAR" "$@" >out 2>err </dev/null
	status=$?
}
opens() {
	grep -qF "\"$1\"" trace || fail "$1 is not opened"
}
opens_not() {
	! grep -qF "\"$1\"" trace || fail "$(grep -F "\"$1\"" trace | head -n 1)"
}

# holds EXPRESSION: is it true of the JSON in out, r? "paths" are those of all
# evidence.
holds() {
	python3 - "$1" 2>/dev/null <<'PYTHON' || fail "not true: $1"
import json
import sys
r = json.load(open("out"))
paths = [e["path"] for f in r.get("findings", []) for e in f["evidence"]]
sys.exit(not eval(sys.argv[1]))
PYTHON
}

# sound: is the inventory without a fault?
sound() {
	"$DEBAR" store check --quiet "$@" >check.out 2>&1 || fail "store check: $(cat check.out)"
}

# package FOLDER AUTHOR
package() {
	mkdir -p "$1"
	printf '{"name": "%s", "version": "1.0", "author": "%s"}\n' "${1##*/}" "$2" >"$1/package.json"
}

swept_root() {
	place root
	mkdir -p a-root/etc
	echo 'ID=test' >a-root/etc/os-release
	echo web1 >a-root/etc/hostname
	package a-root/opt/node_modules/banned "Acme Widgets Ltd"
	run sweep $acme --format json a-root
	exits 2
	cp out swept.json
	run map $acme --format json
	exits 2
	holds '[a["id"] for a in r["articles"]] == [f["id"]
		for f in json.load(open("swept.json"))["findings"]]'
	run store hosts
	prints "web1:$work/a-root"
	sound
}
unchanged() {
	place unchanged
	package same/node_modules/banned "Acme Widgets Ltd"
	later sweep $acme --format json same
	exits 2
	holds 'r["coverage"]["bytes"] > 0'
	later sweep $acme --format json same
	exits 2
	holds 'len(r["findings"]) == 1 and r["coverage"]["bytes"] == 0'
	holds 'r["coverage"]["complete"] and r["coverage"]["examined"] == r["coverage"]["items"]'
	traced sweep $acme same || return 0
	exits 2
	opens node_modules
	opens_not package.json
}
# The same inode, size and mtime: only the ctime tells.
changed() {
	place changed
	package rewritten/node_modules/banned "Some Honest Folk"
	later sweep $acme rewritten
	exits 0
	touch -r rewritten/node_modules/banned/package.json before
	package rewritten/node_modules/banned "Acme Widgets Ltd"
	touch -r before rewritten/node_modules/banned/package.json
	later sweep $acme rewritten
	exits 2
	run map $acme
	exits 2
}
full() {
	place full
	package whole/node_modules/banned "Acme Widgets Ltd"
	later sweep $acme --format json whole
	cp out first.json
	later sweep $acme --format json --full whole
	exits 2
	holds '0 < r["coverage"]["bytes"] == json.load(open("first.json"))["coverage"]["bytes"]'
}
# Nothing but its path has changed.
moved() {
	place moved
	package moving/one/node_modules/banned "Acme Widgets Ltd"
	later sweep $acme moving
	exits 2
	mv moving/one moving/two
	later sweep $acme --format json moving
	exits 2
	holds 'paths and all(p.startswith("/two/") for p in paths)'
	run map $acme
	prints '/two/node_modules'
	! grep -q '/one/' out || fail "map still tells the old place"
}
no_store() {
	place none
	run sweep $acme --no-store found
	exits 2
	[ -z "$(ls "$STATE_DIRECTORY")" ] || fail "there is $(ls "$STATE_DIRECTORY")"
	run sweep $acme --no-store --unit a/b found
	exits 1
	one_sentence
	run map $acme
	exits 1
	one_sentence
}
two_at_once() {
	place both
	fill_many
	for i in 1 2; do
		{
			timeout 300 "$DEBAR" sweep $acme --host "h$i" --quiet many >"out.$i" 2>"err.$i" </dev/null
			echo $? >"code.$i"
		} &
	done
	wait
	run store hosts
	for i in 1 2; do
		cat "err.$i" >>err
		case $(cat "code.$i") in
		2) prints "h$i" ;;
		1) grep -q '^debar: ' "err.$i" || fail "sweep $i does not say why it failed" ;;
		*) fail "sweep $i ended with $(cat "code.$i")" ;;
		esac
	done
	sound
}
unit_and_label() {
	place unit
	run sweep $acme --host h1 --unit agency/bureau --label role=web --label 'room=a "b"' clean
	exits 0
	run store hosts
	prints 'h1 .*agency/bureau'
	run store export
	python3 - <<'PYTHON' || fail "the labels are others"
import json
hosts = [line for line in map(json.loads, open("out")) if "host" in line]
assert json.loads(hosts[0]["labels"]) == {"role": "web", "room": 'a "b"'}, hosts
PYTHON
	run map $acme --group-by unit --format json
	holds '[u["reported"] for u in r["units"] if u["unit"]] == [1, 1]'
	# Without the words, what was said before still holds.
	run sweep $acme --host h1 clean
	run store hosts
	prints 'h1 .*agency/bureau'
	run sweep $acme --label nonsense clean
	exits 1
	one_sentence
}
new_marker() {
	mkdir -p marker
	cat >marker/marker.yaml <<'YAML'
marks:
  - id: acme/engine
    attr: file.bytes
    bytes: ["ACME-ENGINE-4711-BEGINS"]
    article: Acme engine
    basis: in-part
    strength: weak
    states: [installed, stored]
    confidence: S
    source: made up for this test
    catches: ["xxACME-ENGINE-4711-BEGINSxx"]
    spares: ["ACME-ENGINE"]
YAML
}
only_needed() {
	place needed
	new_marker
	run sweep $acme --only-needed clean
	exits 1
	one_sentence
	package programs/node_modules/honest "Some Honest Folk"
	cp /bin/true programs/tool
	printf 'ACME-ENGINE-4711-BEGINS' >>programs/tool
	later sweep $acme programs
	exits 0
	run map $acme --packs marker
	exits 3
	prints '1 host has programs that were not searched'
	run map $acme --packs marker --group-by host --format json
	holds '[h["host"].endswith("/programs") for h in r["host_list"]] == [True]'
	holds 'r["host_list"][0]["search_again"]'
	holds '[m["mark"] for m in r["remainder"]["marks"]] == ["acme/engine"]'
	if traced sweep $acme --packs marker --only-needed programs; then
		opens tool
		opens_not package.json
	else
		later sweep $acme --packs marker --only-needed programs
	fi
	exits 2
	run map $acme --packs marker --format json
	exits 2
	holds '[a["article"]["name"] for a in r["articles"]] == ["Acme engine"]'
	holds 'r["remainder"]["hosts"] == 0'
	later sweep $acme --packs marker --only-needed --format json programs
	exits 2
	holds 'r["coverage"]["bytes"] == 0'
}
round_trip() {
	place trip
	run sweep $acme --store a.db --host a found
	run sweep $acme --store b.db --host b clean
	run store merge --store c.db a.db b.db
	exits 0
	run store export --store c.db -o c.jsonl
	exits 0
	run store import --store d.db c.jsonl
	exits 0
	run store export --store d.db -o d.jsonl
	cmp -s c.jsonl d.jsonl || fail "differ: $(diff c.jsonl d.jsonl | head -n 3)"
	run map $acme --store d.db
	exits 2
	prints '^1 of 2 hosts affected'
	for store in a b c d; do
		sound --store $store.db
	done
}
# What is known and remembered, as one number.
state_of() {
	{
		"$DEBAR" store export
		find "$CACHE_DIRECTORY/memory" -type f -exec cksum {} + | sort
	} 2>&1 | cksum
}
interrupted_keeps() {
	place stopped
	fill_many
	later sweep $acme --quiet many
	exits 2
	before=$(state_of)
	rm -rf many/d0/x
	timeout -k 20 -s INT 0.4 "$DEBAR" sweep $acme --full many many many many many many many many \
		many many many many many many many many many many many many many many many >out 2>err
	status=$?
	rm -rf many
	mkdir many
	[ "$status" = 124 ] || return 0
	[ "$before" = "$(state_of)" ] || fail "the inventory or the memory is another one"
	sound
}
# refused ARG...: the sweep does not even begin.
refused() {
	run sweep $acme "$@" found
	exits 1
	prints_nothing
	one_sentence
}
# Known before all is swept, not after. Without the usual inventory, which a user
# may not even know of, the sweep goes on.
no_permission() {
	export STATE_DIRECTORY=/proc/self/fdinfo
	run sweep $acme found
	exits 2
	says 'fdinfo/inventory.db'
	says 'goes on without an inventory'
	refused --unit a/b
	says 'fdinfo/inventory.db'
	refused --changed-since last
	place refusing
	refused --store /proc/self/fdinfo/own.db
	says 'own.db'
	echo 'no database at all, only a text that is long enough for a page' >not.db
	refused --store not.db
	says 'not.db'
	[ "$(id -u)" != 0 ] || return 0
	mkdir -p locked
	run sweep $acme --store locked/own.db found
	chmod -w locked/own.db locked
	refused --store locked/own.db
	chmod +w locked locked/own.db
}
# What the text, a table and JSON say of a file that came, a package that went and
# one of another version; and that there is nothing to compare with at first.
changed_since() {
	place since
	package drift/one/node_modules/banned "Acme Widgets Ltd"
	package drift/two/node_modules/goes "Some Honest Folk"
	run sweep $acme --changed-since last drift
	exits 2
	prints 'no earlier report'
	run sweep $acme --changed-since last drift
	prints '^Since [0-9T:Z-]+: 0 appeared, 0 went, 0 changed$'
	sed -i 's/1[.]0/2.0/' drift/one/node_modules/banned/package.json
	rm -r drift/two
	echo new >drift/new.txt
	run sweep $acme --changed-since last --format json drift
	exits 2
	holds '("changed", "package", "banned", "2.0", "1.0") in [(c["change"], c["kind"],
		c["name"], c["version"], c.get("was")) for c in r["changes"]["list"]]'
	holds '("went", "package", "goes") in [(c["change"], c["kind"], c["name"])
		for c in r["changes"]["list"]]'
	holds '("appeared", "file", "/new.txt") in [(c["change"], c["kind"], c["path"])
		for c in r["changes"]["list"]]'
	holds 'r["changes"]["changed"] == 1 and r["changes"]["more"] == 0'
	"$top/tools/validate-findings" out >check.out 2>&1 || [ $? = 77 ] || fail "$(cat check.out)"
	run sweep $acme --changed-since 2001-01-01 drift
	prints 'no earlier report'
	run sweep $acme --changed-since yesterday drift
	exits 1
	one_sentence
}

# ---- removal: what an ordinary user can do, on a folder of their own ----

# A code folder of a banned maker that no project asks for, as a sweep reports it.
plan_input() {
	rm -rf gone && mkdir -p gone/vendor/lib
	printf '{"name": "banned", "version": "1.0", "author": "Acme Widgets Ltd"}\n' \
		>gone/vendor/package.json
	printf 'code\n' >gone/vendor/lib/a.js
	ln gone/vendor/lib/a.js gone/vendor/lib/b.js
	ln -s a.js gone/vendor/lib/link
	printf 'mine\n' >gone/mine
	run sweep $acme --no-store --format json -o found.json gone
	exits 2
}
make_plan() {
	plan_input
	run plan $acme "$@" --format json -o plan.json found.json
	exits 2
}
listing() {
	(cd gone && find . -printf '%P %y %m %s %T@ %n\n' | LC_ALL=C sort)
}

plan_without_anything() {
	run plan nowhere.json
	exits 1
	one_sentence
	says nowhere.json
	prints_nothing
	echo '{"schema": "debar/findings/1"}' >odd.json
	run plan odd.json
	exits 1
	one_sentence
	says odd.json
	run plan --order no-such-order found.json
	exits 1
	one_sentence
}
plan_says_what_and_why() {
	plan_input
	run plan $acme found.json
	exits 2
	prints 'banned 1.0'
	prints 'acme/npm-author'
	prints 'test-acme'
	for form in json ansible shell powershell dockerfile; do
		run plan $acme --format $form found.json
		exits 2
		[ -s out ] || fail "--format $form prints nothing"
	done
	run plan $acme --format nonsense found.json
	exits 1
	one_sentence
}
plan_is_the_same_twice() {
	make_plan
	cp plan.json plan-1.json
	run plan $acme --format json -o plan.json found.json
	cmp -s plan.json plan-1.json || fail "two plans differ"
}
remove_and_undo() {
	make_plan
	listing >before
	run remove --dry-run plan.json
	exits 0
	listing | cmp -s - before || fail "--dry-run changed something"
	run remove plan.json
	exits 1
	says 'yes'
	listing | cmp -s - before || fail "something was removed although nobody agreed"
	run remove --yes plan.json
	exits 0
	[ ! -e gone/vendor ] || fail "the folder is still there"
	[ -e gone/mine ] || fail "another file is gone"
	run sweep $acme --no-store gone
	exits 0
	run verify $acme --root gone
	exits 0
	prints 'gone +banned'
	run report --form completion $acme --root gone --format html
	exits 0
	prints '<title>'
	run undo --yes --root gone
	exits 0
	listing | cmp -s - before || fail "undo did not bring back what there was"
	run verify $acme --root gone
	exits 2
}
changed_file_stays() {
	make_plan
	printf 'evil\n' >gone/vendor/lib/a.js
	run remove --yes plan.json
	exits 3
	prints 'changed|partly'
	[ "$(cat gone/vendor/lib/a.js)" = evil ] || fail "a changed file was removed"
}
tampered_plan() {
	make_plan
	sed 's/"approvals": 0/"approvals": 1/; s,/vendor/lib/a.js,/mine,' plan.json >tampered.json
	run remove --yes tampered.json
	exits 1
	one_sentence
	[ -e gone/mine ] || fail "a file that no plan named is gone"
}
approvals_are_counted() {
	make_plan --approvals 2
	run remove --yes plan.json
	exits 1
	says 'approval'
	run plan approve --by 'Jo Roe' -o jo.json plan.json
	exits 0
	run plan approve --by 'jo roe ' -o jo2.json plan.json
	exits 0
	run remove --yes --approval jo.json --approval jo2.json plan.json
	exits 1
	one_sentence
	run plan approve --by 'Sam Poe' -o sam.json plan.json
	exits 0
	run remove --yes --approval jo.json --approval sam.json plan.json
	exits 0
	prints 'Jo Roe'
}
nothing_to_undo() {
	place empty
	mkdir -p empty-root
	run undo --yes --root empty-root
	exits 1
	one_sentence
	run verify --root empty-root
	exits 1
	one_sentence
	run report
	exits 1
	one_sentence
}
discarded_is_gone() {
	place discard
	make_plan
	run remove --yes plan.json
	exits 0
	run remove --discard --yes --root gone
	exits 0
	run undo --yes --root gone
	[ "$status" != 0 ] || fail "undo says that all is back"
	[ ! -e gone/vendor ] || fail "what was discarded is back"
}
plan_from_the_inventory() {
	place planned
	plan_input
	run sweep $acme --host box:$PWD/gone gone
	exits 2
	run plan $acme --host box:$PWD/gone
	exits 2
	prints 'banned 1.0'
	run plan $acme --host nobody
	exits 1
	one_sentence
}

# Findings with names that bite, something that was not examined, and a second
# order that excludes.
export_input() {
	[ ! -e exported.json ] || return 0
	mkdir hostile
	"$top/tests/cases/hostile-names/make" hostile
	printf 'PK\003\004 and no more of it, so that it is damaged' >hostile/srv/broken.zip
	run sweep $acme --no-store --format json -o exported.json hostile
	[ "$status" = 2 ] || fail "the sweep for the test failed"
}
# valid FORM FILE...: as the standard's schema has it.
valid() {
	"$top/tools/validate-standard" "$@" 2>invalid
	case $? in
	0 | 77) ;;
	*) fail "$(head -n 1 invalid)" ;;
	esac
}
exports_are_valid() {
	export_input
	for form in sarif cyclonedx oscal; do
		run report $acme --form $form -o exported.$form exported.json
		exits 2
		says_nothing
		valid $form exported.$form
		run report $acme --form $form exported.json
		cmp -s out exported.$form || fail "$form: the same findings give another document"
	done
	run report $acme --form csv exported.json
	exits 2
	[ "$(grep -c '^[0-9a-f]\{32\},' out)" = 10 ] || fail "csv: not a row for each finding"
	prints '^coverage,.*,damaged,1,'
}
# Times aside, a sweep writes what a report makes of its JSON.
exports_agree() {
	export_input
	for form in sarif cyclonedx; do
		run sweep $acme --no-store --format $form hostile
		exits 2
		sed 's/[0-9-]*T[0-9:]*Z/TIME/g; s/urn:uuid:[0-9a-f-]*/UUID/' out >swept
		run report $acme --form $form exported.json
		sed 's/[0-9-]*T[0-9:]*Z/TIME/g; s/urn:uuid:[0-9a-f-]*/UUID/' out >"read"
		cmp -s swept "read" || fail "$form: sweep and report differ"
	done
}
exports_say_what_was_not_examined() {
	mkdir -p torn
	printf 'PK\003\004 and no more of it, so that it is damaged' >torn/broken.zip
	run sweep $acme --no-store --format json -o torn.json torn
	exits 3
	for form in sarif cyclonedx oscal csv; do
		run report $acme --order test-acme --form $form torn.json
		exits 3
		prints 'broken|damaged'
		[ $form = csv ] || valid $form out
	done
	run report $acme --form sarif torn.json
	prints '"executionSuccessful": false'
	run report $acme --form cyclonedx torn.json
	prints '"aggregate": "incomplete"'
	grep -q '"score"' out && fail "conformance is said although not all was examined"
	run report $acme --form oscal torn.json
	prints 'Examine what was not examined'
}
exports_of_nothing() {
	run sweep $acme --no-store --format json -o nothing.json clean
	exits 0
	for form in sarif cyclonedx oscal; do
		run report $acme --form $form nothing.json
		exits 0
		valid $form out
	done
	prints 'None found'
	run report $acme --form cyclonedx nothing.json
	prints '"score": 1'
}
# 6000 results are more than readers of SARIF show of a run.
export_is_divided() {
	export_input
	python3 - <<'PYTHON' || fail "no findings to divide"
import copy, json
report = json.load(open("exported.json"))
first = report["findings"][0]
first["article"]["name"] = "[click](https://example.org/) {0} <b>*x*"
report["findings"] = []
for i in range(6000):
    report["findings"].append(copy.deepcopy(first))
    report["findings"][-1]["id"] = f"{i:032x}"
json.dump(report, open("many.json", "w"))
PYTHON
	run report $acme --form sarif -o many.sarif many.json
	exits 2
	says 'divided into 2 files'
	[ ! -e many.sarif ] || fail "there is an undivided file too"
	valid sarif many-1.sarif many-2.sarif
	[ "$(cat many-1.sarif many-2.sarif | grep -o '"ruleId"' | wc -l)" = 6000 ] ||
		fail "a result got lost"
	grep -qF '\\[click\\](https://example.org/) {{0}}' many-1.sarif ||
		fail "a name is a link in a message"
	run report $acme --form sarif many.json
	exits 2
	says 'one document of 2 runs'
	valid sarif out
}
# An order with clauses and clocks, and two days: it is not yet issued, and then
# a report is due within 30 days.
exports_tell_the_law() {
	mkdir -p law
	sed '/^orders:/,$d' packs/*.yaml >law/acme.yaml
	cat >>law/acme.yaml <<'YAML'
orders:
  - id: test-law
    title: A ban with dates
    issuer: nobody
    issued: 2020-01-01
    effective: 2020-01-01
    bans: [use]
    applies-to: Nobody.
    clauses:
      - {id: s.1(a), cite: "Act, section 1", text: what is banned}
    entities: [acme]
    scope:
      software: {is: included, clause: s.1(a)}
      developed: {is: included, clause: s.1(a)}
    clocks:
      - {id: identify, what: report what was found, from: issued, after: 30 days, clause: s.1(a)}
      - {id: status, what: tell how far it is, from: issued, after: 60 days, every: 30 days}
    confidence: V
    sources: ["https://example.org/"]
YAML
	run sweep --no-default-packs --packs law --no-store --format json -o law.json found
	exits 2
	for form in sarif cyclonedx oscal; do
		run report --no-default-packs --packs law --as-of 2020-03-15 --form $form -o law.$form \
			law.json
		exits 2
		valid $form law.$form
		grep -qF 's.1(a)' law.$form || fail "$form: the clause is not told"
	done
	grep -q '"deadline": "2020-01-31T23:59:59Z"' law.oscal || fail "oscal: no deadline"
	[ "$(grep -c '"type": "milestone"' law.oscal)" = 2 ] ||
		fail "oscal: not the first date and the next one of the repetition"
	grep -q '"date": "2020-03-31T23:59:59Z"' law.oscal || fail "oscal: the next date is wrong"
	run report --no-default-packs --packs law --as-of 2020-03-15 --form csv law.json
	prints 's.1\(a\),report what was found,2020-01-31'
	run report --no-default-packs --packs law --as-of 2019-01-01 --form csv law.json
	prints 'test-law,(excluded|review)'
	run report --no-default-packs --packs law --as-of yesterday --form csv law.json
	exits 1
	one_sentence
}
exports_refuse() {
	export_input
	run report $acme --form sarif --order another exported.json
	exits 1
	one_sentence
	says 'not judged by'
	run report $acme --form pdf exported.json
	exits 1
	one_sentence
	says 'report --form list'
	run report $acme --form oscal
	exits 1
	one_sentence
	head -c 900 exported.json >half.json
	echo old >half.sarif
	run report $acme --form sarif -o half.sarif half.json
	exits 1
	one_sentence
	[ "$(cat half.sarif)" = old ] || fail "a failed report overwrote the old one"
	sed 's/"finished": "[^"]*"/"finished": "yesterday"/' exported.json >when.json
	run report $acme --form oscal when.json
	exits 1
	one_sentence
}

try version version
try help helps
try no-command no_command
try unknown-command unknown_command
try unknown-option unknown_option
try clean-is-0 clean_is_0
try found-is-2 found_is_2
try quiet quiet
try several-sources several_sources
try single-file single_file
try list-on-stdin list_on_stdin
try no-such-path no_such_path
try no-such-path-beside-a-good-one no_such_path_beside_a_good_one
try unknown-order unknown_order
try unknown-entity unknown_entity
try order-chooses order_chooses
try unknown-format unknown_format
try bad-number bad_number
try broken-pack broken_pack
try unparsable-pack unparsable_pack
try missing-packs missing_packs
try no-packs-at-all no_packs_at_all
try checks-shipped-packs checks_shipped_packs
try checks-a-broken-pack checks_a_broken_pack
try lists-orders lists_orders
try compares-editions compares_editions
try output-file output_file
try unwritable-output unwritable_output
try full-disk full_disk
try output-is-whole-or-not-there output_is_whole_or_not_there
try closed-pipe closed_pipe
try closed-streams closed_streams
try started-without-streams started_without_streams
try list-of-odd-paths list_of_odd_paths
try link-to-a-file link_to_a_file
try device-as-a-source device_as_a_source
try pseudo-file-system-as-a-source pseudo_file_system_as_a_source
if [ "$(id -u)" = 0 ] && mkdir -p probe && mount --bind probe probe 2>/dev/null; then
	umount probe
	try bind-mounts bind_mounts
else
	skip bind-mounts "needs root and mounts"
fi
try spawner-killed spawner_killed
if unshare -Ur true 2>/dev/null; then
	try mapped-root mapped_root
else
	skip mapped-root "needs user namespaces"
fi
try colour no_colour_in_files
try json-is-stable json_is_stable
try csv-is-harmless csv_is_harmless
if [ "$(id -u)" = 0 ]; then
	skip unreadable-folder "needs an ordinary user"
else
	try unreadable-folder unreadable_folder
fi
try fifo-does-not-block fifo_does_not_block
try relative-and-spaced relative_and_spaced
try cache-unwritable cache_unwritable
try interrupted interrupted
try parallel-runs parallel_runs
if [ "$(id -u)" = 0 ] && [ -w /proc/sys/vm/drop_caches ]; then
	try cold-sweeps-end cold_sweeps_end
else
	skip cold-sweeps-end "needs root and drop_caches"
fi
try a-swept-root-is-answered-by-map swept_root
try no-store-leaves-no-inventory no_store
try two-sweeps-at-once-both-succeed-or-say-why two_at_once
try changed-since-last-says-what-came-and-went changed_since
try unit-and-label-reach-the-inventory unit_and_label
try store-merge-export-import-round-trip round_trip
try no-permission-for-the-inventory-is-said-before-the-sweep no_permission
try plan-without-anything plan_without_anything
try plan-says-what-and-why plan_says_what_and_why
try plan-is-the-same-twice plan_is_the_same_twice
try remove-and-undo remove_and_undo
try a-changed-file-stays changed_file_stays
try a-tampered-plan-is-refused tampered_plan
try approvals-are-counted approvals_are_counted
try nothing-to-undo nothing_to_undo
try discarded-is-gone discarded_is_gone
try plan-from-the-inventory plan_from_the_inventory
remembering="an-unchanged-file-is-not-opened-again:unchanged
a-changed-file-is-read-again:changed
full-opens-everything:full
a-moved-file-is-found:moved
only-needed-answers-new-byte-markers:only_needed
an-interrupted-sweep-keeps-the-old-state:interrupted_keeps"
make_later
for test in $remembering; do
	if [ -e later.so ]; then
		try "${test%%:*}" "${test#*:}"
	else
		skip "${test%%:*}" "needs a compiler"
	fi
done
try exports-are-valid exports_are_valid
try exports-agree exports_agree
try exports-say-what-was-not-examined exports_say_what_was_not_examined
try exports-of-nothing exports_of_nothing
try export-is-divided export_is_divided
try exports-tell-the-law exports_tell_the_law
try exports-refuse exports_refuse
