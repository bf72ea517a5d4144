/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/manager.h"

#include <string.h>

#include "base/arena.h"

/*
 * dpkg(1), rpm(8), apk(8), pacman(8), snap(8), flatpak-uninstall(1),
 * npm-uninstall(1), pip-uninstall. The lowest tool is taken and not the one
 * above it (apt, dnf, zypper): it refuses what others need, and never takes out
 * more than it was told.
 */
const struct manager managers[] = {
	{
		.name = "dpkg",
		.ecosystem = "deb",
		.offline = true,
		.tried = true,
		.spelling = "@NAME@:@ARCH@",
		.simulate = {"dpkg", "--root=@ROOT@", "--no-act", "--purge", "@PACKAGES@"},
		.remove = {"dpkg", "--root=@ROOT@", "--purge", "@PACKAGES@"},
		.check = {"dpkg", "--root=@ROOT@", "--audit"},
		.install_file = {"dpkg", "--root=@ROOT@", "--force-confold", "--install",
		                 "@FILE@"},
		.databases = {"/etc", "/var/lib/dpkg/status", "/var/lib/dpkg/status-old",
		              "/var/lib/dpkg/available", "/var/lib/dpkg/diversions",
		              "/var/lib/dpkg/statoverride", "/var/lib/dpkg/triggers",
		              "/var/lib/dpkg/alternatives", "/var/lib/dpkg/updates",
		              "/var/lib/apt/extended_states",
		              "/var/lib/systemd", "/var/cache/debconf", "/var/lib/ucf",
		              "/var/lib/pam", "/var/cache/ldconfig", "/usr/share/info/dir"},
		.people = {"apt-get purge @PACKAGES@"},
	},
	{
		.name = "rpm",
		.ecosystem = "rpm",
		.offline = true,
		.tried = true,
		.spelling = "@NAME@.@ARCH@",
		.simulate = {"rpm", "--root", "@ROOT@", "-e", "--test", "@PACKAGES@"},
		.remove = {"rpm", "--root", "@ROOT@", "-e", "@PACKAGES@"},
		.check = {"rpm", "--root", "@ROOT@", "-Va", "--nofiles", "--noscripts",
		          "--nodigest", "--nosignature"},
		.install_file = {"rpm", "--root", "@ROOT@", "-i", "@FILE@"},
		.databases = {"/etc", "/var/lib/rpm", "/usr/lib/sysimage/rpm",
		              "/var/lib/systemd", "/var/lib/alternatives",
		              "/var/cache/ldconfig", "/usr/share/info/dir"},
		.people = {"dnf remove @PACKAGES@", "zypper remove @PACKAGES@",
		           "microdnf remove @PACKAGES@", "yum remove @PACKAGES@"},
	},
	/* Its own settings are left out: on another root they would be those of the
	 * machine that it runs on. What they hold is asked by survey/pacman.c. */
	{
		.name = "pacman",
		.ecosystem = "alpm",
		.offline = true,
		.tried = true,
		.spelling = "@NAME@",
		.simulate = {"pacman", "--config", "/dev/null", "--root", "@ROOT@", "--dbpath",
		             "@ROOT@/var/lib/pacman", "-R", "--print", "--", "@PACKAGES@"},
		.remove = {"pacman", "--config", "/dev/null", "--root", "@ROOT@", "--dbpath",
		           "@ROOT@/var/lib/pacman", "-Rn", "--noconfirm", "--", "@PACKAGES@"},
		.check = {"pacman", "--config", "/dev/null", "--root", "@ROOT@", "--dbpath",
		          "@ROOT@/var/lib/pacman", "-Dkq"},
		.install_file = {"pacman", "--config", "/dev/null", "--root", "@ROOT@",
		                 "--dbpath", "@ROOT@/var/lib/pacman", "-U", "--noconfirm",
		                 "--", "@FILE@"},
		.databases = {"/etc", "/var/lib/pacman/local", "/var/lib/systemd",
		              "/var/cache/ldconfig", "/usr/share/info/dir",
		              "/usr/share/applications/mimeinfo.cache",
		              "/usr/share/glib-2.0/schemas/gschemas.compiled"},
		.people = {"pacman -Rn @PACKAGES@"},
	},
	/* The rest is for a person: debar says the command and runs none. apk and
	 * flatpak have not been tried in a root yet. snap asks snapd, which must
	 * be running, and keeps its state in its own mounts. npm and pip belong to
	 * environments: where all files of a package are known they are taken as
	 * files (make_code.c), elsewhere these are the words. */
	{
		.name = "apk",
		.ecosystem = "apk",
		.offline = true,
		.spelling = "@NAME@",
		.people = {"apk del @PACKAGES@"},
	},
	{
		.name = "snap",
		.ecosystem = "snap",
		.spelling = "@NAME@",
		.people = {"snap remove --purge @PACKAGES@"},
	},
	{
		.name = "flatpak",
		.ecosystem = "flatpak",
		.spelling = "@NAME@",
		.people = {"flatpak uninstall @PACKAGES@"},
	},
	{
		.name = "npm",
		.ecosystem = "npm",
		.spelling = "@NAME@",
		.people = {"npm uninstall --global @PACKAGES@"},
	},
	{
		.name = "pip",
		.ecosystem = "pypi",
		.spelling = "@NAME@",
		.people = {"python3 -m pip uninstall @PACKAGES@"},
	},
};

