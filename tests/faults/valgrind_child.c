/*
 * In the place of ev-parse, which is started by descriptor and so cannot be a
 * script: runs the command in ev-parse.args beside it, one word a line, with
 * the argument that was given, if any.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WORDS = 32, CANNOT = 125 };

static char path[PATH_MAX + 8], text[4096];

int
main(int argc, char **argv)
{
	char *args[WORDS + 2], *word;
	size_t len, n = 0;
	ssize_t got;
	FILE *file;

	got = readlink("/proc/self/exe", path, PATH_MAX - 1);
	if (got < 0 || argc > 2)
		return CANNOT;
	(void)strcpy(path + got, ".args");
	file = fopen(path, "re");
	if (file == NULL)
		return CANNOT;
	len = fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	text[len] = '\0';
	for (word = strtok(text, "\n"); word != NULL && n < WORDS;
	     word = strtok(NULL, "\n"))
		args[n++] = word;
	if (n == 0)
		return CANNOT;
	args[n++] = argc == 2 ? argv[1] : NULL;
	args[n] = NULL;
	(void)execv(args[0], args);
	return CANNOT;
}
