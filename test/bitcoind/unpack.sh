#!/usr/bin/env bash
# Unpacks Debian's bitcoind (bitcoin-knots, of trixie-backports) with its libraries into a folder, for the tests. Nothing of it is
# installed: on an older Debian it runs with its own loader and C library. Usage: unpack.sh FOLDER; then FOLDER/bin/bitcoind.
set -euo pipefail
mkdir -p "${1:?a folder}"
folder=$(realpath "$1")
readonly folder
readonly own=(bitcoin-knots libstdc++6 libgcc-s1 libc6 libevent-core-2.1-7t64 libevent-extra-2.1-7t64 libevent-pthreads-2.1-7t64)

if [ -x "$folder/bin/bitcoind" ] && "$folder/bin/bitcoind" -version >/dev/null 2>&1; then
  echo "already in $folder"
  exit
fi

# shellcheck source=../debian/isolated-apt.sh
source "$(dirname "$0")/../debian/isolated-apt.sh"
rm -rf "$folder"
unpack_packages "$folder" trixie-backports "${own[@]}"
# libzmq and libsqlite3 are the machine's own.
for program in bitcoind bitcoin-cli; do unpacked_program "$folder" "$program" /usr/lib/x86_64-linux-gnu; done
"$folder/bin/bitcoind" -version | head -1
