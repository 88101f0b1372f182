# SPDX-License-Identifier: ISC
# fastd (Debian) with its recommended cipher.
FASTD_METHOD=salsa2012+umac
. "$TB_HERE/impls/fastd-null.sh"
