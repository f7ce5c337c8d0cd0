module hub2ghcr/lab/front

go 1.24
