# Selvage's image on Debian's packages. `./selvage version` builds what goes into it; then
#   docker build -t localhost/selvage:VERSION .
# scripts/image makes the same without a daemon, of this machine's own files.
FROM eclipse-temurin:25-jdk AS build
COPY scripts /build/scripts
COPY cli/target/selvage/selvage.jar cli/target/selvage/lib/ /build/jars/
RUN /build/scripts/image-files /image "$JAVA_HOME" /build/jars

FROM debian:trixie-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates curl iproute2 iptables nftables openssl \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 1337 istio-proxy && useradd --uid 1337 --gid 1337 --no-create-home --shell /bin/false istio-proxy
COPY --from=build /image/ /
# AOT caches: a start of a second less, and pages that the node's sidecars share
RUN for rehearsed in control proxy; do SELVAGE_REHEARSE=/opt/selvage/$rehearsed.aot selvage warm-up $rehearsed || exit 1; done
ENV LC_ALL=C.UTF-8
ENTRYPOINT ["/usr/local/bin/selvage"]
