/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a system needs to start, told by the paths that a package owns, not by
 * its name: a rebuilt kernel or another shell is seen as well.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "survey/packages.h"

enum { FSTAB_MAX = 1024 * 1024, TYPES_MAX = 64 };

/* Globs on path_key()s of paths; "*" does not cross a slash. */
static const struct {
	const char *glob, *words;
} needed_paths[] = {
	{"/sbin/init", "it starts the system (/sbin/init)"},
	{"/lib/systemd/systemd", "it starts the system (systemd)"},
	{"/sbin/openrc", "it starts the system (openrc)"},
	{"/lib*/ld-linux*.so*", "programs need its loader"},
	{"/lib/*/ld-linux*.so*", "programs need its loader"},
	{"/lib*/ld-musl*.so*", "programs need its loader"},
	{"/lib*/libc.so.6", "programs need its C library"},
	{"/lib/*/libc.so.6", "programs need its C library"},
	{"/bin/sh", "it is the system's shell"},
	{"/bin/bash", "it is a shell that the system's scripts use"},
	{"/bin/mount", "it mounts file systems"},
	{"/sbin/agetty", "it lets people log in at the console"},
	{"/bin/login", "it lets people log in at the console"},
	{"/bin/dpkg", "it is the package manager"},
	{"/bin/apt-get", "it is the package manager"},
	{"/bin/rpm", "it is the package manager"},
	{"/bin/dnf", "it is the package manager"},
	{"/bin/dnf-3", "it is the package manager"},
	{"/bin/dnf5", "it is the package manager"},
	{"/bin/yum", "it is the package manager"},
	{"/bin/zypper", "it is the package manager"},
	{"/sbin/apk", "it is the package manager"},
	{"/bin/pacman", "it is the package manager"},
	{"/boot/grub*", "it is the boot loader"},
	{"/sbin/grub-install", "it is the boot loader"},
	{"/sbin/grub2-install", "it is the boot loader"},
	{"/sbin/update-grub", "it is the boot loader"},
	{"/sbin/lilo", "it is the boot loader"},
	{"/sbin/extlinux", "it is the boot loader"},
	{"/bin/bootctl", "it is the boot loader"},
	{"/lib/systemd/boot/efi/*.efi", "it is the boot loader"},
	{"/lib/shim/*.efi", "it is the boot loader"},
	{"/boot/efi/EFI/*/*.efi", "it is the boot loader"},
	{"/sbin/update-initramfs", "it makes what the kernel starts from"},
	{"/sbin/mkinitramfs", "it makes what the kernel starts from"},
	{"/bin/dracut", "it makes what the kernel starts from"},
	{"/bin/mkinitcpio", "it makes what the kernel starts from"},
};

static int say(struct survey *s, struct slice *ret, const char *words)
{
	*ret = arena_copy(s->mem, slice_str(words));
	return ret->p ? 0 : -ENOMEM;
}

/* -- the kernel ---------------------------------------------------------- */

/* Of the running system the kernel that runs; of another root any kernel, as
 * nobody knows which of them it starts. */
static const char *kernel_words(const struct survey *s, const char *path)
{
	struct utsname u;
	char image[PLAN_PATH_MAX], module[PLAN_PATH_MAX];

	if (!s->args->live)
		return fnmatch("/boot/vmlinu*", path, FNM_PATHNAME) == 0 ||
		       fnmatch("/lib/modules/*/vmlinu*", path, FNM_PATHNAME) == 0
		           ? "it is a kernel that the system may start" : NULL;
	if (uname(&u) < 0)
		return NULL;
	(void)snprintf(image, sizeof(image), "/boot/vmlinu*-%s", u.release);
	(void)snprintf(module, sizeof(module), "/lib/modules/%s/*", u.release);
	return fnmatch(image, path, FNM_PATHNAME) == 0 ||
	       fnmatch(module, path, FNM_PATHNAME) == 0
	           ? "it is the kernel that runs, or what belongs to it" : NULL;
}

/* -- fstab --------------------------------------------------------------- */

