#!/usr/bin/env bash
# tests/planted/run.sh [NAME…]: plants each defect (or those named) in a copy of the sources, builds the tests that its
# second line names, and expects them to fail; without a defect they must pass. `--applies` only looks whether each
# still fits the sources. Exit: 0 all were found, 1 some were not.
#
#   NAME.patch := what somebody would see LF "Found by: " executable [" " file of tests] LF LF unified diff
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
root=$(cd -- "$here/../.." && pwd)
copy=$root/build/planted/source
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

applies=
if [ "${1:-}" = --applies ]; then applies=yes && shift; fi
defects=("$@")
if [ $# -eq 0 ]; then
    for patch in "$here"/*.patch; do defects+=("$(basename "$patch" .patch)"); done
fi
for defect in "${defects[@]}"; do
    [ -e "$here/$defect.patch" ] || { printf 'no defect %s\n' "$defect" >&2; exit 1; }
done

if [ -n "$applies" ]; then
    status=0
    for defect in "${defects[@]}"; do
        git -C "$root" apply --check "$here/$defect.patch" || { printf '%s does not apply\n' "$defect" && status=1; }
    done
    printf '%s defects\n' "${#defects[@]}"
    exit "$status"
fi

# The copy keeps its files' times, so that only what a defect touches is built again.
mkdir -p "$copy"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp -p --parents -u -t "$copy") 2>/dev/null
cmake -S "$copy" -B "$copy/build/dev" -G Ninja -DCMAKE_BUILD_TYPE=Debug '-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g1' -Wno-dev \
    --log-level=WARNING >/dev/null

# The copy lies in a repository, to which it must not seem to belong.
plant() { GIT_CEILING_DIRECTORIES=$root/build/planted git -C "$copy" apply -p1 "$@"; }

# The tests that a defect's second line names, built and run.
passes() {
    local executable=$1 file=${2:-}
    cmake --build "$copy/build/dev" --target "$executable" >"$root/build/planted/build.log" 2>&1 ||
        { tail -20 "$root/build/planted/build.log" >&2; printf 'it does not compile\n' >&2; exit 1; }
    MUSTER_SHRINK=0 "$copy/build/dev/tests/$executable" ${file:+-\# "[#$file]"} >"$root/build/planted/test.log" 2>&1
}

declare -A sound=()
status=0 found=0
for defect in "${defects[@]}"; do
    patch=$here/$defect.patch
    read -r -a by < <(sed -n '2s/^Found by: //p' "$patch")
    if [ -z "${sound[${by[*]}]:-}" ]; then
        passes "${by[@]}" || { printf '%s fails without a defect\n' "${by[*]}" >&2; exit 1; }
        sound[${by[*]}]=yes
    fi
    plant "$patch"
    if passes "${by[@]}"; then
        printf 'NOT FOUND  %-26s %s\n' "$defect" "$(head -1 "$patch")"
        status=1
    else
        printf 'found      %-26s by %s: %s\n' "$defect" "${by[*]}" "$(head -1 "$patch")"
        found=$((found + 1))
    fi
    plant -R "$patch"
done
printf '%s of %s defects were found\n' "$found" "${#defects[@]}"
exit "$status"
