/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables, as the steps that make them: an inventory is at step n when the
 * first n statements were carried out; meta's row "schema" says n. A new
 * version adds statements at the end and never changes one that is there.
 *
 * The SQL is the common part of both databases. A driver writes BIGINT and
 * BLOB as its database calls them; SQLite's keeps a table with a composite key
 * in the order of that key (WITHOUT ROWID).
 *
 * Every row ends in `seal`: 32 bits of SipHash over the table's name and the
 * row's other columns, so that a flipped bit is noticed when the row is read
 * and named by store_check. Numbers start at 1 and have no gaps (but those of
 * values). A BLOB with a structure starts with a byte that says which one.
 *
 * artefacts, added, removed: sets of numbers (numbers.h); members: members.h;
 * hosts: host_block.h.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

static const char *const schema_steps[] = {
	/* schema: steps carried out; generation: commits so far; reports: rows
	 * of report; reported: hosts that did so at least once; values. */
	"CREATE TABLE meta (name TEXT PRIMARY KEY, number BIGINT NOT NULL,"
	" seal BIGINT NOT NULL)",

	/* Attributes by name, as their place in attr.def moves. */
	"CREATE TABLE attribute (id BIGINT PRIMARY KEY, name TEXT NOT NULL,"
	" seal BIGINT NOT NULL)",

	/* Up to 256 values of one attribute, one after the other, so that all can
	 * be read at the speed of memory. A value's number is its block's * 256
	 * and its place in it. Full blocks never change. */
	"CREATE TABLE value_block (id BIGINT PRIMARY KEY,"
	" attribute BIGINT NOT NULL, bytes BLOB NOT NULL, seal BIGINT NOT NULL)",

	/* claims: value numbers and where they stand (artefact.h). */
	"CREATE TABLE artefact (id BIGINT PRIMARY KEY, digest BLOB NOT NULL UNIQUE,"
	" scope TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,"
	" ecosystem TEXT NOT NULL, name BLOB NOT NULL, version BLOB NOT NULL,"
	" root BLOB NOT NULL, claims BLOB NOT NULL, seal BIGINT NOT NULL)",

	"CREATE TABLE unit (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" seal BIGINT NOT NULL)",

	"CREATE TABLE host (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" labels TEXT NOT NULL, seal BIGINT NOT NULL)",

	/* Of each of 4096 hosts: unit, first and last seen, how well it was looked
	 * at (host_block.h). An unchanged host's report changes nothing else. */
	"CREATE TABLE host_block (block BIGINT PRIMARY KEY, hosts BLOB NOT NULL,"
	" seal BIGINT NOT NULL)",

	/* A host's last report that said something new: the number of its row in
	 * `report`, its manifest, the digest of the set, and the hash of the
	 * coverage (coverage_hash(); 0: not known). */
	"CREATE TABLE seen (host BIGINT PRIMARY KEY, report BIGINT NOT NULL,"
	" manifest BIGINT NOT NULL, digest BLOB NOT NULL, coverage BIGINT NOT NULL,"
	" seal BIGINT NOT NULL)",

	/* How well it was looked at then, beside what its block says. */
	"CREATE TABLE coverage (host BIGINT PRIMARY KEY, items BIGINT NOT NULL,"
	" examined BIGINT NOT NULL, bytes BIGINT NOT NULL, json TEXT NOT NULL,"
	" seal BIGINT NOT NULL)",

	/* digest: of the sorted digests of the artefacts. */
	"CREATE TABLE manifest (id BIGINT PRIMARY KEY, digest BLOB NOT NULL UNIQUE,"
	" artefacts BLOB NOT NULL, seal BIGINT NOT NULL)",

	/* id: host * 2^24 + number of the host's report, from 0; the set was
	 * seen first at `since` and held until the next row's. */
	"CREATE TABLE report (id BIGINT PRIMARY KEY, since BIGINT NOT NULL,"
	" manifest BIGINT NOT NULL, added BLOB NOT NULL, removed BLOB NOT NULL,"
	" digest BLOB NOT NULL, seal BIGINT NOT NULL)",

	/* All inverses: which of the 65,536 members of a block stand in relation
	 * `kind` to a key.
	 *   kind 1: hosts whose manifest is key      3: hosts that lack artefact key
	 *        2: hosts that have artefact key more 4: manifests with artefact key
	 *        5: artefacts that claim value key
	 * keys: those of 16 keys, page * 16 and following (page.h). Ordered by block
	 * before page: hosts report in blocks, so a batch writes in one place of the
	 * tree, and a question reads one row per block. */
	"CREATE TABLE posting (kind BIGINT NOT NULL, block BIGINT NOT NULL,"
	" page BIGINT NOT NULL, keys BLOB NOT NULL, seal BIGINT NOT NULL,"
	" PRIMARY KEY (kind, block, page))",
};

#endif
