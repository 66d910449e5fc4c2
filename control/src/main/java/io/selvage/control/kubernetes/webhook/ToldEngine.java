package io.selvage.control.kubernetes.webhook;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An engine that does what another does, and tells the first failure of a caller that is known by
 * {@link Caller}.
 */
final class ToldEngine extends SSLEngine {
  private final SSLEngine same;
  private final BiConsumer<InetSocketAddress, SSLException> failed;
  private @Nullable InetSocketAddress caller;

  /** Parameters of a connection that say whose it is: the engine itself knows a name at most. */
  static final class Caller extends SSLParameters {
    private final InetSocketAddress address;

    Caller(InetSocketAddress address) {
      this.address = address;
    }
  }

  ToldEngine(SSLEngine same, BiConsumer<InetSocketAddress, SSLException> failed) {
    super(same.getPeerHost(), same.getPeerPort());
    this.same = same;
    this.failed = failed;
  }

  private SSLException told(SSLException cause) {
    InetSocketAddress whose = caller;
    if (whose != null) {
      caller = null;
      failed.accept(whose, cause);
    }
    return cause;
  }

  @Override
  public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int first, int count)
      throws SSLException {
    try {
      return same.unwrap(from, to, first, count);
    } catch (SSLException e) {
      throw told(e);
    }
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] from, int first, int count, ByteBuffer to)
      throws SSLException {
    try {
      return same.wrap(from, first, count, to);
    } catch (SSLException e) {
      throw told(e);
    }
  }

  @Override
  public @Nullable Runnable getDelegatedTask() {
    return same.getDelegatedTask();
  }

  @Override
  public void closeInbound() throws SSLException {
    same.closeInbound();
  }

  @Override
  public boolean isInboundDone() {
    return same.isInboundDone();
  }

  @Override
  public void closeOutbound() {
    same.closeOutbound();
  }

  @Override
  public boolean isOutboundDone() {
    return same.isOutboundDone();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return same.getSupportedCipherSuites();
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return same.getEnabledCipherSuites();
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {
    same.setEnabledCipherSuites(suites);
  }

  @Override
  public String[] getSupportedProtocols() {
    return same.getSupportedProtocols();
  }

  @Override
  public String[] getEnabledProtocols() {
    return same.getEnabledProtocols();
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {
    same.setEnabledProtocols(protocols);
  }

  @Override
  public SSLSession getSession() {
    return same.getSession();
  }

  @Override
  public SSLSession getHandshakeSession() {
    return same.getHandshakeSession();
  }

  @Override
  public void beginHandshake() throws SSLException {
    same.beginHandshake();
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    return same.getHandshakeStatus();
  }

  @Override
  public SSLParameters getSSLParameters() {
    return same.getSSLParameters();
  }

  @Override
  public void setSSLParameters(SSLParameters parameters) {
    if (parameters instanceof Caller known) {
      caller = known.address;
    }
    same.setSSLParameters(parameters);
  }

  @Override
  public void setUseClientMode(boolean mode) {
    same.setUseClientMode(mode);
  }

  @Override
  public boolean getUseClientMode() {
    return same.getUseClientMode();
  }

  @Override
  public void setNeedClientAuth(boolean need) {
    same.setNeedClientAuth(need);
  }

  @Override
  public boolean getNeedClientAuth() {
    return same.getNeedClientAuth();
  }

  @Override
  public void setWantClientAuth(boolean want) {
    same.setWantClientAuth(want);
  }

  @Override
  public boolean getWantClientAuth() {
    return same.getWantClientAuth();
  }

  @Override
  public void setEnableSessionCreation(boolean flag) {
    same.setEnableSessionCreation(flag);
  }

  @Override
  public boolean getEnableSessionCreation() {
    return same.getEnableSessionCreation();
  }
}
