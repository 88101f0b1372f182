" SPDX-License-Identifier: ISC
" warren.conf(5): the language of BIRD 2, and tunnels.
"
" Put dist/vim into the runtime path, or its two folders into ~/.vim.

if exists("b:current_syntax")
  finish
endif

syn case match
" Names that stand in quotes, names with a dot, and times such as 10 ms.
syn iskeyword @,48-57,_,192-255

syn keyword warrenTodo contained TODO FIXME XXX
syn match warrenComment "#.*$" contains=warrenTodo,@Spell
syn region warrenComment start="/\*" end="\*/" contains=warrenTodo,@Spell
syn region warrenString start=+"+ end=+"+ oneline
syn region warrenName start=+'+ end=+'+ oneline

syn match warrenNumber "\<\d\+\>"
syn match warrenNumber "\<0x\x\+\>"
syn match warrenAddress "\<\d\{1,3}\(\.\d\{1,3}\)\{3}\>\(/\d\+\)\?"
syn match warrenAddress "\<\x\{1,4}:[0-9a-fA-F:.]*\(/\d\+\)\?"
syn match warrenAddress "::[0-9a-fA-F:.]*\(/\d\+\)\?"
syn match warrenOperator "[-+*/!=<>~&|]"

syn keyword warrenBlock protocol template filter function define include
syn keyword warrenBlock eval attribute from
syn keyword warrenChannel ipv4 ipv6 roa4 roa6
syn keyword warrenStatement then else do in set
syn keyword warrenType bool bgpmask bytestring rd enum void
syn keyword warrenValue all none on off yes no true false action warn block
syn keyword warrenValue restart disable where recursive via unreachable
syn keyword warrenValue blackhole prohibit reject drop onlink weight dev any
syn keyword warrenValue auto kernel userspace ibgp ebgp aware graceful
syn keyword warrenOption route peer as port max limit action kernel

