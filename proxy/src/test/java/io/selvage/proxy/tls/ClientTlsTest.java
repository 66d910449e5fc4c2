package io.selvage.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.selvage.proxy.tls.ClientTls.Payload;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTlsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "outbound_.8000_._.web.default.svc.cluster.local",
        "web.example.com",
        "localhost",
        "*.wild.example.com"
      })
  void theServerNameIsSentAsItIsConfigured(String name) throws Exception {
    assertThat(hello(Optional.of(name))).contains(name);
  }

  @Test
  void aTrailingDotIsNotSent() throws Exception {
    assertThat(hello(Optional.of("ends.with.a.dot."))) // RFC 6066 3
        .contains("ends.with.a.dot")
        .doesNotContain("ends.with.a.dot.");
  }

  /** The first bytes of a handshake. */
  private static String hello(Optional<String> sni) throws Exception {
    var material = new KeyMaterial();
    material.put(new Secret.Validation(TlsSettings.TRUST_BUNDLE, AnyRoot.make()));
    var settings =
        new TlsSettings.Upstream(
            Optional.empty(),
            Optional.of(TlsSettings.TRUST_BUNDLE),
            List.of(),
            List.of(),
            TlsSettings.Version.TLS_1_2,
            TlsSettings.Version.TLS_1_3,
            List.of(),
            sni);
    var tls = new ClientTls(settings, material, InstantSource.system());
    var channel = new EmbeddedChannel();
    try {
      channel.pipeline().addLast(tls.connect(ByteBufAllocator.DEFAULT, Payload.TCP));
      ByteBuf first = channel.readOutbound();
      try {
        return first.toString(StandardCharsets.ISO_8859_1);
      } finally {
        ReferenceCountUtil.release(first);
      }
    } finally {
      channel.finishAndReleaseAll();
      tls.close();
    }
  }
}
