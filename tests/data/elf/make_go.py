# SPDX-License-Identifier: Apache-2.0
"""The build information of an invented Go program, of the inline form."""

MODULES = ("path\texample.org/tool/cmd/tool\nmod\texample.org/tool\tv1.4.2\t\n"
           "dep\texample.com/yaml\tv3.0.1\th1:x=\n"
           "dep\texample.com/old\tv1.0.0\n=>\texample.net/fork\tv1.0.1\th1:y=\n"
           "build\t-compiler=gc\n")
SENTINEL = bytes.fromhex("3077af0c9274080241e1c107e6d618e6")
SENTINEL_END = bytes.fromhex("f932433186182072008242104116d8f2")


def varint(n):
    out = b""
    while n >= 0x80:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def go_inline(_):
    text = SENTINEL + MODULES.encode() + SENTINEL_END
    return (b"\xff Go buildinf:" + b"\x08\x02" + bytes(16)
            + varint(8) + b"go1.20.1" + varint(len(text)) + text)
