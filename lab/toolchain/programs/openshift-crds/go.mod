module toolchain/openshift-crds

go 1.26

require github.com/openshift/api v0.0.0-20251111193948-50e2ece149d7
