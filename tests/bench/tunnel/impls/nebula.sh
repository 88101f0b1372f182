# SPDX-License-Identifier: ISC
# nebula (Debian), default cipher (AES-256-GCM), UDP, side b is the lighthouse.
IMPL_KIND=other
impl_version() { nebula -version; }
impl_setup() {
	local d="$TB_TMP/nebula-$1"; mkdir -p "$d"
	[ -e "$TB_TMP/ca.crt" ] || { nebula-cert ca -name tb -out-crt "$TB_TMP/ca.crt" -out-key "$TB_TMP/ca.key"; }
	nebula-cert sign -ca-crt "$TB_TMP/ca.crt" -ca-key "$TB_TMP/ca.key" -name "$1" -ip "$6/24" -out-crt "$d/crt" -out-key "$d/key" > /dev/null
	local light='am_lighthouse: true' map='{}'
	[ "$1" = a ] && { light="am_lighthouse: false, hosts: [\"$7\"]"; map="{\"$7\": [\"$5:$9\"]}"; }
	cat > "$d/conf.yml" <<C
pki: {ca: $TB_TMP/ca.crt, cert: $d/crt, key: $d/key}
static_host_map: $map
lighthouse: {$light, interval: 10}
listen: {host: 0.0.0.0, port: $8, batch: 64, read_buffer: 7000000, write_buffer: 7000000}
punchy: {punch: true}
tun: {dev: $3, mtu: 1420, tx_queue: 500}
logging: {level: warning, format: text}
firewall:
  outbound: [{port: any, proto: any, host: any}]
  inbound: [{port: any, proto: any, host: any}]
C
	ip netns exec "$2" nebula -config "$d/conf.yml" > "$TB_TMP/$3.log" 2>&1 < /dev/null &
	echo $!
}
