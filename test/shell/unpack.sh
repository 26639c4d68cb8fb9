#!/usr/bin/env bash
# Unpacks the OpenSSH client of Debian trixie with its libraries into a folder, for the tests of the post-quantum key exchange: that
# of bookworm is too old. Nothing of it is installed. Usage: unpack.sh FOLDER; then FOLDER/bin/ssh.
set -euo pipefail
mkdir -p "${1:?a folder}"
folder=$(realpath "$1")
readonly folder
readonly own=(openssh-client libc6 libssl3t64 libselinux1 libpcre2-8-0 zlib1g libgssapi-krb5-2 libkrb5-3 libk5crypto3
  libkrb5support0 libcom-err2 libkeyutils1 libzstd1)

if [ -x "$folder/bin/ssh" ] && "$folder/bin/ssh" -V >/dev/null 2>&1; then
  echo "already in $folder"
  exit
fi

# shellcheck source=../debian/isolated-apt.sh
source "$(dirname "$0")/../debian/isolated-apt.sh"
rm -rf "$folder"
unpack_packages "$folder" trixie-backports "${own[@]}"
unpacked_program "$folder" ssh
"$folder/bin/ssh" -V
