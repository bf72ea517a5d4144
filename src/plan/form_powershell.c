/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --format powershell: for Windows. First the uninstallers that the makers
 * document, shown with what the registry knows of the product; a person runs
 * them, for most ask for passwords. Then, with -Uninstalled, what they left:
 * files are compared with their hash and moved into a quarantine folder.
 *
 * All of it is ASCII: Windows PowerShell reads a script without a mark of order
 * in the system's code page, in which bytes of UTF-8 may be quotation marks.
 */
#include "base/text.h"
#include "plan/script.h"

static void unit(struct script *s, unsigned value)
{
	fprintf(s->out, " + [char]0x%04x", value);
}

static void wide(struct script *s, uint32_t rune)
{
	if (rune < 0x10000) {
		unit(s, rune);
		return;
	}
	unit(s, 0xd800 + ((rune - 0x10000) >> 10));
	unit(s, 0xdc00 + ((rune - 0x10000) & 0x3ff));
}

/* Printable ASCII in single quotes, the rest by its number, added to it. */
static void quote(struct script *s, struct slice text)
{
	bool open = true;
	uint32_t rune;
	size_t n;

	fputs("('", s->out);
	for (size_t at = 0; at < text.n; at += n) {
		n = text_rune(slice_from(text, at), &rune);
		rune = n ? rune : 0xfffd;
		n = n ? n : 1;
		bool plain = rune >= ' ' && rune < 0x7f;
		if (plain != open)
			fputs(plain ? " + '" : "'", s->out);
		open = plain;
		if (!plain)
			wide(s, rune);
		else
			fprintf(s->out, rune == '\'' ? "''" : "%c", (int)rune);
	}
	fputs(open ? "')" : ")", s->out);
}

static void argument(struct script *s, const char *name, struct slice text)
{
	fprintf(s->out, " %s ", name);
	quote(s, text);
}

/* ---- names ---- */

/* Names that stand for a device in every folder, whatever their ending. */
static const char *const devices[] = {
	"con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7",
	"com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
};

static bool part_ok(struct slice part)
{
	struct slice stem = slice_first(part, slice_find_byte(part, '.'));

	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] < ' ' || strchr("\\:*?\"<>|", part.p[i]))
			return false;
	for (size_t i = 0; i < COUNT_OF(devices); i++)
		if (slice_eq_nocase(slice_trim(stem), slice_str(devices[i])))
			return false;
	return part.n > 0 && part.p[part.n - 1] != '.' && part.p[part.n - 1] != ' ';
}

/* Would Windows take it for the same path? There a backslash parts folders, a
 * colon opens a stream, and a final dot or space is dropped. */
static bool windows_path(struct slice path)
{
	struct slice rest = slice_from(path, 1), part;
	bool ok = text_is_utf8(path);

	while (ok && slice_split(&rest, '/', &part))
		ok = part_ok(part);
	return ok;
}

/* ---- what is in every script ---- */

static const char head[] =
	"[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]\n"
	"param(\n"
	"    # Where the root of what was swept is: a drive or a folder.\n"
	"    [string]$Root = 'C:\\',\n"
	"    # Where to put what is taken.\n"
	"    [string]$Quarantine = '',\n"
	"    # The uninstallers that are shown have been run: take what they left.\n"
	"    [switch]$Uninstalled\n"
	")\n"
	"Set-StrictMode -Version 2.0\n"
	"$ErrorActionPreference = 'Stop'\n"
	"$script:Problems = 0\n";