const size_t n_managers = COUNT_OF(managers);

const char *const manager_programs[] = {"dnf", "zypper", "microdnf", "yum", NULL};

const char *manager_words(const struct manager *m, uint32_t programs)
{
	for (size_t i = 0; i < MANAGER_PEOPLE_MAX && m->people[i]; i++) {
		const struct slice words = slice_str(m->people[i]);
		const struct slice program = slice_first(words, slice_find_byte(words, ' '));
		for (size_t k = 0; manager_programs[k]; k++)
			if ((programs & (1u << k)) &&
			    slice_eq(slice_str(manager_programs[k]), program))
				return m->people[i];
	}
	return m->people[0];
}

const struct manager *manager_of(const char *ecosystem)
{
	for (size_t i = 0; i < n_managers; i++)
		if (strcmp(managers[i].ecosystem, ecosystem) == 0)
			return &managers[i];
	return NULL;
}

/* Appends text with each word in it replaced. */
static void fill(struct str *out, const char *text, const char *word, struct slice by)
{
	const char *at;

	while ((at = strstr(text, word))) {
		str_add(out, slice_of(text, (size_t)(at - text)));
		str_add(out, by);
		text = at + strlen(word);
	}
	str_puts(out, text);
}

static char *finished(struct str *s, struct arena *mem)
{
	char *copy = str_failed(s) ? NULL : arena_str(mem, str_slice(s));

	str_finish(s);
	return copy;
}

static char *filled(const char *text, const char *word, struct slice by, struct arena *mem)
{
	struct str s = {0};

	fill(&s, text, word, by);
	return finished(&s, mem);
}

/* A package of which the architecture is not known, or is none of its own, is
 * written without. */
static char *spelled(const struct manager *m, const struct plan_package *p, struct arena *mem)
{
	const bool plain = p->arch.n == 0 || slice_eq(p->arch, SLICE("all")) ||
	                   slice_eq(p->arch, SLICE("(none)"));
	char *text = arena_str(mem, slice_str(m->spelling));
	char *arch = text && plain ? strpbrk(text, ":.") : NULL;

	if (arch && strstr(arch, "@ARCH@"))
		*arch = 0;
	if (text)
		text = filled(text, "@ARCH@", p->arch, mem);
	if (text)
		text = filled(text, "@VERSION@", p->version, mem);
	return text ? filled(text, "@NAME@", p->name, mem) : NULL;
}

char **manager_argv(const char *const *template, const struct manager *m, const char *root,
                    const struct plan_package *packages, size_t n, const char *file,
                    struct arena *mem)
{
	char **argv = arena_zalloc(mem, MANAGER_ARGV_MAX + n + 1, sizeof(*argv));
	size_t k = 0;

	for (size_t i = 0; argv && i < MANAGER_ARGV_MAX && template[i]; i++) {
		const bool all = strcmp(template[i], "@PACKAGES@") == 0;
		for (size_t p = 0; all && p < n; p++)
			if (!(argv[k++] = spelled(m, &packages[p], mem)))
				return NULL;
		if (all)
			continue;
		char *text = filled(template[i], "@ROOT@", slice_str(root), mem);
		argv[k++] = text ? filled(text, "@FILE@", slice_str(file), mem) : NULL;
		if (!argv[k - 1])
			return NULL;
	}
	return argv;
}
