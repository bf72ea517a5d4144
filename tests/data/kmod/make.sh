#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the kernel modules of this folder: no code, a .modinfo section, and the
# two forms of signature. Needs openssl, python3, xz, zstd, gzip.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 3650 \
	-subj "/O=Example Signers/CN=Example module key" 2>/dev/null
PYTHONPATH=$here/../elf PYTHONDONTWRITEBYTECODE=1 python3 - <<'EOF'
import make
info = (b"version=1.2.3\0license=GPL\0author=Example Devices Co., Ltd\0"
        b"author=A. Person <a@example.org>\0"
        b"description=Example NIC driver\0"
        b"alias=pci:v000019E5d00001822sv*sd*bc*sc*i*\0"
        b"alias=pci:v000019E5d00000200sv*sd*bc*sc*i*\0"
        b"alias=pci:v*d*sv*sd*bc02sc00i*\0"
        b"alias=usb:v12D1p*d*dc*dsc*dp*icFFisc02ip*in*\0"
        b"alias=of:N*T*Cexample,nic\0depends=\0")
open("plain.ko", "wb").write(make.module(info + b"name=made_nic\0"))
open("old-name.ko", "wb").write(make.module(info))
EOF
openssl cms -sign -in plain.ko -binary -outform DER -signer cert.pem -inkey key.pem \
	-nocerts -noattr -md sha256 -out sig.der 2>/dev/null
python3 - "$here" <<'EOF'
import struct, sys
here = sys.argv[1]
magic = b"~Module signature appended~\n"
body, sig = open("plain.ko", "rb").read(), open("sig.der", "rb").read()
open(here + "/made-nic.ko", "wb").write(
    body + sig + struct.pack(">BBBBB3xI", 0, 0, 2, 0, 0, len(sig)) + magic)
name, key = b"Example old signer", b"0123"
open(here + "/made-old.ko", "wb").write(
    open("old-name.ko", "rb").read() + name + key + b"S" * 64
    + struct.pack(">BBBBB3xI", 1, 4, 1, len(name), len(key), 64) + magic)
EOF
cp "$here/made-nic.ko" .
xz -k --check=crc32 made-nic.ko && mv made-nic.ko.xz "$here"
zstd -q made-nic.ko && mv made-nic.ko.zst "$here"
gzip -kn made-nic.ko && mv made-nic.ko.gz "$here"
