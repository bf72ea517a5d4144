/* SPDX-License-Identifier: Apache-2.0 */
#include "report/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"

/* Narrower than this a column of text is no longer read with pleasure: then
 * lines are left to the terminal. */
enum { TEXT_COLUMNS_MIN = 24 };

static const char *const colours[] = {
	[TONE_PLAIN] = "",
	[TONE_TITLE] = "\033[1m",
	[TONE_QUIET] = "\033[2m",
	[TONE_BAD] = "\033[1;31m",
	[TONE_UNSURE] = "\033[33m",
	[TONE_GOOD] = "\033[32m",
};

void page_init(struct page *p, const struct report_style *style, FILE *out)
{
	static const struct report_style plain = {0};

	*p = (struct page){.out = out, .style = style ? style : &plain};
}

int page_finish(struct page *p)
{
	str_finish(&p->text);
	return p->failed ? -ENOMEM : 0;
}

void page_add(struct page *p, const char *fmt, ...)
{
	char *words;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&words, fmt, args);
	va_end(args);
	if (n < 0) {
		p->failed = true;
		return;
	}
	str_puts(&p->text, words);
	free(words);
}

void page_show(struct page *p, struct slice bytes)
{
	text_show(&p->text, bytes);
}

void page_show_some(struct page *p, struct slice bytes, size_t most)
{
	size_t at = 0;

	for (size_t i = 0; i < most && at < bytes.n; i++) {
		size_t n = text_rune(slice_from(bytes, at), NULL);
		at += n ? n : 1;
	}
	text_show(&p->text, slice_first(bytes, at));
	if (at < bytes.n)
		str_puts(&p->text, "...");
}

void page_number(struct page *p, uint64_t n)
{
	if (n >= 1000) {
		page_number(p, n / 1000);
		str_printf(&p->text, ",%03u", (unsigned)(n % 1000));
	} else {
		str_printf(&p->text, "%u", (unsigned)n);
	}
}

static void tone_on(struct page *p, enum tone tone)
{
	if (p->style->color)
		fputs(colours[tone], p->out);
}

static void tone_off(struct page *p, enum tone tone)
{
	if (p->style->color && tone != TONE_PLAIN)
		fputs("\033[0m", p->out);
}

static void spaces(struct page *p, size_t n)
{
	while (n-- > 0)
		fputc(' ', p->out);
}

static size_t width_of(struct slice s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.n; i++)
		width += (s.p[i] & 0xc0) != 0x80;
	return width;
}

void page_label(struct page *p, unsigned indent, unsigned width,
                const char *label, enum tone tone)
{
	size_t used = width_of(slice_str(label));

	spaces(p, indent);
	tone_on(p, tone);
	fputs(label, p->out);
	tone_off(p, tone);
	if (width)
		spaces(p, used < width ? width - used : 1);
}

static void put(struct page *p, struct slice s)
{
	fwrite(s.p, 1, s.n, p->out);
}

/* Writes words with single spaces between, breaking before the column where
 * text ends. A word that fits on no line stands alone. */
static void put_words(struct page *p, struct slice rest, size_t hang,
                      size_t columns, enum tone tone)
{
	struct slice word;
	size_t at = hang;
	bool first = true;

	tone_on(p, tone);
	while (slice_split(&rest, ' ', &word)) {
		size_t width = width_of(word);
		if (word.n == 0)
			continue;
		if (!first && at + 1 + width > columns) {
			tone_off(p, tone);
			fputc('\n', p->out);
			spaces(p, hang);
			tone_on(p, tone);
			at = hang;
		} else if (!first) {
			fputc(' ', p->out);
			at++;
		}
		put(p, word);
		at += width;
		first = false;
	}
	tone_off(p, tone);
}

static void end(struct page *p)
{
	fputc('\n', p->out);
	p->failed |= str_failed(&p->text);
	str_clear(&p->text);
}

void page_end(struct page *p, unsigned hang, enum tone tone)
{
	int columns = p->style->columns;

	if (columns > 0 && (unsigned)columns >= hang + TEXT_COLUMNS_MIN) {
		put_words(p, str_slice(&p->text), hang, (size_t)columns, tone);
		end(p);
	} else {
		page_end_line(p, tone);
	}
}

void page_end_line(struct page *p, enum tone tone)
{
	tone_on(p, tone);
	put(p, str_slice(&p->text));
	tone_off(p, tone);
	end(p);
}

void page_blank(struct page *p)
{
	fputc('\n', p->out);
}
