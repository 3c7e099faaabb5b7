#!/usr/bin/env bash
# How long `chatapi sandbox` takes from its start to its first answered send, and what memory it
# then has.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build -q --release -p chatapi-cli
target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
cargo bench -q -p chatapi-bench --bench sandbox -- start "$target/release/chatapi"
