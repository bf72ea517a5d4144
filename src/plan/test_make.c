/* SPDX-License-Identifier: Apache-2.0 */
/* From articles and facts to steps: what must go, stay, wait or be asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "law/law.h"
#include "plan/facts.h"
#include "plan/form.h"

/* SLICE() is no constant in an array of a static one. */
#define S(literal) {(const uint8_t *)("" literal), sizeof(literal) - 1}
enum { MOST = 12 };

/* A world in short: articles, and the answers to the questions that matter. A
 * question that is not in it has the answer "there is none". */
struct answer {
	enum need_kind kind;
	struct slice text;
	struct fact fact;
};

struct world {
	struct article articles[MOST];
	struct answer answers[MOST];
	struct plan_options options;
	bool offline;
	const char *expect; /* see said() */
};

static struct article_word covered[] = {{S("xx"), S("it is"), ARTICLE_COVERED}};
static struct article_word excluded[] = {{S("xx"), S("carved out"), ARTICLE_EXCLUDED}};
static struct article_word unclear[] = {{S("xx"), S("the order does not say"), ARTICLE_REVIEW}};
static struct article_word weak_only[] = {
	{S("xx"), S(BECAUSE_WEAK BECAUSE_AND BECAUSE_LEFTOVERS), ARTICLE_REVIEW},
};
static struct article_word leftovers[] = {
	{S("xx"), S(BECAUSE_LEFTOVERS), ARTICLE_REVIEW},
};

#define EV(a, v, p, s) \
	{.attr = S(a), .value = S(v), .path = S(p), .mark = S("m"), .mark_source = S("src"), \
	 .state = STATE_INSTALLED, .strength = (s)}
#define WEAK(a, v, p) EV(a, v, p, STRENGTH_WEAK)
#define STRONG(a, v, p) EV(a, v, p, STRENGTH_STRONG)
#define EVIDENCE(...) \
	.evidence = (struct article_evidence[]){__VA_ARGS__}, \
	.n_evidence = sizeof((struct article_evidence[]){__VA_ARGS__}) / \
	              sizeof(struct article_evidence)