static const char functions[] =
	"\n"
	"# Left alone, and said; the script goes on.\n"
	"function Skip([string]$Path, [string]$Why) {\n"
	"    $script:Problems++\n"
	"    Write-Warning ('left alone: ' + $Path + ' (' + $Why + ')')\n"
	"}\n"
	"\n"
	"function Get-Full([string]$Path) {\n"
	"    return $Root.TrimEnd('\\') + $Path.Replace('/', '\\')\n"
	"}\n"
	"\n"
	"# Is it reached without a link?\n"
	"function Test-Straight([string]$Full) {\n"
	"    $top = $Root.TrimEnd('\\')\n"
	"    $folder = [System.IO.Path]::GetDirectoryName($Full)\n"
	"    while ($folder -and $folder.TrimEnd('\\').Length -gt $top.Length) {\n"
	"        $attributes = [System.IO.File]::GetAttributes($folder)\n"
	"        if ($attributes -band [System.IO.FileAttributes]::ReparsePoint) {"
	" return $false }\n"
	"        $folder = [System.IO.Path]::GetDirectoryName($folder)\n"
	"    }\n"
	"    return $true\n"
	"}\n"
	"\n"
	"# What the list of installed programs says of a product.\n"
	"function Find-Installed([string]$Name) {\n"
	"    $keys = @('HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall',\n"
	"        'HKLM:\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall')\n"
	"    foreach ($key in $keys) {\n"
	"        if (-not (Test-Path -LiteralPath $key)) { continue }\n"
	"        foreach ($entry in Get-ChildItem -LiteralPath $key) {\n"
	"            $shown = [string]$entry.GetValue('DisplayName')\n"
	"            if (-not $shown) { continue }\n"
	"            $same = $shown.IndexOf($Name, [System.StringComparison]::OrdinalIgnoreCase)\n"
	"            if ($same -lt 0) { continue }\n"
	"            Write-Output ('  installed: ' + $shown + ', ' + $entry.PSChildName)\n"
	"            $quiet = [string]$entry.GetValue('QuietUninstallString')\n"
	"            if ($quiet) { Write-Output ('  its own quiet uninstaller: ' + $quiet) }\n"
	"        }\n"
	"    }\n"
	"}\n"
	"\n"
	"# An uninstaller that the maker documents, for a person to run.\n"
	"function Show-Recipe([string]$Name, [string]$What, [string]$Command,\n"
	"    [string]$After, [string]$Source) {\n"
	"    Write-Output ($Name + ': ' + $What)\n"
	"    Find-Installed $Name\n"
	"    if ($Command) { Write-Output ('  run: ' + $Command) }\n"
	"    if ($After) { Write-Output ('  then: ' + $After) }\n"
	"    Write-Output ('  source: ' + $Source)\n"
	"}\n"
	"\n"
	"# Only administrators and the system get into it.\n"
	"function New-Quarantine {\n"
	"    if (Test-Path -LiteralPath $Quarantine) {\n"
	"        $owner = (Get-Acl -LiteralPath $Quarantine).GetOwner(\n"
	"            [System.Security.Principal.SecurityIdentifier]).Value\n"
	"        if (@('S-1-5-32-544', 'S-1-5-18') -notcontains $owner) {\n"
	"            throw ($Quarantine + ' belongs to somebody else')\n"
	"        }\n"
	"    }\n"
	"    [void][System.IO.Directory]::CreateDirectory($Quarantine)\n"
	"    & icacls.exe $Quarantine /setowner '*S-1-5-32-544' /q | Out-Null\n"
	"    if ($LASTEXITCODE -ne 0) { throw ('cannot own ' + $Quarantine) }\n"
	"    & icacls.exe $Quarantine /inheritance:r /grant:r '*S-1-5-32-544:(OI)(CI)F' "
	"'*S-1-5-18:(OI)(CI)F' /q | Out-Null\n"
	"    if ($LASTEXITCODE -ne 0) { throw ('cannot protect ' + $Quarantine) }\n"
	"}\n";

static const char takers[] =
	"\n"
	"# Moves a file whose bytes are still those of the plan. Not Move-Item: that\n"
	"# takes brackets in the destination for a pattern.\n"
	"function Move-Planned {\n"
	"    [CmdletBinding(SupportsShouldProcess = $true)]\n"
	"    param([string]$Path, [string]$Sha256)\n"
	"    $full = Get-Full $Path\n"
	"    if (-not (Test-Path -LiteralPath $full)) { return }\n"
	"    $attributes = [System.IO.File]::GetAttributes($full)\n"
	"    if (($attributes -band [System.IO.FileAttributes]::ReparsePoint) -or\n"
	"        ($attributes -band [System.IO.FileAttributes]::Directory) -or\n"
	"        -not (Test-Straight $full)) {\n"
	"        Skip $full 'it is no longer that file'\n"
	"        return\n"
	"    }\n"
	"    if ((Get-FileHash -LiteralPath $full -Algorithm SHA256).Hash -ne $Sha256) {\n"
	"        Skip $full 'its contents changed'\n"
	"        return\n"
	"    }\n"
	"    if (-not $PSCmdlet.ShouldProcess($full, 'Move into quarantine')) { return }\n"
	"    $kept = $Quarantine + $Path.Replace('/', '\\')\n"
	"    try {\n"
	"        [void][System.IO.Directory]::CreateDirectory("
	"[System.IO.Path]::GetDirectoryName($kept))\n"
	"        [System.IO.File]::Move($full, $kept)\n"
	"    } catch {\n"
	"        Skip $full $_.Exception.Message\n"
	"    }\n"
	"}\n"
	"\n"
	"# Takes away a folder that is empty by now.\n"
	"function Remove-Empty {\n"
	"    [CmdletBinding(SupportsShouldProcess = $true)]\n"
	"    param([string]$Path)\n"
	"    $full = Get-Full $Path\n"
	"    if (-not [System.IO.Directory]::Exists($full)) { return }\n"
	"    $attributes = [System.IO.File]::GetAttributes($full)\n"
	"    if (($attributes -band [System.IO.FileAttributes]::ReparsePoint) -or\n"
	"        -not (Test-Straight $full)) {\n"
	"        Skip $full 'it is no longer that folder'\n"
	"        return\n"
	"    }\n"
	"    if (-not $PSCmdlet.ShouldProcess($full, 'Remove the empty folder')) { return }\n"
	"    try {\n"
	"        [System.IO.Directory]::Delete($full, $false)\n"
	"    } catch {\n"
	"        Skip $full $_.Exception.Message\n"
	"    }\n"
	"}\n";

