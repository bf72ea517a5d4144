/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that people hand us (reports, plans, approvals), read apart: the file
 * is opened with the rights of this process, parsed by a child that has none,
 * and handed back as flat bytes whose every field is checked again. Mistakes
 * are told (cmd_error) with the file's name.
 */
#ifndef CMD_APART_H
#define CMD_APART_H

#include "base/str.h"
#include "plan/article.h"
#include "plan/form.h"

/* path "-" is standard input. Returns false: told. Articles are to be finished
 * with articles_finish(), a plan freed with plan_free(). */
bool apart_articles(const char *path, struct articles *ret);

/* ret_bytes, when not NULL, gets the file as it is. */
bool apart_plan(const char *path, struct plan **ret, struct str *ret_bytes);

bool apart_approval(const char *path, struct approval *ret);

#endif
