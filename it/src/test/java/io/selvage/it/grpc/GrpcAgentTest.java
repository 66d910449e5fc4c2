package io.selvage.it.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.selvage.it.grpc.AnyMethod.Ended;
import io.selvage.it.stage.Until;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent is for: a control plane that goes and comes, and identities that are renewed. */
@Tag("real")
class GrpcAgentTest {
  private static final String SERVICE = "xds:///server.sample.svc.cluster.local:50051";
  private static final String DENY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: nothing, namespace: sample}
      spec: {}
      """;

  @TempDir private Path home;
  private GrpcMesh mesh;
  private Program sleep;

  @BeforeEach
  void up() throws Exception {
    mesh = new GrpcMesh(home, Configuration.STRICT);
    try {
      Program server = mesh.starting("one", "server", "127.95.3.1");
      sleep = mesh.client("sample", "sleep", "127.95.3.2");
      server.untilReady();
    } catch (Exception | AssertionError e) {
      mesh.close();
      throw e;
    }
  }

  @AfterEach
  void down() {
    mesh.close();
  }

  private Ended call() throws IOException {
    return sleep.call(SERVICE, "/it.Any/Thing");
  }

  @Test
  void callsGoOnWithoutTheControlPlaneAndChangesHoldOnceItIsBack() throws Exception {
    assertThat(call().code()).isEqualTo(Code.OK);
    mesh.stopPlane();

    for (int i = 0; i < 50; i++) {
      assertThat(call().code()).isEqualTo(Code.OK);
    }
    WorkloadCertificate other = issuedBefore();
    assertThat(mesh.ask("one", Optional.of(other), "/it.Any/Thing").isOk())
        .as("a new connection")
        .isTrue();
    mesh.apply("deny.yaml", DENY);

    mesh.startPlane();
    GrpcMesh.until("the policy holds", this::call, Code.PERMISSION_DENIED);
    mesh.remove("deny.yaml");
    GrpcMesh.until("its removal, too", this::call, Code.OK);
  }

  private WorkloadCertificate issuedBefore() throws Exception {
    return mesh.agent("one").rotation().current().orElseThrow().certificate();
  }

  @Test
  void aRenewedCertificateIsShownOnNewConnectionsAndOpenOnesStay() throws Exception {
    assertThat(call().code()).isEqualTo(Code.OK);
    X509Certificate before = shown();

    mesh.agent("one").rotation().renewNow();

    Until.seen("another is shown", this::shown, now -> !now.equals(before));
    assertThat(shown())
        .isEqualTo(mesh.agent("one").rotation().current().orElseThrow().certificate().leaf());
    assertThat(call().code()).isEqualTo(Code.OK);
  }

  /** The certificate that the server shows to who knocks now. */
  private X509Certificate shown() throws Exception {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new AnyServer()}, null);
    try (var socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.95.3.1", mesh.port("one"))) {
      socket.setSoTimeout(10_000);
      var parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      parameters.setProtocols(new String[] {"TLSv1.3"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void aRootIsChangedWhileCallsGoOn() throws Exception {
    assertThat(call().code()).isEqualTo(Code.OK);
    var authority = mesh.plane().authority();
    String oldRoot = authority.bundle().fingerprints().getFirst();

    mesh.plane().control().trust().own(authority.beginRotation());
    Until.seen(
        "all hold both roots", () -> mesh.plane().control().lackingRoots(), java.util.Set::isEmpty);
    authority.switchSigning(java.util.Set.of());
    mesh.agent("one").rotation().renewNow();
    Until.seen(
        "the server shows a certificate of the new root",
        () -> issuer(shown()),
        issuer -> !issuer.equals(oldRoot));

    for (int i = 0; i < 20; i++) {
      assertThat(call().code()).isEqualTo(Code.OK);
    }
    assertThat(
            mesh.ask(
                    "one",
                    Optional.of(mesh.certificate("it.mesh", "sample", "new")),
                    "/it.Any/Thing")
                .isOk())
        .as("a certificate of the new root, at a server")
        .isTrue();
  }

  /** Fingerprint of the root that a certificate of the CA in force leads to. */
  private String issuer(X509Certificate leaf) throws Exception {
    var bundle = mesh.plane().authority().bundle();
    for (int i = 0; i < bundle.roots().size(); i++) {
      try {
        leaf.verify(bundle.roots().get(i).getPublicKey());
        return bundle.fingerprints().get(i);
      } catch (java.security.GeneralSecurityException e) {
        assertThat(i).as("some root has signed it").isLessThan(bundle.roots().size() - 1);
      }
    }
    throw new AssertionError("no root has signed " + leaf.getSubjectX500Principal());
  }

  @Test
  void theKeyIsItsOwnersAlone() throws Exception {
    Path directory = home.resolve("one");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
    for (String file : new String[] {"key.pem", "cert-chain.pem", "root-cert.pem"}) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))))
          .as(file)
          .isEqualTo("rw-------");
    }
    assertThat(Files.readString(directory.resolve("bootstrap.json"))).doesNotContain("KEY-----");
  }
}
