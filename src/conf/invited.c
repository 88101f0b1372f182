/* SPDX-License-Identifier: ISC */
/*
 * The peers that "warren invite" has made: "FILE.invited" beside the
 * configuration FILE, read with it where an interface has an invite pool.
 *
 *	wireguard "wg0" {
 *		peer "phone" { public key "…"; allowed ips 10.0.0.64/32; };
 *	}
 *
 * Read after everything else, so that its peers are the interface's as if
 * they stood in the protocol's own block.
 */
#include "base/text.h"
#include "conf/wireguard.h"

#define PATH_MOST	4096

static bool
anybody_invites(const struct config *c)
{
	for (const struct conf_proto *p = c->protocols; p; p = p->next)
		if (p->kind == CONF_WIREGUARD && p->wg.invite_pool != NULL)
			return true;
	return false;
}

static struct conf_wireguard *
interface_of(struct conf_parser *p, struct bytes name)
{
	for (struct conf_proto *o = p->config->protocols; o; o = o->next)
		if (o->kind == CONF_WIREGUARD && o->wg.invite_pool != NULL &&
		    o->wg.iface != NULL &&
		    bytes_eq(bytes_str(o->wg.iface), name))
			return &o->wg;
	return NULL;
}

static void
parse_peers(struct conf_parser *p, struct conf_wireguard *wg)
{
	conf_expect(p, '{');
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		if (conf_expect_word(p, "peer"))
			conf_wg_peer_block(p, wg);
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

static void
parse_interface(struct conf_parser *p)
{
	struct conf_wireguard nobodys = { 0 }, *wg;
	const struct conf_wg_peer *last = NULL;
	struct conf_token name;

	if (!conf_expect_word(p, "wireguard"))
		return;
	name = p->tok;
	if (!conf_is(p, TOK_STRING)) {
		conf_unexpected(p, "the name of an interface in quotes");
		return;
	}
	conf_take(p);
	wg = interface_of(p, name.text);
	if (wg == NULL)
		conf_warn(p, name.at, "no interface of this name has an "
		    "invite pool: these peers are left out");
	for (const struct conf_wg_peer *y = wg ? wg->peers : NULL; y;
	    y = y->next)
		last = y;
	parse_peers(p, wg ? wg : &nobodys);
	for (struct conf_wg_peer *y = !wg ? NULL : last ? last->next :
	    wg->peers; y != NULL; y = y->next)
		y->invited = true;
}

static void
parse_file(struct conf_parser *p, const char *path)
{
	if (!conf_lexer_open(p->lexer, path))
		return;
	p->tok = conf_lexer_next(p->lexer);
	while (p->tok.kind != TOK_EOF) {
		p->level = p->braces = 0;
		parse_interface(p);
		if (p->failed) {
			conf_skip_statement(p);
			conf_accept(p, '}');	/* one too many */
		} else {
			conf_accept(p, ';');
		}
	}
}

void
conf_invited(struct conf_parser *p)
{
	struct text path;

	if (!anybody_invites(p->config) || p->io->exists == NULL)
		return;
	text_init(&path, PATH_MOST);
	text_printf(&path, "%s.invited", conf_lexer_file(p->lexer, 1));
	if (!path.bad && p->io->exists(p->io->ctx, path.s))
		parse_file(p, path.s);
	text_done(&path);
}
