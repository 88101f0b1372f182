/* SPDX-License-Identifier: ISC */
/*
 * Values of options.  Each takes what it parses, and leaves an error the
 * parser's way; then the result is false (or zero) and nothing is stored.
 *
 * Numbers, addresses and prefixes may be constants of "define", or
 * expressions in parentheses, as well as literals.
 */
#ifndef WARREN_CONF_VALUE_H
#define WARREN_CONF_VALUE_H

#include "conf/parser.h"

bool conf_number(struct conf_parser *p, uint32_t *ret);
bool conf_number_in(struct conf_parser *p, uint32_t lo, uint32_t hi,
    uint32_t *ret);
/* With a unit: s (default), ms, us, min, h.  *ret in nanoseconds. */
bool conf_time(struct conf_parser *p, int64_t *ret);
/* on, yes, true, a number; nothing before ';' or '}' is on. */
bool conf_switch(struct conf_parser *p, bool *ret);
bool conf_ip(struct conf_parser *p, struct ip *ret);
/* ADDR/LEN; host bits are an error that names the right prefix. */
bool conf_net(struct conf_parser *p, struct prefix *ret);
/* ADDR[/LEN], where host bits may be set. */
bool conf_ip_len(struct conf_parser *p, struct ip *ret, uint8_t *ret_len);
/* A number, or an IPv4 address taken as one. */
bool conf_router_id(struct conf_parser *p, uint32_t *ret);
/* A name or a string: "eth0", eth0. */
const char *conf_iface_name(struct conf_parser *p);
/* all | off | none | { WORD, … }, each a bit by its place in names. */
bool conf_mask(struct conf_parser *p, const char *const *names, size_t n,
    uint32_t all, uint32_t *ret);
extern const char *const conf_debug_names[6];
/* all | off | { states, messages }: enum conf_mrt_what. */
bool conf_mrt_mask(struct conf_parser *p, uint8_t *ret);
/* The name of a table of one of these kinds; NULL after an error. */
const struct conf_table *conf_table_ref(struct conf_parser *p, unsigned kinds);
/* Interface patterns: "eth*", -"lo", 10.0.0.0/8. */
struct conf_pattern *conf_patterns(struct conf_parser *p);
/* The number that s begins with; false when there is none or over max. */
bool conf_text_number(struct bytes s, uint32_t max, uint32_t *ret);
/* HOST:PORT or [ADDR]:PORT.  False: no such thing. */
bool conf_text_endpoint(struct bytes s, struct bytes *ret_host,
    uint16_t *ret_port);
/* 44 characters of base64 to 32 bytes. */
bool conf_text_key(struct bytes s, uint8_t ret[CONF_WG_KEY]);

#endif
