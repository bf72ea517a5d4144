/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Room for the words of one problem; longer ones are cut. */
enum { WORDS_MAX = 600 };

void problems_init(struct pack_problems *p)
{
	*p = (struct pack_problems){0};
	arena_init(&p->mem, 0);
}

static struct pack_problem *next_slot(struct pack_problems *p)
{
	if (p->n == PROBLEMS_MAX)
		return NULL;
	if (!p->list)
		p->list = arena_zalloc(&p->mem, PROBLEMS_MAX, sizeof(*p->list));
	return p->list ? &p->list[p->n] : NULL;
}

void problems_add(struct pack_problems *p, const char *file, int line, int column,
                  const char *fmt, ...)
{
	char words[WORDS_MAX];
	va_list args;

	struct pack_problem *slot = next_slot(p);
	if (!slot) {
		p->over = true;
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	*slot = (struct pack_problem){
		.file = arena_str(&p->mem, slice_str(file)),
		.line = line,
		.column = column,
		.words = arena_str(&p->mem, slice_str(words)),
	};
	if (slot->file && slot->words)
		p->n++;
	else
		p->over = true;
}

static int by_place(const void *va, const void *vb)
{
	const struct pack_problem *a = va, *b = vb;
	int order = strcmp(a->file, b->file);

	if (order == 0)
		order = (a->line > b->line) - (a->line < b->line);
	if (order == 0)
		order = (a->column > b->column) - (a->column < b->column);
	return order ? order : strcmp(a->words, b->words);
}

void problems_sort(struct pack_problems *p)
{
	if (p->n)
		qsort(p->list, p->n, sizeof(*p->list), by_place);
}

void pack_problems_finish(struct pack_problems *problems)
{
	arena_finish(&problems->mem);
	*problems = (struct pack_problems){0};
}