" printed from warrend --print-words
syn keyword warrenKind bfd bgp bmp device direct kernel mrt pipe rpki static
syn keyword warrenKind wireguard
syn keyword warrenOption accept add address advertise after aigp allow
syn keyword warrenOption allowed always as as4 authentication backend base
syn keyword warrenOption bfd bgp_local_pref bgp_med bind buffer capabilities
syn keyword warrenOption cease channels check checksum clamp cli client
syn keyword warrenOption cluster commands communities confederation config
syn keyword warrenOption connect cost debug default delay description
syn keyword warrenOption deterministic digits direct disable disabled dynamic
syn keyword warrenOption enable endpoint enforce enhanced error expire
syn keyword warrenOption explain export extended file filename filter
syn keyword warrenOption filtered first forget format forward free fwmark
syn keyword warrenOption gateway gc generation graceful guard hold hooks hop
syn keyword warrenOption hostname id idle ignore igp import in interface
syn keyword warrenOption interpret interval invite ips keep keepalive kernel
syn keyword warrenOption key keys latency learn length limit link listen
syn keyword warrenOption lived liveness lladdr local log long mandatory
syn keyword warrenOption masquerade max med member merge messages metric min
syn keyword warrenOption missing monitoring mrtdump mss mtu multihop
syn keyword warrenOption multiplier name neighbor netlink next older onlink
syn keyword warrenOption passive password passwords path paths peer period
syn keyword warrenOption persist persistent pool port post_policy pre_policy
syn keyword warrenOption prefer preference preshared private protocols public
syn keyword warrenOption range receive refresh reload remote require restart
syn keyword warrenOption retry rib role roles route router rpki rr rs run rx
syn keyword warrenOption scan secondary security self send setkey sets settle
syn keyword warrenOption size sorted source stale start startup station
syn keyword warrenOption statistics strict system table tables threads
syn keyword warrenOption threshold time timeformat timeout transport trie ttl
syn keyword warrenOption tx udp6 underlay validate version vrf wait warning
syn keyword warrenOption watchdog where zero
syn keyword warrenValue auto customer direct double global kernel local
syn keyword warrenValue native peer provider recursive rs_client rs_server
syn keyword warrenValue single userspace
syn keyword warrenStatement accept bgppath bool case clist ec eclist for if
syn keyword warrenStatement int ip lc lclist pair prefix print printn quad
syn keyword warrenStatement reject return string unset
syn keyword warrenAttribute bgp_aggregator bgp_aigp bgp_atomic_aggr
syn keyword warrenAttribute bgp_cluster_list bgp_community bgp_ext_community
syn keyword warrenAttribute bgp_large_community bgp_local_pref bgp_med
syn keyword warrenAttribute bgp_next_hop bgp_origin bgp_originator_id bgp_otc
syn keyword warrenAttribute bgp_path dest from gw ifindex ifname igp_metric
syn keyword warrenAttribute krt_advmss krt_congctl krt_cwnd
syn keyword warrenAttribute krt_fastopen_no_cookie krt_feature_allfrag
syn keyword warrenAttribute krt_feature_ecn krt_hoplimit krt_initcwnd
syn keyword warrenAttribute krt_initrwnd krt_lock_advmss krt_lock_cwnd
syn keyword warrenAttribute krt_lock_hoplimit krt_lock_mtu
syn keyword warrenAttribute krt_lock_reordering krt_lock_rto_min krt_lock_rtt
syn keyword warrenAttribute krt_lock_rttvar krt_lock_ssthresh
syn keyword warrenAttribute krt_lock_sstresh krt_lock_window krt_metric
syn keyword warrenAttribute krt_mtu krt_prefsrc krt_quickack krt_realm
syn keyword warrenAttribute krt_reordering krt_rto_min krt_rtt krt_rttvar
syn keyword warrenAttribute krt_scope krt_source krt_ssthresh krt_sstresh
syn keyword warrenAttribute krt_window net onlink preference proto scope
syn keyword warrenAttribute source weight
syn keyword warrenConstant AF_IPV4 AF_IPV6 NET_FLOW4 NET_FLOW6 NET_IP4
syn keyword warrenConstant NET_IP6 NET_IP6_SADR NET_MPLS NET_ROA4 NET_ROA6
syn keyword warrenConstant NET_VPN4 NET_VPN6 ORIGIN_EGP ORIGIN_IGP
syn keyword warrenConstant ORIGIN_INCOMPLETE ROA_INVALID ROA_UNKNOWN
syn keyword warrenConstant ROA_VALID RTD_BLACKHOLE RTD_DEVICE RTD_MULTIPATH
syn keyword warrenConstant RTD_PROHIBIT RTD_ROUTER RTD_UNICAST
syn keyword warrenConstant RTD_UNREACHABLE RTS_BABEL RTS_BGP RTS_DEVICE
syn keyword warrenConstant RTS_INHERIT RTS_OSPF RTS_OSPF_EXT1 RTS_OSPF_EXT2
syn keyword warrenConstant RTS_OSPF_IA RTS_PERF RTS_PIPE RTS_REDIRECT RTS_RIP
syn keyword warrenConstant RTS_RPKI RTS_STATIC RTS_STATIC_DEVICE
syn keyword warrenConstant RTS_WIREGUARD SCOPE_HOST SCOPE_LINK
syn keyword warrenConstant SCOPE_ORGANIZATION SCOPE_SITE SCOPE_UNDEFINED
syn keyword warrenConstant SCOPE_UNIVERSE
syn keyword warrenMethod add append asn data data1 data2 delete dst empty
syn keyword warrenMethod filter first ip is_v4 last last_nonaggregated len
syn keyword warrenMethod mask max maxlen min prepend rd reset src type
" end of what is printed

hi def link warrenTodo Todo
hi def link warrenComment Comment
hi def link warrenString String
hi def link warrenName Identifier
hi def link warrenNumber Number
hi def link warrenAddress Number
hi def link warrenOperator Operator
hi def link warrenBlock Structure
hi def link warrenKind Type
hi def link warrenChannel Type
hi def link warrenType Type
hi def link warrenOption Keyword
hi def link warrenValue Constant
hi def link warrenStatement Statement
hi def link warrenAttribute Identifier
hi def link warrenConstant Constant
hi def link warrenMethod Function

let b:current_syntax = "warren"
