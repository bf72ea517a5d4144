/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory as JSON Lines, for other programs and for store_import:
 *
 *   {"inventory": "debar/inventory/1"}
 *   {"artefact": 1, "digest": "hex", "scope": "package", "kind": ..., "state":
 *    ..., "ecosystem": ..., "name": ..., "version": ..., "root": ..., "claims":
 *    [{"attr": ..., "value": ..., "member": ..., "offset": 0, "length": 0,
 *      "verified": true}]}
 *   {"manifest": 1, "artefacts": [1, 2, 7]}
 *   {"host": "name", "unit": ..., "labels": ..., "last_seen": 0, "coverage": {}}
 *   {"report": "name", "since": 0, "manifest": 1, "added": [], "removed": []}
 *
 * Artefacts and manifests come before the reports that name them; the reports
 * of a host follow it, in order of time. Text that is not UTF-8 is written as
 * {"base64": "..."}. What is empty or 0 may be left out.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "store/internal.h"

struct export {
	struct store *s;
	FILE *out;
	struct str line;
};

/* Ends the line, and writes it. */
static int write_line(struct export *x)
{
	str_puts(&x->line, "}\n");
	if (str_failed(&x->line))
		return -ENOMEM;
	size_t n = fwrite(x->line.p, 1, x->line.n, x->out);
	bool good = n == x->line.n;
	str_clear(&x->line);
	return good ? 0 : errno ? -errno : -EIO;
}

static void put_text(struct str *out, struct slice s)
{
	if (text_is_utf8(s)) {
		text_json(out, s);
		return;
	}
	str_puts(out, "{\"base64\": \"");
	text_base64(out, s);
	str_puts(out, "\"}");
}

static void put_field(struct str *out, const char *name, struct slice s)
{
	if (s.n == 0)
		return;
	str_printf(out, ", \"%s\": ", name);
	put_text(out, s);
}

static void put_number(struct str *out, const char *name, uint64_t n)
{
	if (n)
		str_printf(out, ", \"%s\": %llu", name, (unsigned long long)n);
}

static int put_set(struct str *out, const char *name, struct slice packed)
{
	struct numbers set = {0};
	int r = numbers_unpack(packed, &set);

	str_printf(out, ", \"%s\": [", name);
	for (size_t i = 0; i < set.n; i++)
		str_printf(out, "%s%u", i ? "," : "", set.v[i]);
	str_putc(out, ']');
	numbers_finish(&set);
	return r;
}

/* ---- artefacts and manifests ------------------------------------------- */

static void put_claim(struct str *out, const struct claim *c)
{
	str_printf(out, "{\"attr\": \"%s\"", attr_name(c->attr));
	put_field(out, "value", c->value);
	put_field(out, "member", c->member);
	put_number(out, "offset", c->offset);
	put_number(out, "length", c->length);
	if (c->verified)
		str_puts(out, ", \"verified\": true");
	str_putc(out, '}');
}

static void put_record(struct str *out, const struct record *r)
{
	str_printf(out, ", \"scope\": \"%s\", \"kind\": \"%s\", \"state\": \"%s\"",
	           scope_name(r->scope), kind_name(r->kind), state_name(r->state));
	put_field(out, "ecosystem", slice_str(r->ecosystem));
	put_field(out, "name", r->name);
	put_field(out, "version", r->version);
	put_field(out, "root", r->root);
	str_puts(out, ", \"claims\": [");
	for (size_t i = 0; i < r->n_claims; i++) {
		str_puts(out, i ? ", " : "");
		put_claim(out, &r->claims[i]);
	}
	str_putc(out, ']');
}

static int export_artefact(void *ctx, const struct db_value *row)
{
	struct export *x = ctx;
	struct record record;
	struct arena mem;

	arena_init(&mem, 0);
	int r = artefact_unpack(x->s, row, &mem, &record);
	if (r == 0) {
		str_printf(&x->line, "{\"artefact\": %lld, \"digest\": \"",
		           (long long)row[0].n);
		for (size_t i = 0; i < row[1].s.n; i++)
			str_printf(&x->line, "%02x", row[1].s.p[i]);
		str_putc(&x->line, '"');
		put_record(&x->line, &record);
		r = write_line(x);
	}
	arena_finish(&mem);
	return r;
}

static int export_manifest(void *ctx, const struct db_value *row)
{
	struct export *x = ctx;

	str_printf(&x->line, "{\"manifest\": %lld", (long long)row[0].n);
	int r = put_set(&x->line, "artefacts", row[2].s);
	return r ? r : write_line(x);
}

/* ---- hosts and reports ------------------------------------------------- */

static void put_coverage(struct str *out, const struct store_coverage *c)
{
	str_printf(out, ", \"coverage\": {\"complete\": %s, \"deep\": %s",
	           c->complete ? "true" : "false", c->deep ? "true" : "false");
	put_number(out, "items", c->items);
	put_number(out, "examined", c->examined);
	put_number(out, "bytes", c->bytes);
	put_number(out, "incomplete", c->incomplete);
	put_number(out, "programs", c->programs);
	put_field(out, "json", c->json);
	str_putc(out, '}');
}

struct reports {
	struct export *x;
	struct slice host;
};

static int export_report(void *ctx, const struct db_value *row)
{
	struct reports *reports = ctx;
	struct str *line = &reports->x->line;

	str_puts(line, "{\"report\": ");
	text_json(line, reports->host);
	put_number(line, "since", (uint64_t)row[1].n);
	put_number(line, "manifest", (uint64_t)row[2].n);
	int r = put_set(line, "added", row[3].s);
	if (r == 0)
		r = put_set(line, "removed", row[4].s);
	return r ? r : write_line(reports->x);
}

static int export_host(void *ctx, const struct store_host_info *host)
{
	struct export *x = ctx;
	struct reports reports = {x, host->name};
	struct db_value args[] = {DB_N(report_id(host->number, 0)),
	                          DB_N(report_id(host->number + 1, 0))};

	str_puts(&x->line, "{\"host\": ");
	text_json(&x->line, host->name);
	put_field(&x->line, "unit", host->unit);
	put_field(&x->line, "labels", host->labels);
	put_number(&x->line, "last_seen", (uint64_t)host->last_seen);
	put_coverage(&x->line, &host->coverage);
	int r = write_line(x);
	return r ? r : row_each(x->s->db, TABLE_REPORT,
	                        "SELECT * FROM report WHERE id >= ?1 AND id < ?2"
	                        " ORDER BY id", args, COUNT_OF(args),
	                        export_report, &reports);
}

int store_export(struct store *s, FILE *out, struct err *e)
{
	struct export x = {.s = s, .out = out};
	int r = read_begin(s, e);

	if (r < 0)
		return r;
	str_puts(&x.line, "{\"inventory\": \"debar/inventory/1\"");
	r = write_line(&x);
	if (r == 0)
		r = row_each(s->db, TABLE_ARTEFACT, tables[TABLE_ARTEFACT].all, NULL,
		             0, export_artefact, &x);
	if (r == 0)
		r = row_each(s->db, TABLE_MANIFEST, tables[TABLE_MANIFEST].all, NULL,
		             0, export_manifest, &x);
	if (r < 0)
		r = store_error(s, e, r, "exporting");
	else
		r = store_hosts(s, NULL, export_host, &x, e);
	read_end(s);
	str_finish(&x.line);
	if (r == 0 && fflush(out) != 0)
		r = err_sys(e, -errno, "writing the export");
	return r;
}