static void preamble(struct script *s)
{
	fputs(functions, s->out);
	fputs(takers, s->out);
	fprintf(s->out, "\nif (-not $Quarantine) {\n"
	        "    $Quarantine = Join-Path $env:ProgramData 'debar-quarantine-%.12s'\n"
	        "}\n", s->plan->sha256);
}

/* ---- the uninstallers ---- */

static struct slice name_of(const struct plan *plan, struct slice article)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (slice_eq(plan->steps[i].article, article))
			return plan->steps[i].name;
	return article;
}

static void recipe(struct script *s, const struct plan_recipe *r)
{
	fputc('\n', s->out);
	script_comment(s, "source: ", r->source);
	fputs("Show-Recipe", s->out);
	argument(s, "-Name", name_of(s->plan, r->article));
	argument(s, "-What", r->what);
	argument(s, "-Command", r->command);
	argument(s, "-After", r->after);
	argument(s, "-Source", r->source);
	fputc('\n', s->out);
}

static void recipes(struct script *s, const struct plan_form_input *in)
{
	if (in->n_recipes == 0)
		return;
	fputs("\n# The makers' uninstallers come first: they also undo what cannot be seen in\n"
	      "# files, and self-protection lets nobody else at them.\n", s->out);
	for (size_t i = 0; i < in->n_recipes; i++)
		recipe(s, &in->recipes[i]);
	fputs("\nif (-not $Uninstalled -and -not $WhatIfPreference) {\n"
	      "    Write-Output 'Run these first; then run this script again with -Uninstalled.'\n"
	      "    exit 2\n"
	      "}\n", s->out);
}

/* ---- steps ---- */

static void object(struct script *s, const struct object *o)
{
	char hex[2 * PLAN_SHA256_BYTES + 1];

	if (!windows_path(o->path) || (o->type != OBJECT_FILE && o->type != OBJECT_FOLDER)) {
		fputs("Skip ", s->out);
		quote(s, slice_str(script_shown(s, o->path)));
		fputs(" 'not a file with a name that Windows knows'\n", s->out);
		return;
	}
	fputs(o->type == OBJECT_FILE ? "Move-Planned" : "Remove-Empty", s->out);
	argument(s, "-Path", o->path);
	script_hex(o->sha256, hex);
	fprintf(s->out, o->type == OBJECT_FILE ? " -Sha256 '%s'\n" : "\n", hex);
}

static void take(struct script *s, const struct step *step)
{
	for (size_t i = 0; i < step->n_objects; i++)
		object(s, &step->objects[i]);
}

static void elsewhere(struct script *s, const struct step *)
{
	fputs("# Not a thing of Windows: nothing is done here.\n", s->out);
}

static void review(struct script *s, const struct step *step)
{
	fputs("Write-Output (", s->out);
	quote(s, slice_str(script_shown(s, step->name)));
	fputs(" + ': ' + ", s->out);
	quote(s, slice_str(script_shown(s, step->words)));
	fputs(")\n", s->out);
}

static void (*const writers[STEP_KIND_COUNT])(struct script *s, const struct step *step) = {
	[STEP_SERVICE] = elsewhere, [STEP_PACKAGE] = elsewhere, [STEP_TAKE] = take,
	[STEP_TRUST] = take,        [STEP_USER] = elsewhere,    [STEP_GROUP] = elsewhere,
	[STEP_REVIEW] = review,
};

static int powershell_write(const struct plan_form_input *in, FILE *out)
{
	struct script s;

	script_init(&s, in->plan, "# ", out);
	s.ascii = true;
	script_head(&s, "Takes banned articles out of Windows. Run as administrator;"
	            " -WhatIf first.");
	fputs(head, out);
	preamble(&s);
	recipes(&s, in);
	fputs("\nif (-not $WhatIfPreference) { New-Quarantine }\n", out);
	for (size_t i = 0; i < in->plan->n_steps; i++) {
		script_step(&s, &in->plan->steps[i], i + 1);
		writers[in->plan->steps[i].kind](&s, &in->plan->steps[i]);
	}
	script_rest(&s);
	fputs("\nif ($script:Problems -gt 0) {\n"
	      "    Write-Warning ([string]$script:Problems + ' left alone, see above')\n"
	      "    exit 1\n"
	      "}\n"
	      "Write-Output ('done; what was taken lies in ' + $Quarantine)\n", out);
	return script_finish(&s);
}

const struct plan_form plan_form_powershell = {
	.name = "powershell",
	.write = powershell_write,
};
