/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan in writing: one file per form. All forms show the same steps in the
 * same order, and what is left alone.
 */
#ifndef PLAN_FORM_H
#define PLAN_FORM_H

#include <stdio.h>

#include "base/str.h"
#include "plan/plan.h"

struct plan_style {
	bool color;
	int columns;    /* text: width; 0 = do not wrap */
	bool objects;   /* text: list every file */
};

/* Words of the packs for other systems, for PowerShell and Dockerfiles. */
struct plan_recipe {
	struct slice article, what, command, after, source;
};

struct plan_form_input {
	const struct plan *plan;
	const struct plan_style *style;
	const struct plan_recipe *recipes; /* documented commands of the entities'
	                                    * makers for Windows articles */
	size_t n_recipes;
};

/* Writes all of it; errors of writing stay on the stream. 0 or -ENOMEM. */
struct plan_form {
	const char *name; /* after --format */
	int (*write)(const struct plan_form_input *in, FILE *out);
};

extern const struct plan_form plan_form_text, plan_form_json, plan_form_ansible,
	plan_form_shell, plan_form_powershell, plan_form_dockerfile;

const struct plan_form *plan_form(const char *name);

/*
 * Reads the JSON form back and checks it whole: every text, number and list
 * has its limit, words must be known, paths plain, contents before folders,
 * and the hash that it carries must be the hash of what it says. Returns 0;
 * -EBADMSG (e says where), -ENOMEM, -EFBIG or the errno of reading.
 */
int plan_read(int fd, struct err *e, struct plan **ret);

/* Computes p->sha256 over a canonical form of everything else. 0 or -ENOMEM,
 * -EIO. */
int plan_hash(struct plan *p);

/*
 * An approval: a file in which a person names the hash of a plan.
 * "debar/approval/1".
 */
struct approval {
	char sha256[2 * PLAN_SHA256_BYTES + 1];
	char by[256], at[32], note[1024];
};

int approval_write(const struct approval *a, FILE *out);
int approval_read(int fd, struct err *e, struct approval *ret);

/* A plan, or articles, as flat checked bytes and back, for a pipe between a
 * process that may parse and one that has rights. */
int plan_pack(const struct plan *p, struct str *out);
int plan_unpack(struct slice bytes, struct err *e, struct plan **ret);

#endif
