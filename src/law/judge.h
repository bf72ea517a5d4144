/* SPDX-License-Identifier: Apache-2.0 */
/* One case while it is judged; private to law/. Each check says nothing, or adds
 * to the words and facts and tells the word that follows. */
#ifndef LAW_JUDGE_H
#define LAW_JUDGE_H

#include "law/private.h"

struct judging {
	const struct law_context *c;
	const struct order *o;
	const struct subject *s;
	struct arena *mem;
	struct kinship kin;
	bool by_maker;                    /* it is judged by its maker (kin holds),
	                                   * else by its category */
	const struct category_rule *rule; /* that names its category, or NULL */
	struct str words;                 /* the sentence that is being written */
	const struct clause *clause;      /* the first that decided */
	const struct carve_out *carve_out;
	const char **facts;
	size_t n_facts;
	bool nomem;
};

/* Starts the next part of the sentence: "...; ". */
void judge_also(struct judging *j);
void judge_say(struct judging *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
void judge_fact(struct judging *j, const char *fmt, ...) PRINTF_LIKE(2, 3);
void judge_clause(struct judging *j, const struct clause *clause);

/* The answer to a question on this case, or NULL; what it says is then a fact. */
const struct profile_answer *judge_answer(struct judging *j, const struct term *question);

/* bound.c: does it bind this user, on this system, in what they do? EXCLUDED when
 * not, REVIEW when the profile leaves it open, else COVERED. Without a profile,
 * or one that does not say who the user is, COVERED. */
enum verdict_word judge_bound(struct judging *j, bool say_reviews);

/* The lists of words that people read: "a, b and c". */
void judge_terms(struct judging *j, const struct term_list *list);
void judge_verbs(struct judging *j, unsigned verbs);

#endif
