/* SPDX-License-Identifier: ISC */
#include "sys/nft.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

int
nft_run(const char *commands, char *error, size_t cap)
{
	struct nft_ctx *c = nft_ctx_new(NFT_CTX_DEFAULT);
	const char *said;
	int err;

	if (c == NULL)
		return -ENOMEM;
	/* Buffered, for stderr is not ours to write to. */
	err = nft_ctx_buffer_output(c) != 0 || nft_ctx_buffer_error(c) != 0 ?
	    -ENOMEM : 0;
	if (err == 0 && nft_run_cmd_from_buffer(c, commands) != 0)
		err = -EIO;
	if (err == -EIO && error != NULL) {
		said = nft_ctx_get_error_buffer(c);
		snprintf(error, cap, "%.*s", (int)strcspn(said, "\n"), said);
	}
	nft_ctx_free(c);
	return err;
}

int
nft_list_json(char **ret)
{
	struct nft_ctx *c = nft_ctx_new(NFT_CTX_DEFAULT);
	int err = -ENOMEM;

	if (c == NULL)
		return err;
	nft_ctx_output_set_flags(c, NFT_CTX_OUTPUT_JSON |
	    NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_NUMERIC_PRIO);
	if (nft_ctx_buffer_output(c) == 0 && nft_ctx_buffer_error(c) == 0)
		err = nft_run_cmd_from_buffer(c, "list ruleset") == 0 ? 0 :
		    -EIO;
	if (err == 0) {
		*ret = mem_strdup(nft_ctx_get_output_buffer(c));
		err = *ret ? 0 : -ENOMEM;
	}
	nft_ctx_free(c);
	return err;
}