/* Words of a line, by blanks and tabs. */
static bool next_word(struct slice *rest, struct slice *ret)
{
	size_t at = 0, n;

	while (at < rest->n && strchr(" \t", rest->p[at]))
		at++;
	*rest = slice_from(*rest, at);
	for (n = 0; n < rest->n && !strchr(" \t", rest->p[n]);)
		n++;
	*ret = slice_first(*rest, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

/* Types of file systems that are mounted at the start. */
static int fstab_types(struct survey *s, struct texts *types)
{
	enum { TYPE = 2, OPTIONS = 3 };
	struct slice text, line, word;

	int rc = survey_read(s, "/etc/fstab", FSTAB_MAX, &text);
	if (rc < 0)
		return rc == -ENOMEM ? rc : 0;
	while (rc == 0 && types->n < TYPES_MAX && slice_line(&text, &line)) {
		struct slice type = {0};
		bool noauto = false;
		for (int i = 0; next_word(&line, &word); i++) {
			if (i == 0 && word.p[0] == '#')
				break;
			if (i == TYPE)
				type = word;
			if (i == OPTIONS)
				noauto = slice_find(word, SLICE("noauto")) != SIZE_MAX;
		}
		if (type.n && !noauto)
			rc = texts_add(types, type);
	}
	texts_settle(types);
	return rc;
}

/* "/sbin/mount.nfs" and "/sbin/fsck.ext4" for a type of fstab. */
static bool is_helper(struct slice key, const struct texts *types)
{
	static const char *const starts[] = {"/sbin/mount.", "/sbin/fsck."};

	for (size_t i = 0; i < COUNT_OF(starts); i++) {
		struct slice start = slice_str(starts[i]);
		for (size_t j = 0; slice_starts(key, start) && j < types->n; j++)
			if (slice_eq(slice_from(key, start.n), types->list[j]))
				return true;
	}
	return false;
}

/* What unlocks or assembles the disks, where the system is set up to use it. */
static bool is_disk_tool(const struct survey *s, struct slice key)
{
	static const struct {
		const char *tool, *when;
	} tools[] = {
		{"/sbin/cryptsetup", "/etc/crypttab"},
		{"/sbin/lvm", "/etc/lvm/backup"},
		{"/sbin/mdadm", "/etc/mdadm/mdadm.conf"},
		{"/sbin/mdadm", "/etc/mdadm.conf"},
		{"/sbin/zfs", "/etc/zfs/zpool.cache"},
	};

	for (size_t i = 0; i < COUNT_OF(tools); i++)
		if (slice_eq(key, slice_str(tools[i].tool)) &&
		    survey_exists(s, tools[i].when))
			return true;
	return false;
}

/* -- all ----------------------------------------------------------------- */

static const char *words_for(const struct survey *s, struct slice key, const char *path,
                             const struct texts *types)
{
	for (size_t i = 0; i < COUNT_OF(needed_paths); i++)
		if (fnmatch(needed_paths[i].glob, path, FNM_PATHNAME) == 0)
			return needed_paths[i].words;
	if (is_helper(key, types) || is_disk_tool(s, key))
		return "its file systems are mounted with it (/etc/fstab)";
	return kernel_words(s, path);
}

int critical_look(struct survey *s, const struct package *p, struct slice *ret)
{
	struct slice rest = p->files, path;
	struct texts types = {0};
	char text[PLAN_PATH_MAX + 1];
	int rc = fstab_types(s, &types);

	while (rc == 0 && ret->n == 0 && package_next_file(&rest, &path)) {
		/* the rule knows paths without "/usr" in front */
		struct slice key = slice_starts(path, SLICE("/usr/"))
		                       ? slice_from(path, strlen("/usr")) : path;
		if (key.n > PLAN_PATH_MAX)
			continue;
		memcpy(text, key.p, key.n);
		text[key.n] = 0;
		const char *words = words_for(s, key, text, &types);
		if (words)
			rc = say(s, ret, words);
	}
	texts_finish(&types);
	return rc;
}
