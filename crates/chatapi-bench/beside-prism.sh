#!/usr/bin/env bash
# sendMessage of the sandbox beside Prism's, from the npm registry, in turn (A B A B …): both servers
# on the first core, the generator on the second. Installs Prism into a folder of its own that is
# gone at the end; nothing else of the machine is touched.
set -euo pipefail
cd "$(dirname "$0")/../.."

prism_version=${PRISM_VERSION:-5.16.0}
for tool in node npm taskset; do
  command -v "$tool" >/dev/null || {
    printf '\n!! NOT MEASURED: %s is missing, and Prism runs on node. Nothing was compared.\n\n' "$tool" >&2
    exit 2
  }
done

# First, so that no compiler runs beside the measurement.
cargo bench -q -p chatapi-bench --bench sandbox --no-run

folder=$(mktemp -d)
prism=
trap 'if [ -n "$prism" ]; then kill "$prism" 2>/dev/null || true; fi; rm -rf "$folder"' EXIT

npm install --prefix "$folder" --no-audit --no-fund --loglevel=error \
  "@stoplight/prism-cli@$prism_version" >/dev/null || {
  printf '\n!! NOT MEASURED: Prism %s cannot be had from the npm registry.\n\n' "$prism_version" >&2
  exit 2
}

# The one method, with the answer that the sandbox gives.
cat >"$folder/send.yaml" <<'YAML'
openapi: 3.0.3
info: { title: sendMessage, version: "1" }
paths:
  /instance{id}/sendMessage:
    post:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: token, in: query, required: true, schema: { type: string } }
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [phone, body]
              properties: { phone: { type: integer }, body: { type: string } }
      responses:
        "200":
          description: taken
          content:
            application/json:
              example:
                sent: true
                message: Sent to 79000000001@c.us
                id: true_79000000001@c.us_3EB0AAAAAAAAAAAAAAAA
                queueNumber: 7
YAML

taskset -c 0 "$folder/node_modules/.bin/prism" mock --host 127.0.0.1 --port 0 -v error \
  "$folder/send.yaml" >"$folder/prism.log" 2>&1 &
prism=$!
port=
for _ in $(seq 100); do
  # Which of the ports it listens on is told by the kernel: quiet, Prism does not say.
  port=$(node - "$prism" <<'JS'
const fs = require("fs");
const pid = process.argv[2];
const inodes = new Set();
try {
  for (const fd of fs.readdirSync(`/proc/${pid}/fd`)) {
    const found = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${fd}`));
    if (found) inodes.add(found[1]);
  }
  for (const line of fs.readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").slice(1)) {
    const cells = line.trim().split(/\s+/);
    if (cells[3] === "0A" && inodes.has(cells[9])) console.log(parseInt(cells[1].split(":")[1], 16));
  }
} catch {}
JS
  )
  [ -z "$port" ] || break
  sleep 0.2
done
[ -n "$port" ] || {
  printf 'Prism did not start:\n' >&2
  cat "$folder/prism.log" >&2
  exit 1
}

printf 'Prism %s on node %s, quiet (-v error), 127.0.0.1:%s\n' \
  "$prism_version" "$(node --version)" "$port"
cargo bench -q -p chatapi-bench --bench sandbox -- beside "http://127.0.0.1:$port"
