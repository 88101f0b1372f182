/* SPDX-License-Identifier: ISC */
#include "wg/uapi_impl.h"

static const char *const words[N_KEYS] = {
	[KEY_GET] = "get",
	[KEY_SET] = "set",
	[KEY_ERRNO] = "errno",
	[KEY_PRIVATE_KEY] = "private_key",
	[KEY_LISTEN_PORT] = "listen_port",
	[KEY_FWMARK] = "fwmark",
	[KEY_REPLACE_PEERS] = "replace_peers",
	[KEY_PUBLIC_KEY] = "public_key",
	[KEY_REMOVE] = "remove",
	[KEY_UPDATE_ONLY] = "update_only",
	[KEY_PRESHARED_KEY] = "preshared_key",
	[KEY_ENDPOINT] = "endpoint",
	[KEY_KEEPALIVE] = "persistent_keepalive_interval",
	[KEY_REPLACE_ALLOWED] = "replace_allowed_ips",
	[KEY_ALLOWED] = "allowed_ip",
	[KEY_PROTOCOL_VERSION] = "protocol_version",
	[KEY_HANDSHAKE_SEC] = "last_handshake_time_sec",
	[KEY_HANDSHAKE_NSEC] = "last_handshake_time_nsec",
	[KEY_RX_BYTES] = "rx_bytes",
	[KEY_TX_BYTES] = "tx_bytes",
};

const char *
wg_uapi_word(enum wg_uapi_key key)
{
	return words[key];
}

bool
wg_uapi_is(struct bytes v, const char *word)
{
	return bytes_eq(v, bytes_str(word));
}

enum wg_uapi_key
wg_uapi_split(struct bytes line, struct bytes *ret_value)
{
	const uint8_t *eq = line.n ? memchr(line.p, '=', line.n) : NULL;
	struct bytes word;

	if (!eq)
		return KEY_NONE;
	word = bytes_of(line.p, (size_t)(eq - line.p));
	*ret_value = bytes_of(eq + 1, line.n - word.n - 1);
	for (int k = KEY_GET; k < N_KEYS; k++)
		if (wg_uapi_is(word, words[k]))
			return (enum wg_uapi_key)k;
	return KEY_NONE;
}

bool
wg_uapi_number(struct bytes v, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (v.n == 0)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		uint8_t digit = (uint8_t)(v.p[i] - '0');

		if (digit > 9 || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*ret = n;
	return true;
}

bool
wg_uapi_prefix(struct bytes v, struct prefix *ret, bool *minus)
{
	const uint8_t *slash;
	char addr[IP_TEXT];
	uint64_t len;
	struct ip ip;
	size_t n;

	if (minus) {
		*minus = v.n > 0 && v.p[0] == '-';
		if (*minus)
			v = bytes_of(v.p + 1, v.n - 1);
	}
	slash = v.n ? memchr(v.p, '/', v.n) : NULL;
	n = slash ? (size_t)(slash - v.p) : v.n;
	if (n >= sizeof(addr) || (n && memchr(v.p, '\0', n)))
		return false;
	memcpy(addr, v.p, n);
	addr[n] = '\0';
	/* An IPv4-mapped IPv6 address is not to be told from an IPv4 one. */
	if (!ip_parse(addr, &ip) || (ip_is4(ip) && memchr(addr, ':', n)))
		return false;
	if (!slash) {
		*ret = prefix_host(ip);
		return true;
	}
	if (!wg_uapi_number(bytes_of(slash + 1, v.n - n - 1), 128, &len))
		return false;
	*ret = prefix_of(ip, (unsigned)len);
	return ret->kind != NET_NONE;
}
