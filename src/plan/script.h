/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to plan/: what the forms that are programs have in common. A form
 * writes to a stream; running out of memory is remembered in `failed`.
 */
#ifndef PLAN_SCRIPT_H
#define PLAN_SCRIPT_H

#include <stdio.h>

#include "base/arena.h"
#include "plan/form.h"
#include "plan/manager.h"

struct script {
	FILE *out;
	const struct plan *plan;
	const char *comment; /* what begins a comment: "# " */
	bool ascii;          /* comments and shown texts have nothing but ASCII */
	struct arena mem;    /* for argument lists */
	bool failed;
};

void script_init(struct script *s, const struct plan *plan, const char *comment, FILE *out);
/* 0 or -ENOMEM. */
int script_finish(struct script *s);

/* A comment on one line whatever the text holds: control characters, line ends
 * and bytes that are not UTF-8 are escaped. */
void script_comment(struct script *s, const char *words, struct slice text);

/* What every form says at its head: what it is for, the plan's hash, gates. */
void script_head(struct script *s, const char *what);

/* What a step is and why, as comments: title, words, reasons, risk, before. */
void script_step(struct script *s, const struct step *step, size_t number);

/* Reviews and what is left alone, as comments. */
void script_rest(struct script *s);

/* Text fit to be shown (text_show), in the script's arena; "" on failure. */
const char *script_shown(struct script *s, struct slice text);

/* A manager's arguments for a package step on a root (NULL: where the source was),
 * or NULL (and failed, or the manager has no such command). */
char **script_argv(struct script *s, const struct step *step,
                   const char *const *template, const char *root);

/* 64 hexadecimal digits and a NUL. */
void script_hex(const uint8_t sha256[static PLAN_SHA256_BYTES],
                char ret[static 2 * PLAN_SHA256_BYTES + 1]);

#endif
