# First process of the lab's node, in a mount and a process namespace of its own (see node.py): when it ends, the kernel
# ends every container and drops every mount. Arguments: the state folder, the folder for sockets, then the kubelet's
# command line.
set -eu
state=$1 runtime=$2
shift 2
kubelet=$1
node=$state/node
socket=$runtime/containerd.sock

# Hide /run and /var, where kubelet and shims keep files under fixed paths that two labs would share. What the node does
# need from there stays: it is put aside under /mnt first.
mount -t tmpfs -o mode=755 node /mnt
number=0
for folder in "$state" "$runtime" "$(dirname "$kubelet")"; do
    number=$((number + 1))
    mkdir "/mnt/$number"
    mount --bind "$folder" "/mnt/$number"
done
mount -t tmpfs -o mode=755 node /var
mount -t tmpfs -o mode=755 node /run
mkdir /var/lib /var/log /var/cache
mkdir -m 1777 /var/tmp
ln -s /run /var/run
number=0
for folder in "$state" "$runtime" "$(dirname "$kubelet")"; do
    number=$((number + 1))
    mkdir -p "$folder"
    mount --bind "/mnt/$number" "$folder"
done
umount --recursive /mnt

# A kubelet sets these for the whole machine unless it finds them so. It finds them so.
mkdir -p "$node/tunables"
while read -r tunable value; do
    [ -e "/proc/sys/$tunable" ] || continue
    echo "$value" >"$node/tunables/${tunable##*/}"
    mount --bind "$node/tunables/${tunable##*/}" "/proc/sys/$tunable"
done <<TUNABLES
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
TUNABLES

# As on any node: a container may ask for mounts that follow the node's.
mount --make-rshared /

trap 'exit 1' TERM
rm -f "$socket" "$socket.ttrpc"
(
    containerd --config "$node/containerd.toml" >>"$state/logs/containerd.log" 2>&1 || true
    echo "containerd ended:"
    tail -n 12 "$state/logs/containerd.log"
    kill -TERM 1
) &
until ctr --address "$socket" version >/dev/null 2>&1; do sleep 0.1; done
for archive in "$node"/images/*.tar; do
    ctr --address "$socket" --namespace k8s.io images import "$archive"
done
(
    "$@" || true
    echo "kubelet ended"
    kill -TERM 1
) &
while :; do wait; done
