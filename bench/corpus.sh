#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the corpus of the bench:  bench/corpus.sh DIR
#
#   DIR/root    a minimal Debian root (debootstrap, as root) or, without root,
#               the unpacked packages of one
#   DIR/npm     an npm tree of about 30,000 files, in which some packages carry
#               Windows programs
#   DIR/pe      the programs of libwine: hundreds of PE files
#   DIR/programs  every ELF and PE file of the above, as hard links: what the
#               byte sweep and its peers are all given
#
# The machine's own /usr is swept beside it and is not copied. What is there
# already is kept, so a broken run may be repeated.
set -eu

dir=${1:?"usage: bench/corpus.sh DIR"}
top=$(cd "$(dirname "$(readlink -f -- "$0")")/.." && pwd)
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)

say() {
	printf 'corpus: %s\n' "$*" >&2
}

make_debian() {
	# shellcheck disable=SC2016 # apt's own variables
	suite=$(apt-get indextargets --format '$(CREATED_BY) $(COMPONENT) $(CODENAME) $(REPO_URI)' |
		awk '$1 == "Packages" && $2 == "main" && $3 !~ /-/ { print $3, $4; exit }')
	# shellcheck disable=SC2086 # suite and mirror
	if [ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null; then
		debootstrap --variant=buildd ${suite% *} "$dir/root.new" ${suite#* } >"$dir/root.log" 2>&1
	else
		"$top/tools/lay-out-packages" "$dir/root.new" perl-modules-5.36 python3.11-minimal \
			libpython3.11-stdlib vim-runtime linux-libc-dev libicu-dev
	fi
	mv "$dir/root.new" "$dir/root"
}

# Well-known packages with deep trees; the last bring Windows programs along.
make_npm() {
	mkdir -p "$dir/npm.new"
	cd "$dir/npm.new"
	echo '{"name": "corpus", "version": "1.0.0", "private": true}' >package.json
	npm install --ignore-scripts --no-audit --no-fund --silent --force \
		typescript@5 webpack@5 react@18 react-dom@18 next@14 lodash@4 rxjs@7 date-fns@3 \
		core-js@3 @mui/material@5 @babel/preset-env@7 eslint@8 jest@29 \
		node-notifier@10 7zip-bin@5 @esbuild/win32-x64@0.19 @esbuild/linux-x64@0.19
	cd - >/dev/null
	mv "$dir/npm.new" "$dir/npm"
}

make_pe() {
	"$top/tools/lay-out-packages" "$dir/pe.new" libwine
	mv "$dir/pe.new" "$dir/pe"
}

# Hard links into one flat folder: names are numbers, contents are the same.
make_programs() {
	mkdir -p "$dir/programs.new"
	find "$dir/root" "$dir/npm" "$dir/pe" -xdev -type f -size +3 -print0 |
		python3 -c '
import os, sys
to, number = sys.argv[1], 0
for path in sys.stdin.buffer.read().split(b"\0"):
    try:
        with open(path, "rb") as f:
            head = f.read(4)
    except OSError:
        continue
    if head == b"\x7fELF" or head[:2] == b"MZ":
        folder = os.path.join(to.encode(), b"%02d" % (number % 64))
        os.makedirs(folder, exist_ok=True)
        os.link(path, os.path.join(folder, b"%06d" % number))
        number += 1
' "$dir/programs.new"
	mv "$dir/programs.new" "$dir/programs"
}

for part in debian:root npm:npm pe:pe programs:programs; do
	name=${part#*:}
	if [ -d "$dir/$name" ]; then
		continue
	fi
	rm -rf "$dir/$name.new"
	say "making $dir/$name"
	"make_${part%:*}" || say "could not make $name: the bench goes without it"
done
for name in root npm pe programs; do
	[ -d "$dir/$name" ] || continue
	say "$name: $(find "$dir/$name" -xdev -type f | wc -l) files, $(du -sh "$dir/$name" | cut -f1)"
done
