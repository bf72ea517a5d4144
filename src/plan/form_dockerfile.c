/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format dockerfile: what to change in the recipe of an image. An image is
 * made anew rather than cleaned, so most of it is advice in comments; the RUN
 * lines belong into the layer that brings the thing, where they leave no trace.
 * They are in exec form, so that no shell reads what a stranger named.
 */
#include "base/text.h"
#include "plan/script.h"

/* So that the arguments of one RUN stay far below what a system takes. */
enum { FILES_PER_RUN = 200 };

static void unit(struct script *s, unsigned value)
{
	fprintf(s->out, "\\u%04x", value);
}

/* JSON, in which everything that a builder may read on its own account (quotes,
 * backslashes, dollars, the "<<" of a here-document) is escaped. */
static void quote(struct script *s, struct slice text)
{
	uint32_t rune;
	size_t n;

	fputc('"', s->out);
	for (size_t at = 0; at < text.n; at += n) {
		n = text_rune(slice_from(text, at), &rune);
		rune = n ? rune : 0xfffd;
		n = n ? n : 1;
		if (rune > ' ' && rune < 0x7f && !strchr("\"\\'`$<>#&{}", (int)rune))
			fputc((int)rune, s->out);
		else if (rune < 0x10000)
			unit(s, rune);
		else {
			unit(s, 0xd800 + ((rune - 0x10000) >> 10));
			unit(s, 0xdc00 + ((rune - 0x10000) & 0x3ff));
		}
	}
	fputc('"', s->out);
}

/* ---- packages ---- */

/* How an image's own tools take packages out without asking. Others than these
 * are told in words. */
static const struct {
	const char *ecosystem;
	const char *argv[6];
} tools[] = {
	{"deb", {"apt-get", "purge", "--yes", "--"}},
	{"rpm", {"rpm", "--erase", "--"}},
	{"apk", {"apk", "del", "--purge", "--"}},
	{"alpm", {"pacman", "--remove", "--nosave", "--noconfirm", "--"}},
	{"npm", {"npm", "uninstall", "--global", "--"}},
	{"pypi", {"pip", "uninstall", "--yes", "--"}},
};

static void erase(struct script *s, const struct step *step, const char *const *argv)
{
	fputs("RUN [", s->out);
	for (size_t i = 0; argv[i]; i++) {
		quote(s, slice_str(argv[i]));
		fputs(", ", s->out);
	}
	for (size_t i = 0; i < step->n_packages; i++) {
		fputs(i ? ", " : "", s->out);
		quote(s, step->packages[i].name);
	}
	fputs("]\n", s->out);
}

static void package(struct script *s, const struct step *step)
{
	const char *ecosystem = step->packages[0].ecosystem;

	for (size_t i = 0; i < step->n_packages; i++)
		fprintf(s->out, "#   look for the line that installs %s %s\n", ecosystem,
		        script_shown(s, step->packages[i].name));
	fputs("#   Take it out of that line. Where something else pulls it in, end the same\n"
	      "#   RUN with this command: in a later one its bytes stay in the layer before.\n",
	      s->out);
	for (size_t i = 0; i < COUNT_OF(tools); i++)
		if (strcmp(tools[i].ecosystem, ecosystem) == 0) {
			erase(s, step, tools[i].argv);
			return;
		}
	script_comment(s, "  no command is known for packages of the kind ",
	               slice_str(ecosystem));
}

/* ---- files ---- */

/* Arguments: a path and the hash of its bytes, of a link's target, or "-" for a
 * folder, again and again. */
static const char checked[] =
	"set -eu; while [ \"$#\" -gt 1 ]; do "
	"if [ \"$2\" = - ]; then [ -L \"$1\" ] || [ ! -d \"$1\" ] || rmdir \"$1\"; "
	"elif [ -L \"$1\" ]; then "
	"s=$(readlink -n \"$1\" | sha256sum); [ \"${s%% *}\" = \"$2\" ]; rm \"$1\"; "
	"elif [ -e \"$1\" ]; then "
	"s=$(sha256sum <\"$1\"); [ \"${s%% *}\" = \"$2\" ]; rm \"$1\"; "
	"fi; shift 2; done";

