package io.selvage.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.selvage.proxy.tls.ClientTls.Payload;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class TlsFailureTest {
  @Test
  void aPeerThatIsRefusedIsACertificateThatWasNotVerified() {
    var refused = new SSLHandshakeException("General OpenSslEngine problem");
    refused.initCause(new CertificateException("SLV1008 the peer is somebody else"));
    assertThat(TlsFailure.reason(new DecoderException(refused)))
        .isEqualTo(
            "TLS_error:|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:SLV1008"
                + " the peer is somebody else:TLS_error_end");
  }

  @Test
  void anAlertIsNamed() throws Exception {
    byte[] badCertificate = HexFormat.of().parseHex("1503030002022a");
    assertThat(TlsFailure.reason(failure(badCertificate)))
        .isEqualTo(
            "TLS_error:|268436498:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_CERTIFICATE"
                + ":TLS_error_end");
  }

  @Test
  void aServerWithoutTlsHasAnotherVersion() throws Exception {
    byte[] plaintext = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    assertThat(TlsFailure.reason(failure(plaintext)))
        .isEqualTo(
            "TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER"
                + ":TLS_error_end");
  }

  @Test
  void whatIsNotOfTlsKeepsItsWords() {
    assertThat(TlsFailure.reason(new java.net.SocketException("Connection reset")))
        .isEqualTo("Connection reset");
  }

  /** Of a client that gets that for an answer. */
  private static Throwable failure(byte[] answer) throws Exception {
    var settings =
        new TlsSettings.Upstream(
            Optional.empty(),
            Optional.of(TlsSettings.TRUST_BUNDLE),
            List.of(),
            List.of(),
            TlsSettings.Version.TLS_1_2,
            TlsSettings.Version.TLS_1_3,
            List.of(),
            Optional.of("web.example"));
    var material = new KeyMaterial();
    material.put(new Secret.Validation(TlsSettings.TRUST_BUNDLE, AnyRoot.make()));
    var tls = new ClientTls(settings, material, InstantSource.system());
    var channel = new EmbeddedChannel();
    var end = new End();
    try {
      channel.pipeline().addLast(tls.connect(ByteBufAllocator.DEFAULT, Payload.TCP), end);
      channel.writeInbound(Unpooled.wrappedBuffer(answer));
      return end.cause.orElseThrow();
    } finally {
      channel.finishAndReleaseAll();
      tls.close();
    }
  }

  private static final class End extends ChannelInboundHandlerAdapter {
    private Optional<Throwable> cause = Optional.empty();

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent completed) {
        cause = Optional.ofNullable(completed.cause());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
      assertThat(thrown).isInstanceOf(DecoderException.class);
    }
  }
}