#define WORDS(w) .words = (w), .n_words = 1
#define DEB(n, w, st, ...) \
	{.id = S(n), .entity = S("acme"), .name = S(n), .version = S("1"), .ecosystem = "deb", \
	 .state = (st), .basis = BASIS_DEVELOPED, .strength = STRENGTH_STRONG, WORDS(w), \
	 EVIDENCE(STRONG("package.name", n, "/var/lib/dpkg/status"), ##__VA_ARGS__)}
#define LOOSE(n, w, str, ...) \
	{.id = S(n), .entity = S("acme"), .name = S(n), .version = S(""), .ecosystem = "", \
	 .state = STATE_INSTALLED, .basis = BASIS_DEVELOPED, .strength = (str), WORDS(w), \
	 EVIDENCE(__VA_ARGS__)}

#define PACKAGE(n, ...) \
	{NEED_PACKAGE, S(n), {.package = {.version = S("1"), .arch = S("amd64"), \
	 .installed = true, ##__VA_ARGS__}}}
#define NEEDED_BY(...) \
	.needed_by = (struct slice[]){__VA_ARGS__}, \
	.n_needed_by = sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice)
#define FILE_AT(p, ...) \
	{NEED_PLACE, S(p), {.place = {.exists = true, .n_objects = 1, \
	 .objects = (struct object[]){{.path = S(p), .type = OBJECT_FILE, \
	 .mode = S_IFREG | 0644}}, ##__VA_ARGS__}}}
#define FOLDER_AT(p, ...) \
	{NEED_PLACE, S(p), {.place = {.exists = true, .n_objects = 2, \
	 .objects = (struct object[]){{.path = S(p "/f"), .type = OBJECT_FILE, \
	 .mode = S_IFREG | 0644}, {.path = S(p), .type = OBJECT_FOLDER, \
	 .mode = S_IFDIR | 0755}}, ##__VA_ARGS__}}}
#define OTHERS(...) \
	.others = (struct slice[]){__VA_ARGS__}, \
	.n_others = sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice)
#define SITE "/usr/local/lib/python3.11/site-packages/"
#define CODE(e, n, p, ...) \
	{.id = S(n), .entity = S("acme"), .name = S(n), .version = S("1"), .ecosystem = (e), \
	 .state = STATE_INSTALLED, .basis = BASIS_DEVELOPED, .strength = STRENGTH_STRONG, \
	 WORDS(covered), EVIDENCE(STRONG(e ".author", "Acme", p), ##__VA_ARGS__)}
#define CODE_AT(p, ...) \
	{NEED_CODE, S(p), {.place = {.exists = true, .n_objects = 2, \
	 .objects = (struct object[]){{.path = S(p "/f"), .type = OBJECT_FILE, \
	 .mode = S_IFREG | 0644}, {.path = S(p), .type = OBJECT_FOLDER, \
	 .mode = S_IFDIR | 0755}}, ##__VA_ARGS__}}}
#define ASKED_FOR(...) \
	.needed_by = (struct slice[]){__VA_ARGS__}, \
	.n_needed_by = sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice)
#define GROUP(n, ...) \
	{NEED_GROUP, S(n), {.account = {.exists = true, .name = S(n), .id = 990, ##__VA_ARGS__}}}
#define PATHS(...) \
	.paths = (struct slice[]){__VA_ARGS__}, \
	.n_paths = sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice), \
	.remaining = sizeof((struct slice[]){__VA_ARGS__}) / sizeof(struct slice)

/* ---- one line for each step ---- */

/* "package acme+acme-gui; take /opt/acme/f /opt/acme; review words; left words" */
static void say_step(struct str *out, const struct step *s)
{
	str_printf(out, "%s%s", out->n ? "; " : "", step_kind_name(s->kind));
	if (s->kind == STEP_TAKE && s->stage != STAGE_LEFTOVER)
		str_printf(out, "(%s)", stage_name(s->stage));
	for (size_t i = 0; i < s->n_packages; i++) {
		str_puts(out, i ? "+" : s->kind == STEP_TAKE ? " after " : " ");
		str_add(out, s->packages[i].name);
		str_puts(out, s->packages[i].residue ? "(residue)" : "");
	}
	for (size_t i = 0; i < s->n_objects; i++) {
		str_putc(out, ' ');
		str_add(out, s->objects[i].path);
	}
	if (s->subject.n) {
		str_putc(out, ' ');
		str_add(out, s->subject);
	}
	if (s->kind != STEP_REVIEW && s->risk != RISK_LOW)
		str_printf(out, " !%s", risk_name(s->risk));
	if (s->kind == STEP_REVIEW) {
		str_putc(out, ' ');
		str_add(out, slice_first(s->words, 44));
	}
}

static char *said(const struct plan *p)
{
	struct str out = {0};

	str_puts(&out, "");
	for (size_t i = 0; i < p->n_gates; i++) {
		str_printf(&out, "%sgate ", out.n ? "; " : "");
		str_add(&out, p->gates[i].role);
		str_printf(&out, " %s", gate_state_name(p->gates[i].state));
	}
	for (size_t i = 0; i < p->n_steps; i++)
		say_step(&out, &p->steps[i]);
	for (size_t i = 0; i < p->n_left; i++) {
		str_printf(&out, "%sleft ", out.n ? "; " : "");
		str_add(&out, slice_first(p->left[i].why, 44));
	}
	assert_false(str_failed(&out));
	return out.p;
}

/* ---- lore: gui before engine before agent; the engine protects ---- */

static void lore_article(const void *, struct slice, struct slice name, uint32_t *rank,
                         struct slice *role, struct slice *advice)
{
	*rank = slice_eq(name, SLICE("z-gui")) ? 0 : slice_eq(name, SLICE("engine")) ? 1 : 2;
	if (slice_eq(name, SLICE("engine"))) {
		*role = SLICE("anti-virus");
		*advice = SLICE("turn its self-protection off");
	}
}

static const char *const *lore_protections(const void *, struct slice)
{
	static const char *const names[] = {"clamd", NULL};
	return names;
}

static const struct plan_lore lore = {.article = lore_article, .protections = lore_protections};

/* ---- running a world ---- */

static struct fact answer(const struct world *w, const struct need *need)
{
	for (size_t i = 0; i < MOST && w->answers[i].text.n; i++)
		if (w->answers[i].kind == need->kind && slice_eq(w->answers[i].text, need->text))
			return w->answers[i].fact;
	return (struct fact){0};
}

static struct plan *plan_of(const struct world *w)
{
	struct article_source source = {.kind = SLICE("root"), .path = SLICE("/")};
	struct articles a = {.sources = &source, .n_sources = 1, .complete = true};
	struct facts facts = {.root = w->offline ? SLICE("/mnt") : SLICE("/"),
	    .live = !w->offline};
	struct plan_options o = w->options;
	struct plan *plan = NULL;
	struct need *needs;
	struct arena mem;
	struct err e = {0};
	size_t n;

	a.list = (struct article *)(uintptr_t)w->articles;
	while (a.n < MOST && w->articles[a.n].id.n)
		a.n++;
	o.version = "test";
	arena_init(&mem, 0);
	assert_int_equal(plan_needs(&a, &o, &mem, &needs, &n), 0);
	facts.list = arena_zalloc(&mem, n, sizeof(*facts.list));
	assert_non_null(facts.list);
	facts.n = n;
	for (size_t i = 0; i < n; i++)
		facts.list[i] = answer(w, &needs[i]);
	if (plan_make(&a, needs, n, &facts, &o, &e, &plan) < 0)
		fail_msg("%s", e.text);
	arena_finish(&mem);
	return plan;
}

/* Every plan that is made must be one that is read back. */
static void must_come_back(const struct plan *p)
{
	struct str bytes = {0};
	struct plan *back = NULL;
	struct err e = {0};

	assert_int_equal(plan_pack(p, &bytes), 0);
	if (plan_unpack(str_slice(&bytes), &e, &back) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(back->sha256, p->sha256);
	plan_free(back);
	str_finish(&bytes);
}

#define KEY_ARTICLE \
	LOOSE("key", covered, STRENGTH_STRONG, \
	      STRONG("repo.key", "A <a@a>", "/var/lib/rpm/rpmdb.sqlite"), \
	      STRONG("repo.key", "A <a@a>", "/etc/pki/rpm-gpg/A"))
static struct slice agent_only[] = {S("agent")};
static struct fact_key key[] = {{S("gpg-pubkey-1a-2b"), S("1a-2b"), NULL, 0}};
static struct fact_key agents_key[] = {{S("gpg-pubkey-1a-2b"), S("1a-2b"), agent_only, 1}};
static struct fact_repository site[] = {{S("/etc/yum.repos.d/s.repo"), S("/etc/pki/rpm-gpg/A")}};

static struct slice gui_and_engine[] = {S("z-gui"), S("engine")};
static struct slice outsider[] = {S("outsider")};

static const struct world worlds[] = {
	{ /* 0: nothing is nothing */
		.expect = "",
	},
	{ /* 1: a package and what its removal leaves */
		.articles = {
			DEB("agent", covered, STATE_INSTALLED,
			    WEAK("path", "/opt/agent/bin/x", "/opt/agent/bin/x"),
			    WEAK("unit.name", "agent", "/usr/lib/systemd/system/agent.service"),
			    WEAK("group.name", "agentadm", "/etc/group")),
			LOOSE("files", weak_only, STRENGTH_WEAK,
			      WEAK("directory", "/var/opt/agent", "/var/opt/agent")),
		},
		.answers = {
			PACKAGE("agent"),
			FILE_AT("/opt/agent/bin/x", .owner = S("deb agent")),
			FILE_AT("/usr/lib/systemd/system/agent.service", .owner = S("deb agent")),
			{NEED_UNIT, S("/usr/lib/systemd/system/agent.service"),
			 {.unit = {S("agent.service"), true, true, true}}},
			FOLDER_AT("/var/opt/agent"),
			GROUP("agentadm", PATHS(S("/var/opt/agent/f"), S("/opt/agent/bin/x"))),
		},
		.expect = "service agent.service !medium; package agent;"
		          " take /var/opt/agent/f /var/opt/agent !medium; group agentadm !medium",
	},
	{ /* 2: weak evidence alone is for a person */
		.articles = {LOOSE("files", weak_only, STRENGTH_WEAK,
		                   WEAK("directory", "/opt/x", "/opt/x"))},
		.answers = {FOLDER_AT("/opt/x")},
		.expect = "review /opt/x: only weak evidence says whose it is,",
	},
	{ /* 3: unless it is wanted */
		.articles = {LOOSE("files", weak_only, STRENGTH_WEAK,
		                   WEAK("directory", "/opt/x", "/opt/x"))},
		.answers = {FOLDER_AT("/opt/x")},
		.options = {.include_weak = true},
		.expect = "take /opt/x/f /opt/x !high",
	},
	{ /* 4: what no order reaches is left, what is open is asked */
		.articles = {
			LOOSE("spared", excluded, STRENGTH_STRONG,
			      STRONG("pe.company", "A", "/srv/a.exe")),
			LOOSE("open", unclear, STRENGTH_STRONG,
			      STRONG("pe.company", "A", "/srv/b.exe")),
		},
		.answers = {FILE_AT("/srv/a.exe"), FILE_AT("/srv/b.exe")},
		.expect = "review /srv/b.exe: the order does not say; left carved out",
	},
	{ /* 5: gui before engine before agent; the replacement is missing */
		.articles = {
			DEB("agent", covered, STATE_INSTALLED),
			DEB("engine", covered, STATE_INSTALLED),
			DEB("z-gui", covered, STATE_INSTALLED),
		},
		.answers = {
			PACKAGE("agent"), PACKAGE("engine", NEEDED_BY(S("z-gui"))),
			    PACKAGE("z-gui"),
		},
		.options = {.lore = &lore},
		.expect = "gate anti-virus missing; package z-gui; package engine; package agent",
	},
	{ /* 6: dependants go first whatever the packs' order says */
		.articles = {
			DEB("agent", covered, STATE_INSTALLED),
			DEB("z-gui", covered, STATE_INSTALLED),
		},
		.answers = {PACKAGE("agent"), PACKAGE("z-gui", NEEDED_BY(S("agent:amd64")))},
		.options = {.lore = &lore},
		.expect = "package agent; package z-gui",
	},
	{ /* 7: a circle goes in one call */
		.articles = {
			DEB("engine", covered, STATE_INSTALLED),
			DEB("z-gui", covered, STATE_INSTALLED),
		},
		.answers = {
			PACKAGE("engine", NEEDED_BY(S("z-gui"))),
			    PACKAGE("z-gui", NEEDED_BY(S("engine"))),
			{NEED_ROLE, S("anti-virus"), {.role = {S("clamd (pid 7)")}}},
		},
		.options = {.lore = &lore},
		.expect = "gate anti-virus running; package engine+z-gui",
	},
	{ /* 8: others need it, so it stays, with all that it needs itself and its data */
		.articles = {
			DEB("engine", covered, STATE_INSTALLED,
			    WEAK("directory", "/var/opt/e", "/var/opt/e"),
			    WEAK("group.name", "eadm", "/etc/group")),
			DEB("base", covered, STATE_INSTALLED),
		},
		.answers = {
			PACKAGE("engine", NEEDED_BY(S("outsider"))),
			PACKAGE("base", NEEDED_BY(S("engine"))),
			FOLDER_AT("/var/opt/e"), GROUP("eadm"),
		},
		.expect = "review base: the package stays, because packages th;"
		          " review /var/opt/e and eadm: only weak evidence says;"
		          " review engine: the package stays, because packages ",
	},
	{ /* 9: the other one is allowed to go with it */
		.articles = {DEB("engine", covered, STATE_INSTALLED)},
		.answers = {PACKAGE("engine", NEEDED_BY(S("outsider"))), PACKAGE("outsider")},
		.options = {.allow = outsider, .n_allow = 1},
		.expect = "package outsider !high; package engine",
	},
	{ /* 10: essential, critical, held */
		.articles = {
			DEB("engine", covered, STATE_INSTALLED),
			    DEB("z-gui", covered, STATE_INSTALLED),
			DEB("agent", covered, STATE_INSTALLED),
		},
		.answers = {
			PACKAGE("engine", .essential = true),
			    PACKAGE("z-gui", .critical = S("boots")),
			PACKAGE("agent", .held = S("hold")),
		},
		.expect = "review agent: the package stays, because its manage;"
		          " review engine: the package stays, because it is ess;"
		          " review z-gui: the package stays, because the system",
	},
	{ /* 11: allowed one by one; a hold is not a thing to allow */
		.articles = {
			DEB("engine", covered, STATE_INSTALLED),
			    DEB("z-gui", covered, STATE_INSTALLED),
		},
		.answers = {
			PACKAGE("engine", .essential = true), PACKAGE("z-gui", .held = S("hold")),
		},
		.options = {.allow = gui_and_engine, .n_allow = 2},
		.expect = "package engine !high;"
		          " review z-gui: the package stays, because its manage",
	},
	{ /* 12: what an earlier removal left is purged */
		.articles = {DEB("engine", leftovers, STATE_RESIDUE,
		                 WEAK("path", "/var/lib/dpkg/info/engine.list",
		                      "/var/lib/dpkg/info/engine.list"))},
		.answers = {{NEED_PACKAGE, S("engine"), {.package = {.residue = true}}}},
		.expect = "package engine(residue)",
	},
	{ /* 13: another maker's product with such code in it */
		.articles = {{
			.id = S("nrpe"), .entity = S("acme"), .name = S("nrpe"),
			    .ecosystem = "deb",
			.state = STATE_INSTALLED, .basis = BASIS_IN_PART,
			    .strength = STRENGTH_STRONG,
			WORDS(covered),
			    EVIDENCE(STRONG("copyright.holder", "A",
			    "/usr/share/doc/nrpe/copyright")),
		}},
		.answers = {PACKAGE("nrpe")},
		.expect = "review /usr/share/doc/nrpe/copyright: another maker",
	},
	{ /* 14: places inside one another; a folder takes what is in it */
		.articles = {LOOSE("files", covered, STRENGTH_STRONG,
		                   STRONG("pe.company", "A", "/opt/x/f"),
		                   WEAK("directory", "/opt/x", "/opt/x"))},
		.answers = {FOLDER_AT("/opt/x"), FILE_AT("/opt/x/f")},
		.expect = "take /opt/x/f /opt/x !medium",
	},
	{ /* 15: but not what must stay: then only its own */
		.articles = {
			LOOSE("files", covered, STRENGTH_STRONG,
			      STRONG("pe.company", "A", "/opt/x/f"),
			      WEAK("directory", "/opt/x", "/opt/x")),
			LOOSE("spared", excluded, STRENGTH_STRONG,
			      STRONG("pe.company", "A", "/opt/x/g")),
		},
		.answers = {FOLDER_AT("/opt/x"), FILE_AT("/opt/x/f"), FILE_AT("/opt/x/g")},
		.expect = "take /opt/x/f; review /opt/x: it holds what must stay or is not se;"
		          " left carved out",
	},
	{ /* 16: mounts, others' packages, shared files, links elsewhere, running programs */
		.articles = {LOOSE("files", covered, STRENGTH_STRONG,
		                   STRONG("pe.company", "A", "/srv/1"),
		                   STRONG("pe.company", "A", "/srv/2"),
		                   STRONG("repo.host", "acme.example", "/etc/apt/sources.list"),
		                   STRONG("pe.company", "A", "/srv/4"))},
		.answers = {
			FOLDER_AT("/srv/1", .mount = S("/srv/1/m")),
			FOLDER_AT("/srv/2", OTHERS(S("deb outsider"))),
			FILE_AT("/etc/apt/sources.list", .shared = true),
			FILE_AT("/srv/4", .running = (struct slice[]){S("pid 9 (x)")},
			    .n_running = 1),
		},
		.expect = "take /srv/4 !high;"
		          " review /etc/apt/sources.list: others have entries i;"
		          " review /srv/1: a file system is mounted at /srv/1/m;"
		          " review /srv/2: packages that stay have something in",
	},
	{ /* 17: a folder that holds a package's files waits for the package */
		.articles = {
			DEB("agent", covered, STATE_INSTALLED),
			LOOSE("files", weak_only, STRENGTH_WEAK,
			    WEAK("directory", "/opt/a", "/opt/a")),
		},
		.answers = {PACKAGE("agent"), FOLDER_AT("/opt/a", .owner = S("deb agent"),
		                                       OTHERS(S("deb agent")))},
		.expect = "package agent; take after agent /opt/a/f /opt/a !medium",
	},
	{ /* 18: a trust anchor, and its copy in the store that is made from it */
		.articles = {LOOSE("root", covered, STRENGTH_STRONG,
		                   STRONG("cert.subject-name", "A", "/etc/ssl/certs/a.pem"),
		                   STRONG("cert.subject-name", "A",
		                          "/usr/local/share/ca-certificates/a.crt"),
		                   STRONG("cert.subject-name", "A",
		    "/home/j/.pki/nssdb/cert9.db"))},
		.answers = {
			FILE_AT("/etc/ssl/certs/a.pem"),
			FILE_AT("/usr/local/share/ca-certificates/a.crt"),
			FILE_AT("/home/j/.pki/nssdb/cert9.db"),
		},
		.expect = "trust /usr/local/share/ca-certificates/a.crt;"
		          " review /home/j/.pki/nssdb/cert9.db: a store of cert",
	},
	{ /* 19: a copy without an anchor */
		.articles = {LOOSE("root", covered, STRENGTH_STRONG,
		                   STRONG("cert.subject-name", "A", "/etc/ssl/certs/a.pem"))},
		.answers = {FILE_AT("/etc/ssl/certs/a.pem")},
		.expect = "review /etc/ssl/certs/a.pem: a tool makes this file",
	},
	{ /* 20: an account of which something remains, or that is in use, stays */
		.articles = {LOOSE("files", covered, STRENGTH_STRONG,
		                   STRONG("pe.company", "A", "/srv/1"),
		                   WEAK("group.name", "g1", "/etc/group"),
		                   WEAK("group.name", "g2", "/etc/group"),
		                   WEAK("group.name", "g3", "/etc/group"))},
		.answers = {
			FILE_AT("/srv/1"), GROUP("g1", PATHS(S("/srv/1"), S("/srv/2"))),
			GROUP("g2", .used = S("pid 3")), GROUP("g3", PATHS(S("/srv/1"))),
		},
		.expect = "take /srv/1; group g3 !medium;"
		          " review g1: files that stay belong to the group: /sr;"
		          " review g2: the group is in use: pid 3",
	},
	{ /* 21: modules, drivers, libraries */
		.articles = {LOOSE("files", covered, STRENGTH_STRONG,
		                   STRONG("kmod.author", "A", "/lib/modules/1/extra/a.ko"),
		                   STRONG("kmod.author", "A", "/lib/modules/1/extra/b.ko"),
		                   STRONG("pe.company", "A",
		    "/mnt/Windows/System32/Drivers/a.sys"),
		                   STRONG("elf.soname", "liba.so.1", "/usr/lib/liba.so.1"))},
		.answers = {
			FILE_AT("/lib/modules/1/extra/a.ko"),
			    FILE_AT("/lib/modules/1/extra/b.ko"),
			{NEED_MODULE, S("/lib/modules/1/extra/a.ko"), {.module = {true}}},
			FILE_AT("/mnt/Windows/System32/Drivers/a.sys"),
			    FILE_AT("/usr/lib/liba.so.1"),
		},
		.expect = "take /lib/modules/1/extra/b.ko !high;"
		          " review /lib/modules/1/extra/a.ko: the kernel has th;"
		          " review /mnt/Windows/System32/Drivers/a.sys: a drive;"
		          " review /usr/lib/liba.so.1: a library where every pr",
	},
	{ /* 22: npm: a project's own, an unpacked one, and a manifest's line */
		.articles = {
			{.id = S("1"), .entity = S("acme"), .name = S("w"), .version = S("1"),
			 .ecosystem = "npm", .state = STATE_INSTALLED, .basis = BASIS_DEVELOPED,
			 .strength = STRENGTH_STRONG, WORDS(covered),
			 EVIDENCE(STRONG("npm.name", "w",
			    "/srv/app/node_modules/w/package.json"))},
			{.id = S("2"), .entity = S("acme"), .name = S("v"), .version = S("1"),
			 .ecosystem = "npm", .state = STATE_STORED, .basis = BASIS_DEVELOPED,
			 .strength = STRENGTH_STRONG, WORDS(covered),
			 EVIDENCE(STRONG("npm.name", "v", "/srv/v/package.json"))},
			{.id = S("3"), .entity = S("acme"), .name = S("w"), .version = S("^1"),
			 .ecosystem = "npm", .state = STATE_REFERENCED, .basis = BASIS_DEVELOPED,
			 .strength = STRENGTH_STRONG, WORDS(covered),
			 EVIDENCE(STRONG("npm.dependency", "w", "/srv/app/package.json"))},
		},
		.answers = {FOLDER_AT("/srv/app/node_modules/w"), FOLDER_AT("/srv/v")},
		.expect = "take /srv/v/f /srv/v;"
		          " review /srv/app/node_modules/w: the project asks fo;"
		          " review /srv/app/package.json: a manifest asks for i",
	},
	{ /* 23: a repository of its own file; databases are never taken */
		.articles = {LOOSE("repo", covered, STRENGTH_STRONG,
		                   STRONG("repo.host", "a.example",
		    "/etc/apt/sources.list.d/a.list"),
		                   STRONG("user.name", "acme", "/etc/passwd"),
		                   STRONG("path", "/var/lib/dpkg/info/x", "/var/lib/dpkg/info/x"),
		                   STRONG("directory", "/opt", "/opt"))},
		.answers = {
			FILE_AT("/etc/apt/sources.list.d/a.list"), FOLDER_AT("/opt"),
			FILE_AT("/var/lib/dpkg/info/x"),
			{NEED_USER, S("acme"),
			    {.account = {.exists = true, .name = S("acme"), .id = 7}}},
		},
		.expect = "user acme; take(repository) /etc/apt/sources.list.d/a.list;"
		          " review /opt: every system has this folder: only wha;"
		          " review /var/lib/dpkg/info/x: a database of accounts",
	},
	{ /* 24: what is gone is said, what could not be seen is asked */
		.articles = {LOOSE("files", covered, STRENGTH_STRONG,
		                   STRONG("pe.company", "A", "/srv/gone"),
		                   STRONG("pe.company", "A", "/srv/dark"))},
		.answers = {{NEED_PLACE, S("/srv/dark"), {.why = S("permission denied")}}},
		.expect = "review /srv/dark: it could not be looked at (permis;"
		          " left /srv/gone: it is no longer there",
	},
	{ /* 25: on another root a unit is only a file */
		.articles = {LOOSE("unit", covered, STRENGTH_STRONG,
		                   STRONG("unit.exec", "/opt/x",
		    "/etc/systemd/system/x.service"))},
		.answers = {
			FILE_AT("/etc/systemd/system/x.service"),
			{NEED_UNIT, S("/etc/systemd/system/x.service"),
			 {.unit = {S("x.service"), false, true, false}}},
		},
		.offline = true,
		.expect = "take(launcher) /etc/systemd/system/x.service",
	},
	{ /* 26: a waiver */
		.articles = {DEB("engine", covered, STATE_INSTALLED)},
		.answers = {PACKAGE("engine")},
		.options = {.lore = &lore, .waiver = S("JD answers for it")},
		.expect = "gate anti-virus waived; package engine",
	},
	{ /* 27: nothing of an order that was not selected */
		.articles = {DEB("engine", covered, STATE_INSTALLED)},
		.answers = {PACKAGE("engine")},
		.options = {.orders = outsider, .n_orders = 1},
		.expect = "",
	},
	{ /* a key goes with its file, and out of its database by the manager */
		.articles = {KEY_ARTICLE},
		.answers = {
			{NEED_KEY, S("A <a@a>"), {.keys = {.list = key, .n = 1}}},
			FILE_AT("/etc/pki/rpm-gpg/A"),
		},
		.expect = "package gpg-pubkey-1a-2b; take(repository) /etc/pki/rpm-gpg/A",
	},
	{ /* not while a package that stays is signed with it */
		.articles = {KEY_ARTICLE},
		.answers = {
			{NEED_KEY, S("A <a@a>"), {.keys = {.list = agents_key, .n = 1}}},
			FILE_AT("/etc/pki/rpm-gpg/A"),
		},
		.expect = "take(repository) /etc/pki/rpm-gpg/A;"
		          " review A <a@a>: the key gpg-pubkey-1a-2b of the pac",
	},
	{ /* nor while a repository that stays names it: then its file stays too */
		.articles = {KEY_ARTICLE},
		.answers = {
			{NEED_KEY, S("A <a@a>"), {.keys = {.list = key, .n = 1,
			    .repositories = site, .n_repositories = 1}}},
			FILE_AT("/etc/pki/rpm-gpg/A"),
		},
		.expect = "review /etc/pki/rpm-gpg/A: a repository that stays ;"
		          " review A <a@a>: the key gpg-pubkey-1a-2b of the pac",
	},
	{ /* a database that could not be asked is for a person */
		.articles = {KEY_ARTICLE},
		.answers = {
			{NEED_KEY, S("A <a@a>"), {.why = S("no rpm")}},
			FILE_AT("/etc/pki/rpm-gpg/A"),
		},
		.expect = "take(repository) /etc/pki/rpm-gpg/A;"
		          " review A <a@a>: which keys the package database hol",
	},
	{ /* 28: packages of languages whose files are known */
		.articles = {
			CODE("npm", "w", "/usr/local/lib/node_modules/w/package.json"),
			CODE("pypi", "asked", SITE "asked-1.dist-info/METADATA"),
			CODE("pypi", "base", SITE "base-1.dist-info/METADATA"),
			CODE("pypi", "kept", SITE "kept-1.dist-info/METADATA"),
			CODE("pypi", "top", SITE "top-1.dist-info/METADATA"),
		},
		.answers = {
			CODE_AT("/usr/local/lib/node_modules/w"),
			CODE_AT(SITE "asked-1.dist-info",
			        ASKED_FOR(S(SITE "top-1.dist-info"), S(SITE "other-1.dist-info"))),
			CODE_AT(SITE "base-1.dist-info", ASKED_FOR(S(SITE "top-1.dist-info"))),
			CODE_AT(SITE "kept-1.dist-info", .kept = S("it has no RECORD")),
			CODE_AT(SITE "top-1.dist-info"),
		},
		.expect = "take " SITE "base-1.dist-info/f " SITE "base-1.dist-info;"
		          " take " SITE "top-1.dist-info/f " SITE "top-1.dist-info;"
		          " take /usr/local/lib/node_modules/w/f /usr/local/lib/node_modules/w;"
		          " review /usr/local/lib/python3.11/site-packages/aske;"
		          " review /usr/local/lib/python3.11/site-packages/kept",
	},
	{ /* 29: a refusal spreads; what has a file of a package that stays, stays; a list
	   * of files may name nothing of the system's; a file of it has one step */
		.articles = {
			CODE("pypi", "base", SITE "base-1.dist-info/METADATA",
			     STRONG("file.bytes", "x", SITE "base-1.dist-info/f")),
			CODE("pypi", "top", SITE "top-1.dist-info/METADATA"),
			CODE("pypi", "list", SITE "list-1.dist-info/METADATA"),
			CODE("pypi", "good", SITE "good-1.dist-info/METADATA",
			     STRONG("file.bytes", "x", SITE "good-1.dist-info/f")),
			CODE("npm", "in",
			     "/usr/local/lib/node_modules/o/node_modules/in/package.json"),
		},
		.answers = {
			CODE_AT(SITE "base-1.dist-info"),
			CODE_AT(SITE "top-1.dist-info", OTHERS(S("deb outsider")),
			        ASKED_FOR(S(SITE "base-1.dist-info"))),
			{NEED_CODE, S(SITE "list-1.dist-info"), {.place = {.exists = true,
			 .n_objects = 1, .objects = (struct object[]){{.path = S("/etc/passwd"),
			 .type = OBJECT_FILE, .mode = S_IFREG | 0644}}}}},
			CODE_AT(SITE "good-1.dist-info", .owner = S("")),
			FILE_AT(SITE "good-1.dist-info/f"), FILE_AT(SITE "base-1.dist-info/f"),
		},
		.expect = "take " SITE "base-1.dist-info/f " SITE "base-1.dist-info;"
		          " take " SITE "good-1.dist-info/f " SITE "good-1.dist-info;"
		          " review /usr/local/lib/node_modules/o/node_modules/i;"
		          " review /usr/local/lib/python3.11/site-packages/list;"
		          " review /usr/local/lib/python3.11/site-packages/top-",
	},
};

static void the_right_steps_come_out(void **)
{
	bool wrong = false;

	for (size_t i = 0; i < COUNT_OF(worlds); i++) {
		struct plan *p = plan_of(&worlds[i]);
		char *text = said(p);
		if (strcmp(text, worlds[i].expect) != 0) {
			print_error("world %zu:\n  is     %s\n  not    %s\n", i, text,
			            worlds[i].expect);
			wrong = true;
		}
		must_come_back(p);
		free(text);
		plan_free(p);
	}
	assert_false(wrong);
}

static void the_same_input_gives_the_same_plan(void **)
{
	for (size_t i = 0; i < COUNT_OF(worlds); i++) {
		struct plan *a = plan_of(&worlds[i]), *b = plan_of(&worlds[i]);
		assert_string_equal(a->sha256, b->sha256);
		plan_free(a);
		plan_free(b);
	}
}

static void a_step_says_why(void **)
{
	struct plan *p = plan_of(&worlds[5]);
	const struct step *s = &p->steps[1];

	assert_int_equal(s->n_reasons, 1);
	assert_true(slice_eq(s->reasons[0].because, SLICE("it is")));
	assert_int_equal(s->n_evidence, 1);
	assert_true(slice_eq(s->before[0], SLICE("turn its self-protection off")));
	assert_true(slice_eq(p->gates[0].processes[0], SLICE("clamd")));
	plan_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_steps_come_out),
		cmocka_unit_test(the_same_input_gives_the_same_plan),
		cmocka_unit_test(a_step_says_why),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
