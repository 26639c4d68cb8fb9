#!/bin/sh
# One authority and a certificate for each node, made once. Runs in the container `certificates`.
set -eu
umask 077
cd /certs
[ -f ca/ca.crt ] || es-gencert-cli create-ca -out ./ca
for node in node1 node2 node3; do
  [ -f "$node/node.crt" ] || es-gencert-cli create-node -ca-certificate ./ca/ca.crt -ca-key ./ca/ca.key -out "./$node" \
    -ip-addresses 127.0.0.1 -dns-names "localhost,$node" -common-name eventstore-node
done
# The servers run as user 1000; the authority's key is for nobody but root.
chown -R 1000:1000 node1 node2 node3
chmod 755 . ca
chmod 644 ca/ca.crt
