#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the unsigned PE files of this folder: headers, one section of data
and one of resources. They carry what the PE reader reads and cannot be run."""
import os
import struct
import sys

sys.path.insert(1, os.path.join(sys.path[0], "..", "elf"))
sys.dont_write_bytecode = True
from make_go import go_inline  # noqa: E402

U = "utf-16-le"


def pad(data, n):
    return data + bytes(-len(data) % n)


def node(key, value=b"", text=False, children=b"", length=None):
    out = pad(key.encode(U) + b"\0\0" + bytes(0), 1)
    head = 6
    out = bytes(head) + out
    out = pad(out, 4) + value
    if children:
        out = pad(out, 4) + children
    count = length if length is not None else len(value) // (2 if text else 1)
    return struct.pack("<HHH", len(out), count, int(text)) + out[6:]


def version_block(tables):
    fixed = struct.pack("<13I", 0xfeef04bd, 0x10000, 3 << 16 | 1, 4 << 16 | 1,
                        3 << 16 | 1, 4 << 16 | 1, 0x3f, 0, 4, 1, 0, 0, 0)
    children = b""
    for lang, strings in tables:
        rows = b""
        for k, v in strings.items():
            rows = pad(rows, 4) + node(k, v.encode(U) + b"\0\0", True)
        children = pad(children, 4) + node(
            "StringFileInfo", children=node(lang, text=True, children=rows))
    var = node("VarFileInfo", children=node("Translation", b"\x09\x04\xb0\x04"))
    return node("VS_VERSION_INFO", fixed, children=pad(children, 4) + var, length=52)


def resources(rva, blocks):
    """blocks: [(language, block)], each a version resource with its own name."""
    def directory(entries):
        return struct.pack("<IIHHHH", 0, 0, 0, 0, 0, len(entries)) + b"".join(
            struct.pack("<II", i, to) for i, to in entries)
    n = len(blocks)
    names_at = 16 + 16                          # two types: icon group, version
    lang_at = names_at + 16 + 8
    data_at = lang_at + 16 + 8 * n
    body_at = data_at + 16 * n
    out = directory([(14, 0x80000000 | names_at), (16, 0x80000000 | names_at)])
    out += directory([(1, 0x80000000 | lang_at)])
    out += directory([(lang, data_at + 16 * i) for i, (lang, _) in enumerate(blocks)])
    data = body = b""
    for _, block in blocks:
        body = pad(body, 4)
        data += struct.pack("<IIII", rva + body_at + len(body), len(block), 0, 0)
        body += block
    return out + data + body


def metadata():
    strings = b"\0" + b"AssemblyCompanyAttribute\0AssemblyProductAttribute\0.ctor\0<Module>\0made\0"

    def s(text):
        return strings.index(b"\0" + text + b"\0") + 1
    blobs, at = b"\0", {}
    for name, text in (("company", "Example .NET Maker"), ("product", "Made Assembly")):
        value = b"\x01\0" + bytes([len(text)]) + text.encode() + b"\0\0"
        at[name] = len(blobs)
        blobs += bytes([len(value)]) + value
    rows = {
        0x00: [struct.pack("<HHHHH", 0, s(b"made"), 1, 0, 0)],
        0x01: [struct.pack("<HHH", 1 << 2 | 2, s(b"AssemblyCompanyAttribute"), 0),
               struct.pack("<HHH", 1 << 2 | 2, s(b"AssemblyProductAttribute"), 0)],
        0x02: [struct.pack("<IHHHHH", 0, s(b"<Module>"), 0, 0, 1, 1)],
        0x0a: [struct.pack("<HHH", 1 << 3 | 1, s(b".ctor"), 0),
               struct.pack("<HHH", 2 << 3 | 1, s(b".ctor"), 0)],
        0x0c: [struct.pack("<HHH", 1 << 5 | 14, 1 << 3 | 3, at["company"]),
               struct.pack("<HHH", 1 << 5 | 14, 2 << 3 | 3, at["product"]),
               struct.pack("<HHH", 1 << 5 | 7, 2 << 3 | 3, at["product"])],
        0x20: [struct.pack("<IHHHHIHHH", 0x8004, 1, 0, 0, 0, 0, 0, s(b"made"), 0)],
    }
    tables = struct.pack("<IBBBBQQ", 0, 2, 0, 0, 1, sum(1 << t for t in rows), 0)
    tables += b"".join(struct.pack("<I", len(r)) for r in rows.values())
    tables += b"".join(b"".join(r) for r in rows.values())
    streams = [("#~", pad(tables, 4)), ("#Strings", pad(strings, 4)),
               ("#GUID", bytes(16)), ("#Blob", pad(blobs, 4))]
    version = b"v4.0.30319\0\0"
    head = struct.pack("<IHHII", 0x424a5342, 1, 1, 0, len(version)) + version
    head += struct.pack("<HH", 0, len(streams))
    size = len(head) + sum(8 + len(pad(n.encode() + b"\0", 4)) for n, _ in streams)
    body = b""
    for name, data in streams:
        head += struct.pack("<II", size + len(body), len(data)) + pad(name.encode() + b"\0", 4)
        body += data
    return head + body


def data_section(rva, plus):
    """Exports, imports, delayed imports and .NET metadata in one section."""
    parts, at = b"", {}

    def add(name, data):
        nonlocal parts
        parts = pad(parts, 8)
        at[name] = rva + len(parts)
        parts += data
    add("dllname", b"made.dll\0")
    add("fn1", b"MadeInitialize\0")
    add("fn2", b"MadeScan\0")
    add("imp1", b"KERNEL32.dll\0")
    add("imp2", b"madebase.dll\0")
    add("imp3", b"delayed.dll\0")
    add("names", struct.pack("<II", at["fn1"], at["fn2"]))
    add("exports", struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, at["dllname"], 1, 2, 2,
                               at["names"], at["names"], at["names"]))
    row = struct.Struct("<IIIII")
    add("imports", row.pack(0, 0, 0, at["imp1"], rva) + row.pack(0, 0, 0, at["imp2"], rva)
        + bytes(20))
    add("delay", struct.pack("<IIIIIIII", 1, at["imp3"], 0, 0, 0, 0, 0, 0) + bytes(32))
    meta = metadata()
    add("meta", meta)
    add("cli", struct.pack("<IHHIIII", 72, 2, 5, at["meta"], len(meta), 1, 0) + bytes(48))
    return parts, at


def image(plus, tables_by_language, stub=b"", net=False, go=b""):
    data, at = data_section(0x1000, plus)
    rsrc = resources(0x2000, [(lang, version_block(t)) for lang, t in tables_by_language])
    data, rsrc = pad(data, 512), pad(rsrc, 512)
    dirs = [(0, 0)] * 16
    dirs[0] = (at["exports"], 40)
    dirs[1] = (at["imports"], 60)
    dirs[2] = (0x2000, len(rsrc))
    dirs[13] = (at["delay"], 64)
    if net:
        dirs[14] = (at["cli"], 72)
    optional = struct.pack("<HBBIIIII", 0x20b if plus else 0x10b, 14, 0, 0, 1024, 0, 0, 0x1000)
    optional += b"" if plus else struct.pack("<I", 0x1000)
    optional += struct.pack("<Q" if plus else "<I", 0x400000)
    optional += struct.pack("<IIHHHHHHIIIIHH", 0x1000, 512, 6, 0, 0, 0, 6, 0, 0, 0x3000,
                            512, 0, 3, 0)
    optional += struct.pack("<QQQQ" if plus else "<IIII", 0x100000, 4096, 0x100000, 4096)
    optional += struct.pack("<II", 0, 16) + b"".join(struct.pack("<II", *d) for d in dirs)
    dos = pad((b"MZ" + bytes(58) + struct.pack("<I", 128))[:64] + (
        stub or b"\x0e\x1fThis program cannot be run in DOS mode.\r\n$"), 128)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664 if plus else 0x14c, 3 if go else 2, 0, 0, 0,
                                   len(optional), 0x2022)

    def section(name, rva, raw_at, raw, flags=0x40000040):
        return struct.pack("<8sIIIIIIHHI", name, len(raw), rva, len(raw), raw_at, 0, 0, 0,
                           0, flags)
    head = dos + coff + optional
    head += section(b".rdata", 0x1000, 512, data)
    head += section(b".rsrc", 0x2000, 512 + len(data), rsrc)
    go = pad(go, 512)
    if go:
        head += section(b".data", 0x3000, 512 + len(data) + len(rsrc), go, 0xc0000040)
    assert len(head) <= 512
    return pad(head, 512) + data + rsrc + go


ENGLISH = {"CompanyName": "Example Maker Ltd", "FileDescription": "Made scanner",
           "FileVersion": "3.1.4.1", "InternalName": "made", "LegalCopyright":
           "\u00a9 2020 Example Maker Ltd", "LegalTrademarks": "Made is a trademark",
           "OriginalFilename": "made.dll", "ProductName": "Made Suite",
           "ProductVersion": "3.1"}
RUSSIAN = dict(ENGLISH, CompanyName="\u041e\u041e\u041e \u041f\u0440\u0438\u043c\u0435\u0440")

if __name__ == "__main__":
    both = [(0x409, [("040904b0", ENGLISH)]), (0x419, [("041904b0", RUSSIAN)])]
    for name, data in {
        "made64.dll": image(True, both),
        "made32.dll": image(False, both, net=True),
        "imitation.dll": image(True, both[:1], stub=b"Wine builtin DLL\0"),
        "no-strings.dll": image(True, [(0x409, [])]),
        "go.exe": image(True, [], go=bytes(64) + go_inline(0)),
    }.items():
        with open(f"{sys.path[0]}/{name}", "wb") as f:
            f.write(data)
