package io.selvage.it.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * A certificate of the mesh's own CA, or of another one, in a Secret that a sidecar mounts: Istio's
 * agent shows it instead of asking the CA for one.
 *
 * @param uri whose name it has
 * @param own whether the mesh's CA has signed it
 * @param old how long ago it was issued
 * @param left how long it holds
 */
record MountedCertificate(String uri, boolean own, Duration old, Duration left) {
  static final String SECRET = "mounted";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  /** Annotations by which a sidecar mounts it, once: changes of the Secret do not get there. */
  static final String ANNOTATIONS =
      """
      {sidecar.istio.io/userVolume: '[{"name": "mounted", "secret": {"secretName": "mounted"}}]',
       sidecar.istio.io/userVolumeMount: '[%s, %s, %s]',
       proxy.istio.io/config: '{"proxyMetadata": {"XDS_ROOT_CA": "/var/run/secrets/istio/root-cert.pem"}}'}"""
          .formatted(mount("cert-chain.pem"), mount("key.pem"), mount("root-cert.pem"));

  private static String mount(String file) {
    return """
    {"name": "mounted", "subPath": "%1$s", "mountPath": "/var/run/secrets/workload-spiffe-credentials/%1$s"}"""
        .formatted(file);
  }

  /** One as it should be. */
  static MountedCertificate right(String account) {
    return new MountedCertificate(
        "spiffe://cluster.local/ns/sample/sa/" + account,
        true,
        Duration.ofMinutes(1),
        Duration.ofHours(1));
  }

  /** Writes the Secret. */
  void write(Patient patient) throws Exception {
    Path folder = Files.createTempDirectory(patient.folder(), "mounted");
    Instant now = patient.now();
    Files.writeString(
        folder.resolve("ca.conf"),
        """
        [ca]
        default_ca = one
        [one]
        database = index
        new_certs_dir = .
        serial = serial
        default_md = sha256
        policy = any
        x509_extensions = leaf
        [any]
        [leaf]
        basicConstraints = CA:FALSE
        keyUsage = critical, digitalSignature, keyEncipherment
        extendedKeyUsage = serverAuth, clientAuth
        subjectAltName = critical, URI:%s
        """
            .formatted(uri));
    patient
        .kubectl()
        .shell(
            """
                set -e
                kubectl() { command kubectl --context="${CTX}" "$@"; }
                cd %s
                touch index
                echo 01 >serial
                kubectl get secret istio-ca-secret -n istio-system -o json | python3 -c 'import base64, json, sys
                for name, text in json.load(sys.stdin)["data"].items(): open(name, "wb").write(base64.b64decode(text))'
                cp ca-cert.pem root-cert.pem
                %s
                openssl req -new -newkey rsa:2048 -nodes -subj /O=any -keyout key.pem -out leaf.csr
                openssl ca -batch -notext -config ca.conf -cert ca-cert.pem -keyfile ca-key.pem -subj / \\
                  -startdate %s -enddate %s -in leaf.csr -out cert-chain.pem
                kubectl create secret generic %s -n sample --dry-run=client -o yaml \\
                  --from-file=cert-chain.pem --from-file=key.pem --from-file=root-cert.pem | kubectl apply -f -
                """
                .formatted(
                    folder,
                    own
                        ? ""
                        : "openssl req -x509 -newkey rsa:2048 -nodes -subj /O=other.example"
                            + " -days 30 -keyout ca-key.pem -out ca-cert.pem",
                    TIME.format(now.minus(old)),
                    TIME.format(now.plus(left)),
                    SECRET))
        .well();
  }
}
