package io.selvage.control.kubernetes.remote;

import io.fabric8.kubernetes.api.model.AuthInfo;
import io.fabric8.kubernetes.api.model.Cluster;
import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.Context;
import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads a kubeconfig that came in a Secret. Whoever may write the Secret must not make this process
 * run a program, read its own files for somebody else or skip a check: what does is refused, as an
 * istiod refuses it unless {@code PILOT_INSECURE_MULTICLUSTER_KUBECONFIG_OPTIONS} allows it, and
 * there is no such option here.
 */
final class RemoteKubeconfig {
  private RemoteKubeconfig() {}

  /** Nothing may be done by it. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  /**
   * How its current context reaches an API server. Nothing is run, read or sent.
   *
   * @throws Refused with the field; never with a part of the text, which holds credentials
   */
  static io.fabric8.kubernetes.client.Config read(String text, KubernetesSerialization by)
      throws Refused {
    Config all = parsed(text, by);
    for (NamedAuthInfo user : list(all.getUsers())) {
      check(user.getName(), user.getUser());
    }
    Context context =
        named("context", all.getCurrentContext(), all.getContexts(), NamedContext::getName)
            .getContext();
    if (context == null) {
      throw new Refused("the current context is empty");
    }
    Cluster cluster =
        named("cluster", context.getCluster(), all.getClusters(), NamedCluster::getName)
            .getCluster();
    AuthInfo user =
        named("user", context.getUser(), all.getUsers(), NamedAuthInfo::getName).getUser();
    check(context.getCluster(), cluster);
    io.fabric8.kubernetes.client.Config config =
        new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
            .withMasterUrl(cluster.getServer())
            .withCaCertData(cluster.getCertificateAuthorityData())
            .withClientCertData(user.getClientCertificateData())
            .withClientKeyData(user.getClientKeyData())
            .withClientKeyAlgo(keyAlgorithm(user.getClientCertificateData()))
            .withOauthToken(user.getToken())
            .withUsername(user.getUsername())
            .withPassword(user.getPassword())
            .build();
    refuseUnreadable(
        () -> SSLUtils.trustManagers(config), context.getCluster(), "certificate-authority-data");
    refuseUnreadable(
        () -> SSLUtils.keyManagers(config),
        context.getUser(),
        "client-certificate-data or client-key-data");
    return config;
  }

  /** That of the certificate's key: k3s and others give clients keys on elliptic curves. */
  private static String keyAlgorithm(@Nullable String certificate) {
    try {
      String pem =
          certificate == null
              ? ""
              : new String(Base64.getDecoder().decode(certificate), StandardCharsets.US_ASCII);
      return pem.isEmpty() ? "RSA" : Pem.certificates(pem).getFirst().getPublicKey().getAlgorithm();
    } catch (IllegalArgumentException | PkiException e) {
      return "RSA"; // refused when it is used
    }
  }

  private static void refuseUnreadable(Callable<?> use, @Nullable String name, String what)
      throws Refused {
    try {
      use.call();
    } catch (Exception e) {
      throw new Refused("\"%s\" has %s that cannot be read".formatted(name, what)); // nor quoted
    }
  }

  private static Config parsed(String text, KubernetesSerialization by) throws Refused {
    try {
      Config config = by.unmarshal(text, Config.class);
      if (config == null) {
        throw new Refused("it is empty");
      }
      return config;
    } catch (RuntimeException e) {
      throw new Refused("it is no kubeconfig in YAML or JSON"); // the cause may quote a token
    }
  }

  private static <T> T named(
      String what, @Nullable String name, @Nullable List<T> all, Function<T, String> of)
      throws Refused {
    if (name == null || name.isEmpty()) {
      throw new Refused("it names no " + what);
    }
    Predicate<T> wanted = one -> name.equals(of.apply(one));
    return list(all).stream()
        .filter(wanted)
        .findFirst()
        .orElseThrow(() -> new Refused("it has no %s \"%s\"".formatted(what, name)));
  }

  private static <T> List<T> list(@Nullable List<T> all) {
    return all == null ? List.of() : all;
  }

  private static void check(@Nullable String name, @Nullable AuthInfo user) throws Refused {
    if (user == null) {
      throw new Refused("the user \"%s\" is empty".formatted(name));
    }
    refuse(user.getExec() != null, name, "exec, which would run a program");
    refuse(user.getAuthProvider() != null, name, "auth-provider");
    refuse(isGiven(user.getTokenFile()), name, "tokenFile, a file of the control plane's own");
    refuse(isGiven(user.getClientCertificate()), name, "client-certificate, a file; give its data");
    refuse(isGiven(user.getClientKey()), name, "client-key, a file; give its data");
    refuse(isGiven(user.getAs()), name, "as (impersonation)");
  }

  private static void check(@Nullable String name, @Nullable Cluster cluster) throws Refused {
    if (cluster == null) {
      throw new Refused("the cluster \"%s\" is empty".formatted(name));
    }
    refuse(
        Boolean.TRUE.equals(cluster.getInsecureSkipTlsVerify()), name, "insecure-skip-tls-verify");
    refuse(isGiven(cluster.getCertificateAuthority()), name, "certificate-authority, a file");
    refuse(isGiven(cluster.getProxyUrl()), name, "proxy-url");
    refuse(isGiven(cluster.getTlsServerName()), name, "tls-server-name");
    try {
      URI server = URI.create(String.valueOf(cluster.getServer()));
      refuse(
          !"https".equals(server.getScheme()) || server.getHost() == null,
          name,
          "a server that is no https address");
    } catch (IllegalArgumentException e) {
      throw new Refused("\"%s\" has a server that is no address".formatted(name));
    }
  }

  private static boolean isGiven(@Nullable String text) {
    return text != null && !text.isEmpty();
  }

  private static void refuse(boolean found, @Nullable String name, String what) throws Refused {
    if (found) {
      throw new Refused("\"%s\" has %s; that is not allowed in a Secret".formatted(name, what));
    }
  }
}
