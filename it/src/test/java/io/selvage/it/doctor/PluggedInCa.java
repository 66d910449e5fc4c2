package io.selvage.it.doctor;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A CA that a user plugs in by the Secret {@code cacerts}: a root, an intermediate below it, and a
 * CA below that, which signs. Made with openssl, as the books say.
 *
 * @param days how long all of them hold
 * @param key as {@code openssl req -newkey} takes it
 * @param digest that the root signs with
 * @param whole whether the Secret has the intermediate
 */
record PluggedInCa(int days, String key, String digest, boolean whole) {
  static final PluggedInCa RIGHT = new PluggedInCa(3650, "rsa:2048", "sha256", true);

  PluggedInCa(int days) {
    this(days, RIGHT.key, RIGHT.digest, true);
  }

  /** Writes the Secret. */
  void write(Patient patient) throws Exception {
    Path folder = Files.createTempDirectory(patient.folder(), "cacerts");
    patient
        .kubectl()
        .shell(
            """
            set -e
            cd %s
            request() { openssl req -new -newkey %s -nodes -subj "/O=cluster.local/CN=$1" -keyout $1.key -out $1.csr; }
            certify() { openssl x509 -req -in $1.csr -days %3$d -%4$s -set_serial $RANDOM -extfile ca.ext -out $1.crt "${@:2}"; }
            printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign,cRLSign\\nsubjectKeyIdentifier=hash\\n' >ca.ext
            for one in root middle signs; do request $one; done
            certify root -signkey root.key
            certify middle -CA root.crt -CAkey root.key
            certify signs -CA middle.crt -CAkey middle.key
            cp signs.crt ca-cert.pem
            cp signs.key ca-key.pem
            cp root.crt root-cert.pem
            cat signs.crt %5$s >cert-chain.pem
            kubectl --context="${CTX}" create secret generic cacerts -n istio-system \\
              --from-file=ca-cert.pem --from-file=ca-key.pem --from-file=root-cert.pem --from-file=cert-chain.pem
            """
                .formatted(folder, key, days, digest, whole ? "middle.crt" : ""))
        .well();
  }

  /** Takes it away again. */
  static void remove(Patient patient) {
    patient.kubectl().run("delete", "secret", "cacerts", "-n", "istio-system").well();
  }
}
