#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signs made64.dll with certificates made here: signed.dll (SHA-256, a chain and
# a time stamp), nested.dll (SHA-1 with a nested SHA-256 signature by someone
# else). Needs openssl and osslsigncode.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

# make_cert NAME SUBJECT ISSUER EXTENSIONS
make_cert() {
	openssl req -new -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" \
		-subj "$2" -utf8 2>/dev/null
	printf '%s\n' "$4" > "$1.ext"
	openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -set_serial "0x$5" \
		-days 3650 -sha256 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
}
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 3650 \
	-subj "/O=Example Trust/CN=Example Trust Root" 2>/dev/null
sign_ext='extendedKeyUsage=codeSigning'
make_cert leaf '/serialNumber=1234567890/O=Example Maker Ltd/CN=Example Maker Signing' \
	root "$sign_ext" 1001
make_cert other '/O=Пример/CN=Второй подписавший' root "$sign_ext" 1002
make_cert stamp '/O=Example Clock/CN=Example Time Stamper' root \
	'extendedKeyUsage=critical,timeStamping' 1003
cat leaf.pem root.pem > leaf-chain.pem
cat stamp.pem root.pem > stamp-chain.pem
osslsigncode sign -h sha256 -certs leaf-chain.pem -key leaf.key \
	-TSA-certs stamp-chain.pem -TSA-key stamp.key \
	-in "$here/made64.dll" -out signed.dll > /dev/null
osslsigncode sign -h sha1 -certs leaf.pem -key leaf.key \
	-in "$here/made32.dll" -out first.dll > /dev/null
osslsigncode sign -h sha256 -nest -certs other.pem -key other.key \
	-in first.dll -out nested.dll > /dev/null
mv signed.dll nested.dll "$here"
