package io.selvage.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.pki.TrustBundle;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSecretsTest {
  private final KeyMaterial material = new KeyMaterial();
  @TempDir private Path folder;

  private static TlsSettings trusting(String secret) {
    return new TlsSettings.Upstream(
        Optional.empty(),
        Optional.of(secret),
        List.of(),
        List.of(),
        TlsSettings.Version.TLS_1_2,
        TlsSettings.Version.TLS_1_3,
        List.of(),
        Optional.empty());
  }

  private List<Secret> changed(String secret) {
    return FileSecrets.changed(List.of(trusting(secret)), material.current());
  }

  @Test
  void rootsAreReadOnceAndAgainWhenTheirFileIsAnother() throws Exception {
    Path file = folder.resolve("roots.pem");
    String name = "file-root:" + file;
    TrustBundle first = AnyRoot.make();
    Files.writeString(file, first.pem());

    assertThat(changed(name)).containsExactly(new Secret.Validation(name, first));
    material.putAll(changed(name));
    assertThat(changed(name)).isEmpty();

    TrustBundle second = AnyRoot.make();
    Files.writeString(file, second.pem());
    assertThat(changed(name)).containsExactly(new Secret.Validation(name, second));
  }

  @Test
  void theSystemsRootsAreThoseOfThePlatform() {
    assertThat(changed("file-root:system"))
        .singleElement()
        .isInstanceOfSatisfying(
            Secret.Validation.class, system -> assertThat(system.roots().isEmpty()).isFalse());
  }

  @Test
  void whatCannotBeReadIsNoSecret() throws Exception {
    Files.writeString(folder.resolve("bad.pem"), "no PEM");

    assertThat(changed("file-root:" + folder.resolve("missing.pem"))).isEmpty();
    assertThat(changed("file-root:" + folder.resolve("bad.pem"))).isEmpty();
    assertThat(changed("file-cert:only-one-path")).isEmpty();
  }

  @Test
  void theControlPlanesSecretsAreLeftToIt() {
    assertThat(changed(TlsSettings.TRUST_BUNDLE)).isEmpty();
  }
}
