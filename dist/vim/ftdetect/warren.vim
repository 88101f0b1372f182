" SPDX-License-Identifier: ISC
" warren.conf(5), and files beside it.
au BufRead,BufNewFile warren.conf,*/warren/*.conf setfiletype warren
