#!/usr/bin/env bash
# Puts the Wycheproof vectors of ECDSA on secp256k1, in Bitcoin's variant, into a folder, for the tests. They are in Debian's source of
# libsecp256k1 (of trixie), as its authors took them from the project Wycheproof. Usage: fetch-wycheproof.sh FOLDER
set -euo pipefail
readonly folder=${1:?a folder} vectors=ecdsa_secp256k1_sha256_bitcoin_test.json

if [ -s "$folder/$vectors" ]; then
  echo "already in $folder"
  exit
fi

# shellcheck source=../debian/isolated-apt.sh
source "$(dirname "$0")/../debian/isolated-apt.sh"
rm -rf "$folder"
mkdir -p "$folder/source"
isolated_apt "$(realpath "$folder")/apt" deb-src trixie
(cd "$folder/source" && apt source --download-only libsecp256k1)
# Beside its end, so that what was not fetched whole is not taken for it the next time.
tar --extract --file="$(echo "$folder"/source/libsecp256k1_*.orig.tar.xz)" --to-stdout --wildcards "*/src/wycheproof/$vectors" >"$folder/part"
mv "$folder/part" "$folder/$vectors"
rm -rf "$apt_state" "$folder/source"
echo "$folder/$vectors"
