# Writes, or takes back, the hosts.toml files of one node. FOLDER is the node's certs.d; WANTED has one file for each
# registry, as the node is to have it; MODE is "write" or "restore". All of it can be repeated after any interruption:
# a file is replaced in one step, and what was there before is kept beside it until it is back.
set -eu

ours() { head -n 1 "$1" 2>/dev/null | grep -q '^# Written by hub2ghcr'; }

put() { # as it is to be: from $1 to $2, whole or not at all
    cp "$1" "$2.hub2ghcr-new"
    chmod 0644 "$2.hub2ghcr-new"
    sync "$2.hub2ghcr-new" 2>/dev/null || sync
    mv -f "$2.hub2ghcr-new" "$2"
}

write() {
    host="$FOLDER/$1" file="$FOLDER/$1/hosts.toml"
    if [ ! -d "$host" ]; then
        mkdir -p "$host"
        : >"$host/.hub2ghcr-made"
    fi
    if [ -e "$file" ] && { [ ! -e "$host/.hub2ghcr-mirror" ] || ! ours "$file"; }; then
        cp -p "$file" "$file.hub2ghcr-keeping"
        mv -f "$file.hub2ghcr-keeping" "$file.hub2ghcr-before"
    fi
    : >"$host/.hub2ghcr-mirror" # from here on there is something to take back
    if ! cmp -s "$2" "$file" 2>/dev/null; then
        put "$2" "$file"
        echo "written: $1/hosts.toml"
    fi
}

restore() {
    host="$FOLDER/$1" file="$FOLDER/$1/hosts.toml"
    if [ -e "$file" ] && ! ours "$file"; then
        echo "left alone: $1/hosts.toml is not hub2ghcr's any more"
        rm -f "$file.hub2ghcr-before"
    elif [ -e "$file.hub2ghcr-before" ]; then
        mv -f "$file.hub2ghcr-before" "$file"
        echo "restored: $1/hosts.toml"
    elif [ -e "$file" ]; then
        rm -f "$file"
        echo "removed: $1/hosts.toml, there was none before"
    fi
    rm -f "$file".hub2ghcr-new "$file".hub2ghcr-keeping "$host/.hub2ghcr-mirror"
    if [ -e "$host/.hub2ghcr-made" ]; then
        rm -f "$host/.hub2ghcr-made"
        rmdir "$host" 2>/dev/null || true
    fi
}

all() {
    for mark in "$FOLDER"/*/.hub2ghcr-mirror; do # what was written once, and is not wanted any more
        [ -e "$mark" ] || continue
        name=$(basename "$(dirname "$mark")")
        [ "$MODE" = write ] && [ -e "$WANTED/$name" ] || restore "$name"
    done
    [ "$MODE" = write ] || return 0
    for each in "$WANTED"/*; do
        [ -f "$each" ] && write "$(basename "$each")" "$each"
    done
}

rm -f /tmp/done
all
touch /tmp/done
trap 'exit 0' TERM INT
while :; do # what somebody else changes is put back: a node that is set up anew, say
    sleep 60 &
    wait $!
    all
done
