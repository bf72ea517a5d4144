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
	for words in "--help" "sweep --help" "orders --help"; do
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
	XDG_CACHE_HOME=/dev/null HOME=/nonexistent run sweep $acme found
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
	timeout -k 20 -s INT 0.4 "$DEBAR" sweep $acme --format json many many many many many \
		many many many many many many many many many many many many many many many >out 2>err
	status=$?
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
