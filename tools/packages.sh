# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
#
# Which packages of the system debar needs, and how to get them. Sourced by
# ./debar, ./test and bench/run; it defines names and runs nothing.
#
# A word a|b|c means: any of them will do; the first that the package manager
# knows is installed. All talk goes to stderr: stdout belongs to debar.

packages_build="gcc libc6-dev meson ninja-build pkg-config|pkgconf \
libvectorscan-dev|libhyperscan-dev libyaml-dev libjansson-dev libarchive-dev \
libssl-dev libseccomp-dev libicu-dev libsqlite3-dev zlib1g-dev libpq-dev"

# The same on Fedora and its relatives, for the message that names them.
packages_build_dnf="gcc glibc-devel meson ninja-build pkgconf-pkg-config \
vectorscan-devel libyaml-devel jansson-devel libarchive-devel openssl-devel \
libseccomp-devel libicu-devel sqlite-devel zlib-devel libpq-devel"

packages_test="libcmocka-dev postgresql clang libclang-rt-dev|libclang-rt-14-dev|libclang-common-14-dev \
python3 python3-jsonschema python3-numpy python3-dateutil \
python3-holidays python3-icalendar strace openssl osslsigncode rpm mandoc \
shellcheck codespell debootstrap gpg gpg-agent dash attr e2fsprogs"

packages_bench="ripgrep yara clamav debootstrap npm"

# packages_have NAME: is it installed?
packages_have() {
	case $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null) in
	?i*) return 0 ;;
	esac
	return 1
}

# packages_missing WORD...: the words of which no alternative is installed.
packages_missing() {
	for word; do
		found=
		for name in $(printf '%s' "$word" | tr '|' ' '); do
			if packages_have "$name"; then
				found=1
				break
			fi
		done
		[ -n "$found" ] || printf '%s ' "$word"
	done
}

# packages_known NAME: can the package manager install it?
packages_known() {
	apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

# packages_choose WORD...: one name for each word. The first alternative is
# named when none is known, so that the error message is the manager's own.
packages_choose() {
	for word; do
		choice=${word%%|*}
		for name in $(printf '%s' "$word" | tr '|' ' '); do
			if packages_known "$name"; then
				choice=$name
				break
			fi
		done
		printf '%s ' "$choice"
	done
}

# Are there package lists at all? A fresh image has none.
packages_listed() {
	[ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' 2>/dev/null | head -n 1)" ]
}

# packages_root COMMAND...: runs it as root; 126 when there is no way to.
packages_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif sudo -n true 2>/dev/null; then
		sudo -n "$@"
	elif command -v sudo >/dev/null && [ -t 0 ]; then
		sudo "$@"
	else
		return 126
	fi
}

packages_apt() {
	packages_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

# packages_by_hand FOR NAMES DNF_NAMES: what to type when we cannot.
packages_by_hand() {
	if command -v apt-get >/dev/null; then
		printf '%s: run this as root, then try again:\n    apt-get update && apt-get install -y --no-install-recommends %s\n' "$1" "$2" >&2
	elif [ -n "$3" ] && command -v dnf >/dev/null; then
		printf '%s: run this as root, then try again:\n    dnf install %s\n' "$1" "$3" >&2
	else
		printf '%s: install these (names as in Debian), then try again:\n    %s\n' "$1" "$2" >&2
	fi
}

# packages_get FOR DNF_NAMES WORD...: installs what is missing, or says what
# to type and returns 1. The manager's own output is shown only if it fails.
packages_get() {
	for_whom=$1
	dnf_names=$2
	shift 2
	# Without dpkg we cannot ask what is there: the build will tell.
	command -v dpkg-query >/dev/null || return 0
	missing=$(packages_missing "$@")
	[ -n "$missing" ] || return 0

	# shellcheck disable=SC2086 # lists of words, on purpose
	names=$(packages_choose $missing)
	printf '%s: installing %s\n' "$for_whom" "$names" >&2
	log=$(mktemp) || return 1
	packages_install "$log" "$missing"
	status=$?
	if [ "$status" != 0 ]; then
		tail -n 15 "$log" >&2
		if [ "$status" = 126 ]; then
			printf '%s: this needs root or sudo\n' "$for_whom" >&2
		fi
		packages_by_hand "$for_whom" "$names" "$dnf_names"
	fi
	rm -f "$log"
	[ "$status" = 0 ]
}

# packages_install LOG WORDS: lists are fetched when they are missing, do not
# know a name, or turn out to be stale.
packages_install() {
	updated=
	known=1
	for word in $2; do
		# shellcheck disable=SC2086
		packages_known "$(packages_choose $word | tr -d ' ')" || known=
	done
	if [ -z "$known" ] || ! packages_listed; then
		packages_apt update >>"$1" 2>&1 || return
		updated=1
	fi
	# shellcheck disable=SC2046,SC2086
	packages_apt install -y --no-install-recommends $(packages_choose $2) >>"$1" 2>&1 && return
	failed=$?
	[ -z "$updated" ] || return "$failed"
	packages_apt update >>"$1" 2>&1 || return
	# shellcheck disable=SC2046,SC2086
	packages_apt install -y --no-install-recommends $(packages_choose $2) >>"$1" 2>&1
}
