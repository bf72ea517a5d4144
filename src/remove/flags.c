/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Immutable and append-only: no rename until they are lifted. They are noted
 * first, so that a crash leaves none of them lifted for good.
 */
#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>

#include "remove/engine.h"

enum { HOLDING = FS_IMMUTABLE_FL | FS_APPEND_FL, FIRST_LIST = 16 };

/* A descriptor that takes the ioctl; dir itself when name is "". */
static int open_for_flags(const struct fs *fs, int dir, const char *name)
{
	if (!name[0])
		return dir;
	return fs->open(fs, dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0);
}

static void close_for_flags(const struct fs *fs, int fd, int dir)
{
	if (fd >= 0 && fd != dir)
		(void)fs->close(fs, fd);
}

static struct lifted *find(struct removal *r, uint32_t step, uint32_t object,
                           bool folder)
{
	for (size_t i = r->n_lifted; i-- > 0;) {
		struct lifted *l = &r->lifted[i];
		if (l->step == step && l->object == object && l->folder == folder)
			return l;
	}
	return NULL;
}

int flags_known(struct removal *r, const struct entry *record)
{
	struct lifted *l = find(r, record->step, record->object, record->b != 0);

	if (!l && r->n_lifted == r->lifted_size) {
		size_t size = r->lifted_size ? 2 * r->lifted_size : FIRST_LIST;
		struct lifted *list = reallocarray(r->lifted, size, sizeof(*list));
		if (!list)
			return -ENOMEM;
		r->lifted = list;
		r->lifted_size = size;
	}
	if (!l)
		l = &r->lifted[r->n_lifted++];
	*l = (struct lifted){.step = record->step, .object = record->object,
	                     .folder = record->b != 0, .flags = (int)record->a};
	return 0;
}

void flags_known_set(struct removal *r, const struct entry *record)
{
	struct lifted *l = find(r, record->step, record->object, record->b != 0);

	if (l)
		l->set = true;
}

static int lift(struct removal *r, struct entry *record, int fd, struct err *e)
{
	const struct fs *fs = r->fs;
	int flags;
	int err = fs->get_flags(fs, fd, &flags);

	if (err < 0 || !(flags & HOLDING))
		return 0; /* no flags, or none of these: not what keeps it */
	record->a = flags & HOLDING;
	err = flags_known(r, record);
	if (err < 0)
		return err;
	journal_add(&r->journal, record);
	err = journal_sync(&r->journal, e);
	if (err < 0)
		return broken(r, err, e);
	err = fs->set_flags(fs, fd, flags & ~HOLDING);
	return err < 0 ? err : 1;
}

int flags_lift(struct removal *r, uint32_t step, uint32_t object, bool folder, int dir,
               const char *name, struct err *e)
{
	struct entry record = {.type = RECORD_FLAGS, .step = step, .object = object,
	                        .b = folder};
	enum object_type type = object_at(r, step, object)->type;

	if (!folder && type != OBJECT_FILE && type != OBJECT_FOLDER)
		return 0; /* nothing else has flags, or may be opened */
	int fd = open_for_flags(r->fs, dir, name);
	if (fd < 0)
		return fd;
	int err = lift(r, &record, fd, e);
	close_for_flags(r->fs, fd, dir);
	return err;
}

int flags_set(struct removal *r, uint32_t step, uint32_t object, bool folder, int dir,
              const char *name)
{
	struct lifted *l = find(r, step, object, folder);
	const struct fs *fs = r->fs;
	int flags;

	if (!l || l->set)
		return 0;
	int fd = open_for_flags(fs, dir, name);
	int err = fd < 0 ? fd : fs->get_flags(fs, fd, &flags);
	if (err >= 0)
		err = fs->set_flags(fs, fd, flags | l->flags);
	close_for_flags(fs, fd, dir);
	if (err < 0)
		return err;
	l->set = true;
	journal_add(&r->journal, &(struct entry){
		.type = RECORD_FLAGGED, .step = step, .object = object, .b = folder});
	return 0;
}
