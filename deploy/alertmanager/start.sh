#!/bin/sh
# Entry point of the alertmanager container: renders the configuration, which may hold secrets, and runs it.
set -eu
umask 077
sh /etc/alertmanager/configuration.sh > /tmp/alertmanager.yml
# One instance: no cluster to listen for.
exec /bin/alertmanager --config.file=/tmp/alertmanager.yml --storage.path=/alertmanager --cluster.listen-address=
