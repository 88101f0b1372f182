/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "warren/warren.h"

int
interactive(struct client *c, const struct client_how *how)
{
	char *line = NULL;
	size_t cap = 0;
	int status = EXIT_OK;
	ssize_t n;

	while (status != EXIT_NO_DAEMON &&
	    (n = getline(&line, &cap, stdin)) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0')
			continue;
		if (strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0)
			break;
		status = client_ask(c, line, how);
		fflush(stdout);
	}
	free(line);
	return status;
}
