/* SPDX-License-Identifier: Apache-2.0 */
#include "claim/path_list.h"

void paths_begin(struct paths *p, struct slice list)
{
	struct slice folder = {0};

	(void)slice_split(&list, 0, &folder);
	folder = slice_first(folder, CLAIM_VALUE_MAX - 1);
	p->rest = list;
	p->folder_n = folder.n;
	if (folder.n)
		memcpy(p->text, folder.p, folder.n);
	if (!slice_ends(folder, SLICE("/")))
		p->text[p->folder_n++] = '/';
}

bool paths_next(struct paths *p)
{
	struct slice name;

	if (!slice_split(&p->rest, 0, &name))
		return false;
	const bool folder = slice_ends(name, SLICE("/"));
	name = slice_first(name, name.n - folder);
	name = slice_first(name, CLAIM_VALUE_MAX);
	if (name.n)
		memcpy(p->text + p->folder_n, name.p, name.n);
	p->path = slice_of(p->text, p->folder_n + name.n);
	p->attr = folder ? ATTR_DIRECTORY : ATTR_PATH;
	return true;
}
