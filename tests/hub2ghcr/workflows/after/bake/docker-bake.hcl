variable "REGISTRY" {
  default = "ghcr.io"
}
variable "TAG" { default = "dev" }

# acme/never is a remark
group "default" {
  targets = ["shop", "edge"]
}

target "shop" {
  context = "."
  tags = [
    "${REGISTRY}/acme/shop:${TAG}", # the release
    "ghcr.io/acme/shop:latest",
  ]
  cache-from = ["type=registry,ref=ghcr.io/acme/shop:cache"]
}

target "edge" {
  inherits = ["shop"]
  tags = ["quay.io/acme/edge:${TAG}"]
}
