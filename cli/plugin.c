/*
 * mue plugin: the emulator as a runtime under bpf_conformance, which measures how well runtimes
 * keep to the instruction set (docs/protocol.md).
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/target.h"
#include "runners/emulator/vm.h"

#define INPUT_MAX (8u << 20) /* characters of a program or a memory */

struct options {
	const char *program;
	bool interpret, checked;
};

static const struct mue_option options[] = {
	MUE_STRING(struct options, program, "program", "HEX",
		   "the program; else standard input has it"),
	MUE_FLAG(struct options, interpret, "interpret",
		 "as it is anyway: the emulator has no JIT"),
	MUE_FLAG(struct options, checked, "checked",
		 "refuse what the kernel's verifier would (as a socket filter)"),
	{NULL}};

struct octets {
	uint8_t *p;
	size_t n;
};

/*
 * Reads bytes of two digits, or one before a space, apart or not. 0, -EINVAL or -ENOMEM. To be
 * freed either way.
 */
static int parse_hex(struct octets *to, const char *text)
{
	to->n = 0;
	to->p = malloc(strlen(text) / 2 + strlen(text) % 2 + 1);
	if (!to->p)
		return -ENOMEM;
	for (;;) {
		char digits[3] = {0};

		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			return 0;
		for (int i = 0; i < 2 && isxdigit((unsigned char)*text); i++)
			digits[i] = *text++;
		if (!*digits || (!digits[1] && *text && !isspace((unsigned char)*text)))
			return -EINVAL;
		to->p[to->n++] = strtoul(digits, NULL, 16);
	}
}

/* Standard input, as text; NULL when it is too much or cannot be read. */
static char *read_input(void)
{
	char *text = malloc(INPUT_MAX + 1);
	size_t n = text ? fread(text, 1, INPUT_MAX + 1, stdin) : 0;

	if (!text || n > INPUT_MAX || ferror(stdin)) {
		free(text);
		return NULL;
	}
	text[n] = 0;
	return text;
}

/* What failed goes to standard output: the suite compares it with what a test expects. */
static int refuse(const char *what, const char *why)
{
	printf("%s: %s\n", what, why);
	return MUE_EXIT_DIVERGED;
}

static int run_program(const struct emu_prog *p, struct emu_vm *vm, const struct octets *memory)
{
	const struct emu_input in = {.ctx = memory->p, .ctx_size = memory->n, .r2 = memory->n};
	uint64_t r0;
	int err = emu_vm_run(vm, p, &in, &r0);

	if (err == -EFAULT)
		return refuse("run", "memory that the program may not access");
	if (err)
		return refuse("run", err == -ETIMEDOUT
					     ? "too many instructions"
					     : "an instruction or a call that there is not");
	printf("%" PRIx64 "\n", r0);
	return MUE_EXIT_OK;
}

static int execute(const struct octets *program, const struct octets *memory, bool checked)
{
	struct emu_load load = {.insns = (const void *)program->p,
				.n = program->n / sizeof(struct bpf_insn),
				.prog_type = MUE_PROG_SOCKET_FILTER,
				.unchecked = !checked};
	char msg[EMU_MSG_MAX];
	struct mue_world world;
	struct emu_prog *p;
	struct emu_vm *vm;
	int code = MUE_EXIT_HARNESS;

	mue_world_of_version(&world, MUE_DEFAULT_VERSION, MUE_DEFAULT_CPUS);
	vm = emu_vm_open(&world);
	if (!vm)
		return mue_fail(&mue_command_plugin, code, "out of memory");
	if (program->n % sizeof(struct bpf_insn))
		code = refuse("load", "not whole instructions");
	else if (emu_vm_load(&p, vm, &load, msg))
		code = refuse("load", msg);
	else {
		code = run_program(p, vm, memory);
		emu_prog_free(p);
	}
	emu_vm_close(vm);
	return code;
}

static int no_bytes(const char *what, int err)
{
	if (err == -ENOMEM)
		return mue_fail(&mue_command_plugin, MUE_EXIT_HARNESS, "out of memory");
	return mue_fail(&mue_command_plugin, MUE_EXIT_USAGE,
			"%s: expected bytes in hex, as in: b7 00 00 00 ..", what);
}

static int parse_and_execute(const char *text, const char *memory_text, bool checked)
{
	struct octets program, memory = {0};
	int err = parse_hex(&program, text), code;

	if (err)
		code = no_bytes("the program", err);
	else if ((err = parse_hex(&memory, memory_text)))
		code = no_bytes("the memory", err);
	else
		code = execute(&program, &memory, checked);
	free(memory.p);
	free(program.p);
	return code;
}

static int plugin(const void *opts, char *const *args, unsigned n_args)
{
	const struct options *o = opts;
	char *text = o->program ? NULL : read_input();
	int code;

	if (n_args == 2 && *args[1])
		return mue_fail(&mue_command_plugin, MUE_EXIT_USAGE,
				"unexpected '%s'; expected an option", args[1]);
	if (!o->program && !text)
		return mue_fail(&mue_command_plugin, MUE_EXIT_HARNESS,
				"standard input cannot be read, or is too long");
	code = parse_and_execute(o->program ? o->program : text, n_args ? args[0] : "", o->checked);
	free(text);
	return code;
}

const struct mue_command mue_command_plugin = {
	.name = "plugin",
	.args = "[MEMORY]",
	.sentence = "run one program in the emulator, as bpf_conformance asks its plugins to",
	.about =
		"The program is read as bytes in hex from standard input, MEMORY is what R1 points "
		"to and R2\nis the length of. Prints R0 in hex. Nothing checks the program before; "
		"at run time it\nreaches nothing but its memory and its stack. Exit code 1: it was "
		"refused or broke off,\nand standard output says why.\n",
	.examples = "  echo 'b7 00 00 00 2a 00 00 00  95 00 00 00 00 00 00 00' | mue plugin\n"
		    "  mue plugin '01 02 03 04' --program '61 10 00 00 00 00 00 00 95 00 00 00 00 "
		    "00 00 "
		    "00'\n"
		    "  printf '#!/bin/sh\\nexec mue plugin \"$@\"\\n' > plugin && chmod +x plugin\n"
		    "  bpf_conformance_runner --test_file_directory tests --plugin_path ./plugin\n",
	.max_args = 2,
	.options = options,
	.option_size = sizeof(struct options),
	.run = plugin,
};
