# Writes, or takes back, the hosts.toml files of one node. FOLDER is the node's certs.d; WANTED has one file for each
# registry, as the node is to have it; MODE is "write" or "restore". All of it can be repeated after any interruption:
# a file is replaced in one step, and what was there before is kept beside it until it is back.
set -eu
DONE=${DONE:-/tmp/done}

ours() { head -n 1 "$1" 2>/dev/null | grep -q '^# Written by hub2ghcr'; }

put() { # as it is to be: from $1 to $2, whole or not at all
    cp "$1" "$2.hub2ghcr-new"
    chmod 0644 "$2.hub2ghcr-new"
    sync "$2.hub2ghcr-new" 2>/dev/null || sync
    mv -f "$2.hub2ghcr-new" "$2"
}

# Marks say what there is to take back, each made before what it stands for: a folder that we made, a file. While a file
# is being kept its mark says "keep", while it is being put back "back": it is, once nothing is kept of it any more.
theirs() {
    case $(cat "$mark" 2>/dev/null || echo keep) in
    keep) ;;
    back) [ ! -e "$file.hub2ghcr-before" ] ;;
    *) return 1 ;;
    esac
}

write() {
    host="$FOLDER/$1" file="$FOLDER/$1/hosts.toml" mark="$FOLDER/.hub2ghcr-mirror-$1"
    if [ ! -d "$host" ]; then
        : >"$FOLDER/.hub2ghcr-made-$1"
        mkdir -p "$host"
    fi
    if [ -e "$file" ] && { theirs || ! ours "$file"; }; then
        echo keep >"$mark"
        cp -p "$file" "$file.hub2ghcr-keeping"
        mv -f "$file.hub2ghcr-keeping" "$file.hub2ghcr-before"
    fi
    : >"$mark"
    if ! cmp -s "$2" "$file" 2>/dev/null; then
        put "$2" "$file"
        echo "written: $1/hosts.toml"
    fi
}

restore() {
    host="$FOLDER/$1" file="$FOLDER/$1/hosts.toml" mark="$FOLDER/.hub2ghcr-mirror-$1"
    if theirs; then
        : # it was ended before it wrote, or after it restored
    elif [ -e "$file" ] && ! ours "$file"; then
        echo "left alone: $1/hosts.toml is not hub2ghcr's any more"
        rm -f "$file.hub2ghcr-before"
    elif [ -e "$file.hub2ghcr-before" ]; then
        echo back >"$mark"
        mv -f "$file.hub2ghcr-before" "$file"
        echo "restored: $1/hosts.toml"
    elif [ -e "$file" ]; then
        rm -f "$file"
        echo "removed: $1/hosts.toml, there was none before"
    fi
    rm -f "$mark" "$file".hub2ghcr-new "$file".hub2ghcr-keeping "$file".hub2ghcr-before
    if [ -e "$FOLDER/.hub2ghcr-made-$1" ]; then
        rmdir "$host" 2>/dev/null || true
        rm -f "$FOLDER/.hub2ghcr-made-$1"
    fi
}

all() {
    for mark in "$FOLDER"/.hub2ghcr-mirror-* "$FOLDER"/.hub2ghcr-made-*; do # written once, and not wanted any more?
        [ -e "$mark" ] || continue
        name=${mark##*/.hub2ghcr-} name=${name#*-}
        [ "$MODE" = write ] && [ -e "$WANTED/$name" ] || restore "$name"
    done
    [ "$MODE" = write ] || return 0
    for each in "$WANTED"/*; do
        [ ! -f "$each" ] || write "${each##*/}" "$each"
    done
}

rm -f "$DONE"
all
: >"$DONE"
trap 'exit 0' TERM INT
while :; do # what somebody else changes is put back: a node that is set up anew, say
    sleep 60 &
    wait $!
    all
done
