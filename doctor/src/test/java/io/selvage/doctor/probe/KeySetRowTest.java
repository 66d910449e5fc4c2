package io.selvage.doctor.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.jwks.AddressRules;
import io.selvage.control.jwks.GuardedFetch;
import io.selvage.control.jwks.KeyFetch;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.evidence.ProbeOutcome;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** Whoever writes a RequestAuthentication names an address: which are asked, and by whom. */
final class KeySetRowTest {
  private static final String KEYS = "{\"keys\": []}";

  private final List<String> inside = new ArrayList<>();

  private ProbeOutcome fetched(String address, KeyFetch fetch) throws Exception {
    Rows rows = new Rows();
    new KeySetRow(
            fetch,
            url -> {
              inside.add(url);
              return new CurlAnswer(0, 200, KEYS, "");
            },
            rows)
        .send(
            Fixtures.istio()
                .with(
                    """
                    apiVersion: security.istio.io/v1
                    kind: RequestAuthentication
                    metadata: {name: users, namespace: shop}
                    spec: {jwtRules: [{issuer: me, jwksUri: "%s"}]}
                    """
                        .formatted(address))
                .cluster());
    return rows.findings().outcomes().found().orElseThrow().getFirst();
  }

  private static KeyFetch guarded() throws Exception {
    return new GuardedFetch(
        AddressRules.PUBLIC_ONLY, InetAddress::getAllByName, SSLContext.getDefault());
  }

  @Test
  void noAddressOfThisMachineOrOfAMetadataServiceIsAsked() throws Exception {
    for (String address :
        List.of(
            "http://127.0.0.1:1/keys",
            "http://169.254.169.254/latest",
            "https://10.0.0.1/keys",
            "file:///etc/passwd",
            "-o/tmp/keys",
            "http://user@127.0.0.1/keys")) {
      assertThat(fetched(address, guarded()).result()).as(address).isEqualTo("blocked");
    }
    assertThat(inside).isEmpty();
  }

  @Test
  void aServiceOfTheClusterIsAskedFromInside() throws Exception {
    ProbeOutcome outcome =
        fetched("http://keys.auth.svc.cluster.local:8080/jwks", (_, _) -> "not asked");
    assertThat(inside).containsExactly("http://keys.auth.svc.cluster.local:8080/jwks");
    assertThat(outcome.result()).isEqualTo("200");
    assertThat(outcome.details()).containsEntry("keys", "0");
    assertThat(outcome.from()).isEqualTo("outside");
  }

  @Test
  void howAFetchEndedIsTold() throws Exception {
    String address = "https://issuer.example/keys";
    assertThat(fetched(address, (_, _) -> KEYS).result()).isEqualTo("200");
    assertThat(
            fetched(
                    address,
                    (_, _) -> {
                      throw new HttpTimeoutException("slow");
                    })
                .result())
        .isEqualTo("timeout");
    assertThat(
            fetched(
                    address,
                    (_, _) -> {
                      throw new ConnectException("nobody");
                    })
                .result())
        .isEqualTo("refused");
    assertThat(
            fetched(
                    address,
                    (_, _) -> {
                      throw new IOException("it answered with status 503");
                    })
                .result())
        .isEqualTo("503");
    assertThat(fetched(address, (_, _) -> "<html>").details()).containsKey("error");
  }
}