static bool sayable(const struct object *o)
{
	return text_is_utf8(o->path) && o->type != OBJECT_OTHER;
}

static void pair(struct script *s, const struct object *o)
{
	char hex[2 * PLAN_SHA256_BYTES + 1];

	fputs(", \\\n    ", s->out);
	quote(s, o->path);
	script_hex(o->sha256, hex);
	fprintf(s->out, ", \"%s\"", o->type == OBJECT_FOLDER ? "-" : hex);
}

/* One RUN for many: an image has few layers. */
static void delete(struct script *s, const struct step *step)
{
	size_t n = 0;

	for (size_t i = 0; i < step->n_objects; i++) {
		if (!sayable(&step->objects[i]))
			continue;
		if (n % FILES_PER_RUN == 0) {
			fputs(n ? "]\n" : "", s->out);
			fputs("RUN [\"/bin/sh\", \"-c\", ", s->out);
			quote(s, slice_str(checked));
			fputs(", \"sh\"", s->out);
		}
		pair(s, &step->objects[i]);
		n++;
	}
	fputs(n ? "]\n" : "", s->out);
}

static void take(struct script *s, const struct step *step)
{
	fputs("#   Look for the COPY or ADD line whose destination holds these, or the RUN that\n"
	      "#   fetches them, and take them out there (or list them in .dockerignore). Where\n"
	      "#   that cannot be, end the same RUN with this command.\n", s->out);
	for (size_t i = 0; i < step->n_objects; i++)
		if (!sayable(&step->objects[i]))
			script_comment(s, "  by hand: ", step->objects[i].path);
	delete(s, step);
	if (step->kind == STEP_TRUST)
		fputs("#   Then update-ca-certificates --fresh, or update-ca-trust"
		      " extract.\n", s->out);
}

/* ---- the rest ---- */

static void service(struct script *s, const struct step *step)
{
	script_comment(s, "  Let no CMD, ENTRYPOINT or RUN start or enable ", step->subject);
}

static void account(struct script *s, const struct step *step)
{
	script_comment(s, step->kind == STEP_USER ?
	               "  Take out the useradd or adduser of " :
	               "  Take out the groupadd or addgroup of ", step->subject);
}

static void review(struct script *s, const struct step *)
{
	fputs("#   For a person to settle; nothing is written for it.\n", s->out);
}

static void (*const writers[STEP_KIND_COUNT])(struct script *s, const struct step *step) = {
	[STEP_SERVICE] = service, [STEP_PACKAGE] = package, [STEP_TAKE] = take,
	[STEP_TRUST] = take,      [STEP_USER] = account,    [STEP_GROUP] = account,
	[STEP_REVIEW] = review,
};

static const char advice[] =
	"#\n"
	"# How to use it:\n"
	"# - See first which FROM brings it: sweep the base image. If it is in there, take\n"
	"#   another base, or a newer one without it; nothing below helps against that.\n"
	"# - What a layer brought stays in the image although a later layer deletes it.\n"
	"#   So a RUN line from here goes into the RUN that brings the thing (join them\n"
	"#   with &&), not behind it.\n"
	"# - Where that cannot be done, make one layer of all:\n"
	"#       FROM scratch\n"
	"#       COPY --from=CLEANED-STAGE / /\n"
	"#   and write ENV, USER, WORKDIR, ENTRYPOINT and CMD again.\n"
	"# - Make the image anew without the cache, sweep it, and delete the old tags.\n";

static int dockerfile_write(const struct plan_form_input *in, FILE *out)
{
	struct script s;

	script_init(&s, in->plan, "# ", out);
	script_head(&s, "What to change in the recipe of an image, so that it comes out without"
	                " banned articles.");
	fputs(advice, out);
	for (size_t i = 0; i < in->plan->n_steps; i++) {
		script_step(&s, &in->plan->steps[i], i + 1);
		writers[in->plan->steps[i].kind](&s, &in->plan->steps[i]);
	}
	script_rest(&s);
	return script_finish(&s);
}

const struct plan_form plan_form_dockerfile = {
	.name = "dockerfile",
	.write = dockerfile_write,
};
