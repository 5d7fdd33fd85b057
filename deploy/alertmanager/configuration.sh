#!/bin/sh
# Prints Alertmanager's configuration to standard output. Alertmanager expands no variables, so this does:
#   $ALERT_SECRETS/alert_webhook_url     where to POST alerts; empty or absent: nowhere
#   $ALERT_SECRETS/alert_smtp_password   empty or absent: no authentication
#   ALERT_EMAIL_TO                       who gets mail; empty: nobody. Then required: ALERT_EMAIL_FROM and
#   ALERT_SMTP_SMARTHOST                 host:port; and ALERT_SMTP_USERNAME where the server wants it
set -eu
secrets="${ALERT_SECRETS:-/run/secrets}"

secret() { if [ -r "$secrets/$1" ]; then cat "$secrets/$1"; fi; }
# A YAML string in single quotes; line breaks have no place in any of these values.
quoted() { printf "'%s'" "$(printf '%s' "$1" | tr -d '\r\n' | sed "s/'/''/g")"; }

webhook_url="$(secret alert_webhook_url)"
smtp_password="$(secret alert_smtp_password)"

cat <<'YAML'
route:
  receiver: engagement
  group_by: [alertname, job]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 12h
  routes:
    - matchers: [severity="critical"]
      receiver: engagement
      group_wait: 10s
      repeat_interval: 1h
receivers:
  - name: engagement
YAML

if [ -n "$webhook_url" ]; then
    cat <<YAML
    webhook_configs:
      - url: $(quoted "$webhook_url")
        send_resolved: true
YAML
fi

if [ -n "${ALERT_EMAIL_TO:-}" ]; then
    : "${ALERT_EMAIL_FROM:?required with ALERT_EMAIL_TO}" "${ALERT_SMTP_SMARTHOST:?required with ALERT_EMAIL_TO}"
    cat <<YAML
    email_configs:
      - to: $(quoted "$ALERT_EMAIL_TO")
        from: $(quoted "$ALERT_EMAIL_FROM")
        smarthost: $(quoted "$ALERT_SMTP_SMARTHOST")
        send_resolved: true
YAML
    if [ -n "${ALERT_SMTP_USERNAME:-}" ]; then
        cat <<YAML
        auth_username: $(quoted "$ALERT_SMTP_USERNAME")
        auth_password: $(quoted "$smtp_password")
YAML
    fi
fi
