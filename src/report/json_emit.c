/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_emit.h"

#include <assert.h>
#include <errno.h>

#include "base/text.h"

void json_init(struct json *j, FILE *out, bool compact)
{
	*j = (struct json){.out = out, .compact = compact};
}

int json_finish(struct json *j)
{
	if (!j->compact)
		fputc('\n', j->out);
	str_finish(&j->text);
	return j->failed ? -ENOMEM : 0;
}

void json_line(struct json *j)
{
	fputc('\n', j->out);
	j->has_items[0] = false;
}

static void indent(struct json *j)
{
	fputc('\n', j->out);
	for (unsigned i = 0; i < j->depth; i++)
		fputs("  ", j->out);
}

/* Writes what scratch holds and empties it. */
static void flush_text(struct json *j)
{
	if (str_failed(&j->text))
		j->failed = true;
	else
		fwrite(j->text.p, 1, j->text.n, j->out);
	str_clear(&j->text);
}

/* What stands before a value: comma, line, key. */
static void begin(struct json *j, const char *key)
{
	if (j->has_items[j->depth])
		fputs(j->compact ? ", " : ",", j->out);
	j->has_items[j->depth] = true;
	if (!j->compact && j->depth > 0)
		indent(j);
	if (!key)
		return;
	text_json(&j->text, slice_str(key));
	str_puts(&j->text, ": ");
	flush_text(j);
}

void json_open(struct json *j, const char *key, char bracket)
{
	begin(j, key);
	fputc(bracket, j->out);
	assert(j->depth + 1 < JSON_DEPTH_MAX);
	j->has_items[++j->depth] = false;
}

void json_close(struct json *j, char bracket)
{
	assert(j->depth > 0);
	bool had_items = j->has_items[j->depth--];
	if (had_items && !j->compact)
		indent(j);
	fputc(bracket, j->out);
}

void json_emit_text(struct json *j, const char *key, struct slice value)
{
	begin(j, key);
	text_json(&j->text, value);
	flush_text(j);
}

void json_cstr(struct json *j, const char *key, const char *value)
{
	if (value) {
		json_emit_text(j, key, slice_str(value));
		return;
	}
	begin(j, key);
	fputs("null", j->out);
}

void json_number(struct json *j, const char *key, uint64_t value)
{
	begin(j, key);
	fprintf(j->out, "%llu", (unsigned long long)value);
}

void json_signed(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	fprintf(j->out, "%lld", (long long)value);
}

/* In whole milliseconds, without printf's "%f": it follows the locale. */
void json_seconds(struct json *j, const char *key, double value)
{
	uint64_t ms = value > 0 && value < 1e12 ? (uint64_t)(value * 1000) : 0;

	begin(j, key);
	fprintf(j->out, "%llu.%03u", (unsigned long long)(ms / 1000),
	        (unsigned)(ms % 1000));
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	fputs(value ? "true" : "false", j->out);
}

/* One value in its readable form: exact when it is UTF-8, else escaped. */
static void readable(struct json *j, const char *key, struct slice value)
{
	struct str shown = {0};

	if (text_is_utf8(value)) {
		json_emit_text(j, key, value);
		return;
	}
	text_show(&shown, value);
	j->failed |= str_failed(&shown);
	json_emit_text(j, key, str_slice(&shown));
	str_finish(&shown);
}

static void base64(struct json *j, const char *key, struct slice value)
{
	begin(j, key);
	str_putc(&j->text, '"');
	text_base64(&j->text, value);
	str_putc(&j->text, '"');
	flush_text(j);
}

/* "path" gives "path_base64"; keys are short words of ours. */
static const char *second_key(char *buf, size_t size, const char *key)
{
	(void)snprintf(buf, size, "%s_base64", key);
	return buf;
}

void json_bytes(struct json *j, const char *key, struct slice value)
{
	char second[32];

	readable(j, key, value);
	if (!text_is_utf8(value))
		base64(j, second_key(second, sizeof(second), key), value);
}

void json_member(struct json *j, const char *key, struct slice member)
{
	char second[32];

	json_open(j, key, '[');
	if (member.n)
		readable(j, NULL, member);
	json_close(j, ']');
	if (text_is_utf8(member))
		return;
	json_open(j, second_key(second, sizeof(second), key), '[');
	base64(j, NULL, member);
	json_close(j, ']');
}

void json_row(struct json *j, const char *type)
{
	json_open(j, NULL, '{');
	json_cstr(j, "type", type);
}

void json_row_end(struct json *j)
{
	json_close(j, '}');
	json_line(j);
}
