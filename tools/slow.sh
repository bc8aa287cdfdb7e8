#!/usr/bin/env bash
# Slow clients by the hundred, and what a healthy one feels of it: slowhttptest in its three modes (slow headers, slow
# body, slow reading) against a server of its own, while `muster load` goes on asking beside it. Prints a line for each.
#
#   tools/slow.sh [PRESET]     release unless told; CONNECTIONS (1000) and SECONDS_EACH (30) from the environment
#
# Installs nothing: slowhttptest is Debian's package of that name.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."

muster=build/${1:-release}/muster
connections=${CONNECTIONS:-1000}
seconds=${SECONDS_EACH:-30}
command -v slowhttptest >/dev/null || { echo "slow: slowhttptest is missing; install the package slowhttptest" >&2; exit 2; }
[ -x "$muster" ] || { echo "slow: no $muster; build it with tools/dev build ${1:-release}" >&2; exit 2; }

scratch=$(mktemp -d)
"$muster" serve --data "$scratch/data" --listen 127.0.0.1:0 >"$scratch/out" 2>"$scratch/log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$scratch"' EXIT
until grep -q '^listening on' "$scratch/out"; do
    kill -0 "$server" || { cat "$scratch/log" >&2; exit 1; }
    sleep 0.1
done
url=$(sed -n 's/^listening on //p' "$scratch/out")

# A healthy client's commands, one after the other on two connections.
healthy() {
    "$muster" load --url "$url" --key-file "$scratch/data/operator.key" --mix invite --connections 2 \
        --seconds "$seconds" --format json
}

# report NAME FILE: the figures of one run of load.
report() {
    local statuses
    statuses=$(grep -o '"statuses":{[^}]*}' "$2")
    printf '%-14s p50 %8s ms   p99 %8s ms   max %8s ms   %s/s   %s\n' "$1" \
        "$(grep -o '"p50_ms":[0-9.]*' "$2" | cut -d: -f2)" "$(grep -o '"p99_ms":[0-9.]*' "$2" | cut -d: -f2)" \
        "$(grep -o '"max_ms":[0-9.]*' "$2" | cut -d: -f2)" "$(grep -o '"per_second":[0-9]*' "$2" | cut -d: -f2)" \
        "$statuses"
}

echo "slow: $connections connections for $seconds seconds each, $(nproc) processors, $(uname -m)"
healthy >"$scratch/alone"
report "alone" "$scratch/alone"

held() { ss -Htn state established "( sport = :${url##*:} )" 2>/dev/null | wc -l; }

# beside NAME [slowhttptest's options]: the healthy client while those hold their connections, again and again as the
# server closes them.
beside() {
    local name=$1
    shift
    (
        until [ -e "$scratch/$name-ends" ]; do
            slowhttptest -c "$connections" -r "$connections" -l "$seconds" -p 3 "$@" >>"$scratch/slow-$name" 2>&1 || true
        done
    ) &
    local slow=$!
    sleep 3
    local begin
    begin=$(held)
    healthy >"$scratch/$name"
    touch "$scratch/$name-ends"
    report "$name" "$scratch/$name"
    printf '%14s connections held: %s as it began, %s as it ended\n' "" "$begin" "$(held)"
    wait "$slow" || true
    sed 's/\x1b\[[0-9;]*m//g' "$scratch/slow-$name" | tr -d '\r' |
        grep -aoE '(Exit status|service available): .*' | sort | uniq -c | sed 's/^ */               /'
}
beside headers -H -i 5 -x 24 -u "$url/v1/workspaces"
beside body -B -i 5 -s 8192 -x 10 -u "$url/v1/invitations/accept"
beside reading -X -w 512 -y 1024 -n 5 -z 32 -k 3 -u "$url/openapi.json"
healthy >"$scratch/again"
report "alone again" "$scratch/again"
echo "slow: the server is $(kill -0 "$server" 2>/dev/null && echo alive || echo gone)"
