/* SPDX-License-Identifier: Apache-2.0 */
/* A finding put before the law. */
#include <errno.h>

#include "finding/hits.h"

/* The relative whose sign it is, when the evidence tells one. */
static const char *company_of(const struct finding *f)
{
	for (size_t i = 0; i < f->n_evidence; i++)
		if (f->evidence[i].mark->company)
			return f->evidence[i].mark->company;
	return NULL;
}

int finding_subject(const struct finding *f, struct arena *mem, struct subject *ret)
{
	uint32_t *marks = arena_zalloc(mem, f->n_evidence + 1, sizeof(*marks));

	if (!marks)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_evidence; i++)
		marks[i] = f->evidence[i].mark->index;
	*ret = (struct subject){
		.entity = f->entity,
		.company = f->basis == BASIS_FAMILY ? company_of(f) : NULL,
		.kind = f->kind,
		.basis = f->basis,
		.state = f->state,
		.strength = f->strength,
		.name = f->name,
		.marks = marks,
		.n_marks = f->n_evidence,
		.marks_whole = f->n_more == 0,
	};
	return 0;
}
