#!/bin/sh
# ./make-certificates.sh [folder]: an authority, and a certificate for each node, made once into `certs` beside this file. Remove
# a node's folder and run it again to renew its certificate. KURRENTDB_HOST is a further name or address that clients dial.
set -eu
umask 077
cd "$(dirname "$0")"
folder=${1:-certs}
host=${KURRENTDB_HOST:-127.0.0.1}
case $host in *[!0-9.]*) further="DNS:$host" ;; *) further="IP:$host" ;; esac

# The authority's key is in a folder of its own, which no server sees.
mkdir -p "$folder/authority" "$folder/ca"
if [ ! -f "$folder/ca/ca.crt" ]; then
  openssl req -x509 -newkey rsa:3072 -noenc -sha256 -days 3650 -subj '/O=Zennet/CN=KurrentDB authority' \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
    -keyout "$folder/authority/ca.key" -out "$folder/ca/ca.crt" 2>/dev/null
fi
for node in node1 node2 node3; do
  [ -f "$folder/$node/node.crt" ] && continue
  mkdir -p "$folder/$node"
  # Nodes know each other by one common name, which all of them have.
  openssl req -newkey rsa:3072 -noenc -sha256 -subj '/O=Zennet/CN=kurrentdb-node' \
    -keyout "$folder/$node/node.key" -out "$folder/authority/$node.csr" 2>/dev/null
  {
    echo 'basicConstraints=critical,CA:FALSE'
    echo 'keyUsage=critical,digitalSignature,keyEncipherment'
    echo 'extendedKeyUsage=serverAuth,clientAuth'
    echo "subjectAltName=DNS:$node,DNS:localhost,IP:127.0.0.1,$further"
  } >"$folder/authority/$node.ext"
  openssl x509 -req -sha256 -days 825 -in "$folder/authority/$node.csr" -extfile "$folder/authority/$node.ext" \
    -CA "$folder/ca/ca.crt" -CAkey "$folder/authority/ca.key" -CAcreateserial -out "$folder/$node/node.crt" 2>/dev/null
  echo "$folder/$node: for $node, localhost, 127.0.0.1 and $host"
done

chmod 755 "$folder" "$folder/ca"
chmod 644 "$folder/ca/ca.crt"
# The servers run as user 1000.
if [ "$(id -u)" = 0 ]; then
  chown -R 1000:1000 "$folder/node1" "$folder/node2" "$folder/node3"
elif [ "$(id -u)" != 1000 ]; then
  echo 'The servers run as user 1000: give it the folders node1, node2 and node3 (chown -R 1000:1000), as root.' >&2
fi
