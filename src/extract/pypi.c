/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python packages: METADATA in a .dist-info folder, PKG-INFO in an .egg-info
 * folder, or an .egg-info that is a single file.
 */
#include "extract/code_util.h"
#include "extract/pypi_util.h"

static int pypi_run(struct extraction *x)
{
	struct slice path = x->item->path;
	bool alone = slice_ends(path, SLICE(".egg-info"));
	bool installed = code_pypi_installed(path);
	struct slice text;

	int r = input_get_some(x->in, 0, PYPI_METADATA_MAX, x->mem, &text);
	if (r < 0)
		return r;
	sink_record(x->out, &(struct record){
				    .scope = SCOPE_FOLDER,
				    .kind = ARTICLE_SOFTWARE,
				    .state = installed ? STATE_INSTALLED
	                                               : STATE_STORED,
				    .ecosystem = "pypi",
				    .root = alone ? path : slice_dirname(path),
			    });
	if (!pypi_fields(x->out, text, (struct slice){0}))
		sink_drop(x->out);
	return 0;
}

const struct extractor extract_pypi = {
	.name = "pypi",
	.version = 1,
	.probes = {{.path = "*.dist-info/METADATA"},
	           {.path = "*.egg-info/PKG-INFO"},
	           {.path = "*.egg-info"}},
	.run = pypi_run,
};
