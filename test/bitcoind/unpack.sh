#!/usr/bin/env bash
# Unpacks Debian's bitcoind (bitcoin-knots, of trixie-backports) with its libraries into a folder, for the tests. Nothing of it is
# installed: on an older Debian it runs with its own loader and C library. Usage: unpack.sh FOLDER; then FOLDER/bin/bitcoind.
set -euo pipefail
readonly folder=${1:?a folder}
readonly own=(bitcoin-knots libstdc++6 libgcc-s1 libc6 libevent-core-2.1-7t64 libevent-extra-2.1-7t64 libevent-pthreads-2.1-7t64)

if [ -x "$folder/bin/bitcoind" ] && "$folder/bin/bitcoind" -version >/dev/null 2>&1; then
  echo "already in $folder"
  exit
fi

# shellcheck source=../debian/isolated-apt.sh
source "$(dirname "$0")/../debian/isolated-apt.sh"
rm -rf "$folder"
mkdir -p "$folder/packages" "$folder/bin"
root=$(realpath "$folder")/root
readonly root
mkdir "$root"
isolated_apt "${root%/root}/apt" deb trixie trixie-backports
(cd "$folder/packages" && apt download "${own[@]}")
for package in "$folder"/packages/*.deb; do dpkg-deb -x "$package" "$root"; done
rm -rf "$apt_state" "$folder/packages"

for program in bitcoind bitcoin-cli; do
  # libzmq and libsqlite3 are the machine's own.
  cat >"$folder/bin/$program" <<SH
#!/bin/sh
exec '$root/usr/lib64/ld-linux-x86-64.so.2' --library-path '$root/usr/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu' '$root/usr/bin/$program' "\$@"
SH
  chmod 755 "$folder/bin/$program"
done
"$folder/bin/bitcoind" -version | head -1
