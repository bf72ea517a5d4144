#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the ELF files of this folder. They carry everything that the ELF
reader reads, in a few hundred bytes, and cannot be run."""
import json
import struct
import sys
import zlib

sys.dont_write_bytecode = True
from make_go import MODULES, SENTINEL, SENTINEL_END, go_inline  # noqa: E402


class Elf:
    def __init__(self, bits, order, kind=3):
        self.bits, self.order, self.kind = bits, order, kind
        self.parts = []   # name, type, link name, bytes
        self.word = "Q" if bits == 64 else "I"

    def pack(self, fmt, *values):
        return struct.pack(self.order + fmt.replace("W", self.word), *values)

    def add(self, name, data, kind=1, link=""):
        self.parts.append([name, kind, link, data])

    def header(self, phoff, phnum, shoff, shnum, names):
        ident = b"\x7fELF" + bytes([2 if self.bits == 64 else 1,
                                    1 if self.order == "<" else 2, 1]) + bytes(9)
        return ident + self.pack(
            "HHIWWWIHHHHHH", self.kind, 62, 1, 0, phoff, shoff, 0,
            64 if self.bits == 64 else 52, 56 if self.bits == 64 else 32, phnum,
            64 if self.bits == 64 else 40, shnum, names)

    def segment(self, kind, flags, offset, size):
        if self.bits == 64:
            return self.pack("IIQQQQQQ", kind, flags, offset, offset, offset,
                             size, size, 8)
        return self.pack("IIIIIIII", kind, offset, offset, offset, size, size,
                         flags, 8)

    def build(self, sections=True):
        head = 64 if self.bits == 64 else 52
        ph = 56 if self.bits == 64 else 32
        segments = 3 if self.kind == 3 else 0
        at = head + ph * segments
        body, places = b"", {}
        for part in self.parts:
            pad = -at % 16
            body += bytes(pad)
            at += pad
            data = part[3](at) if callable(part[3]) else part[3]
            part[3] = data
            places[part[0]] = at
            body += data
            at += len(data)
        names, table = b"\0", b""
        order = [p[0] for p in self.parts]
        rows = [bytes(64 if self.bits == 64 else 40)]
        for name, kind, link, data in self.parts + [[".shstrtab", 3, "", b""]]:
            index = len(names)
            names += name.encode() + b"\0"
            if name == ".shstrtab":
                data = names
                places[name] = at
            rows.append(self.pack(
                "IIWWWWIIWW", index, kind, 2, places[name], places[name],
                len(data), order.index(link) + 1 if link else 0, 0, 1,
                {6: 2 * len(self.pack("W", 0)),
                 11: 24 if self.bits == 64 else 16}.get(kind, 0)))
        body += names
        at += len(names)
        shoff = at if sections else 0
        table = b"".join(rows) if sections else b""
        program = b""
        if segments:
            dyn = [p for p in self.parts if p[0] == ".dynamic"][0]
            note = [p for p in self.parts if p[0] == ".note.package"][0]
            program = (self.segment(1, 6, 0, at)
                       + self.segment(2, 6, places[".dynamic"], len(dyn[3]))
                       + self.segment(4, 4, places[".note.package"],
                                      len(note[3])))
        return self.header(head if segments else 0, segments, shoff,
                           len(rows) if sections else 0,
                           len(rows) - 1 if sections else 0) + program + body + table


def go_pointers(elf):
    def build(at):
        size = elf.bits // 8
        text = SENTINEL + MODULES.encode() + SENTINEL_END
        head = b"\xff Go buildinf:" + bytes([size, 1 if elf.order == ">" else 0])
        first, second = at + 32, at + 32 + 2 * size
        head += elf.pack("WW", first, second)
        head += bytes(32 - len(head))
        end = at + 32 + 4 * size
        head += elf.pack("WW", end, 6) + elf.pack("WW", end + 6, len(text))
        return head + b"go1.16" + text
    return build


def library(bits, order, sections=True, inline=True):
    e = Elf(bits, order)
    names = b"\0libc.so.6\0librte_eal.so.23\0librte_net_made.so.23\0/opt/made/lib\0made_init\0made_probe\0"

    def at(text):
        return names.index(text)
    sym = "IBBHQQ" if bits == 64 else "IIIBBH"
    blank = [0] * 5
    e.add(".dynsym", b"".join(e.pack(sym, i, *blank) for i in
                              (0, at(b"made_init"), at(b"made_probe"))), 11, ".dynstr")
    strings = []

    def dynstr(place):
        strings.append(place)
        return names
    e.add(".dynstr", dynstr, 3)
    e.add(".dynamic", lambda _: b"".join(e.pack("WW", *pair) for pair in (
        (1, at(b"libc.so.6")), (1, at(b"librte_eal")), (14, at(b"librte_net_made")),
        (29, at(b"/opt/made")), (5, strings[0]), (10, len(names)), (0, 0))), 6, ".dynstr")
    package = json.dumps({"type": "deb", "os": "made", "name": "librte-made",
                          "version": "2.3-1", "vendor": "Example Maker",
                          "architecture": "any"}).encode() + b"\0"
    package += bytes(-len(package) % 4)
    e.add(".note.package", e.pack("III", 4, len(package), 0xcafe1a7e)
          + b"FDO\0" + package, 7)
    e.add(".rodata", b"some text\0PMD_INFO_STRING= " + json.dumps(
        {"name": "net_made", "kmod": "vfio-pci",
         "pci_ids": [[6629, 1, 65535, 65535], [6629, 2, 65535, 65535],
                     [4660, 3, 65535, 65535]]}).encode() + b"\0more\0")
    e.add(".go.buildinfo", go_inline if inline else go_pointers(e))
    e.add(".dep-v0", zlib.compress(json.dumps({"packages": [
        {"name": "adler", "version": "1.0.2", "source": "registry"},
        {"name": "made-tool", "version": "0.9.1", "source": "local", "root": True},
    ]}).encode()))
    e.add(".comment", b"GCC: (Made 1) 12.2.0\0GCC: (Made 1) 12.2.0\0made linker 3\0")
    return e.build(sections)


def module(info):
    e = Elf(64, "<", 1)
    e.add(".text", b"\x90" * 16)
    e.add(".modinfo", info)
    return e.build()


def go_without_header():
    """A Go program whose header was taken out: three sections and the text."""
    text = SENTINEL + MODULES.encode() + SENTINEL_END
    names = b"\0.rodata\0.gopclntab\0.shstrtab\0"
    rodata = bytes(40) + text
    at = 64
    sections = [(0, 0, 0, 0), (1, 1, at, len(rodata)), (9, 1, at, 8),
                (20, 3, at + len(rodata), len(names))]
    table = at + len(rodata) + len(names)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, table, 0, 64, 56, 0, 64,
        len(sections), 3)
    return head + rodata + names + b"".join(
        struct.pack("<IIQQQQIIQQ", name, kind, 2, 0, offset, size, 0, 0, 1, 0)
        for name, kind, offset, size in sections)


if __name__ == "__main__":
    for name, data in {
        "made-64le.so": library(64, "<"),
        "made-64be.so": library(64, ">", inline=False),
        "made-32le.so": library(32, "<", inline=False),
        "made-32be.so": library(32, ">"),
        "made-bare.so": library(64, "<", sections=False),
        "made-go-text": go_without_header(),
    }.items():
        with open(f"{sys.path[0]}/{name}", "wb") as f:
            f.write(data)
