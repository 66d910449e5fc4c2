package io.selvage.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Reads {@code networking.istio.io} Gateway. A server that is not implemented is left out with a
 * warning: where nothing listens, nothing is let through, and the gateways of an Istio beside us
 * stay its own business.
 */
final class GatewayReader {
  private static final String AUTO_PASSTHROUGH = "AUTO_PASSTHROUGH";
  private static final List<String> MODES =
      List.of(
          "PASSTHROUGH", "SIMPLE", "MUTUAL", AUTO_PASSTHROUGH, "ISTIO_MUTUAL", "OPTIONAL_MUTUAL");
  private static final List<String> PASSED_ON = List.of("TLS", "HTTPS");

  /** They say how TLS is terminated, which is not done here. */
  private static final String[] OF_OTHER_MODES = {
    "httpsRedirect",
    "serverCertificate",
    "privateKey",
    "caCertificates",
    "caCrl",
    "caCertCredentialName",
    "credentialName",
    "credentialNames",
    "tlsCertificates",
    "subjectAltNames",
    "verifyCertificateSpki",
    "verifyCertificateHash",
    "minProtocolVersion",
    "maxProtocolVersion",
    "cipherSuites"
  };

  private static final Pattern NAME =
      Pattern.compile(
          "\\*|(\\*\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private final ObjectMeta meta;

  private GatewayReader(ObjectMeta meta) {
    this.meta = meta;
  }

  static Gateway read(ObjectMeta meta, Fields top) {
    Fields spec = top.spec();
    top.finish();
    GatewayReader reader = new GatewayReader(meta);
    List<Gateway.Server> servers = new ArrayList<>();
    List<Fields> written = spec.objects("servers");
    if (written.isEmpty()) {
      spec.error(ProblemCodes.MISSING_FIELD, "servers", "needs at least one");
    }
    written.forEach(fields -> reader.server(fields).ifPresent(servers::add));
    Gateway gateway = new Gateway(meta, spec.textMap("selector"), servers);
    spec.finish();
    return gateway;
  }

  private Optional<Gateway.Server> server(Fields fields) {
    Fields port = fields.objectOrNone("port");
    OptionalInt number = port.port("number");
    String protocol = port.text("protocol", "");
    port.skip("name", "targetPort").finish();
    if (number.isEmpty()) {
      fields.error(ProblemCodes.MISSING_FIELD, "port", "needs a number from 1 to 65535");
    }
    Optional<Fields> tls = fields.object("tls");
    Optional<String> mode = tls.flatMap(settings -> settings.choice("mode", MODES));
    List<Gateway.Host> hosts = hosts(fields);
    Gateway.Server server = new Gateway.Server(number.orElse(0), hosts, fields.at());
    fields.skip("name", "bind", "defaultEndpoint").finish();
    if (!mode.equals(Optional.of(AUTO_PASSTHROUGH))) {
      notImplemented(
          fields,
          "tls",
          number,
          mode.map(word -> "tls.mode " + word)
              .orElse("protocol " + protocol + " without tls.mode AUTO_PASSTHROUGH"));
      return Optional.empty();
    }
    tls.ifPresent(settings -> settings.notEnforced(OF_OTHER_MODES).finish());
    if (!PASSED_ON.contains(protocol)) {
      fields.refuse("port", "AUTO_PASSTHROUGH needs protocol TLS, not \"%s\"".formatted(protocol));
    }
    if (!fields.text("bind", "").isEmpty()) {
      notImplemented(fields, "bind", number, "bind");
      return Optional.empty();
    }
    return Optional.of(server);
  }

  private static void notImplemented(Fields fields, String field, OptionalInt port, String what) {
    fields.warning(
        ProblemCodes.GATEWAY_SERVER_NOT_IMPLEMENTED,
        field,
        "%s is not implemented, so no gateway of ours listens at port %d for it"
            .formatted(what, port.orElse(0)));
  }

  private List<Gateway.Host> hosts(Fields fields) {
    List<Gateway.Host> hosts = new ArrayList<>();
    FieldValues values = fields.values("hosts");
    if (values.values().isEmpty()) {
      fields.error(ProblemCodes.MISSING_FIELD, "hosts", "needs at least one");
    }
    for (int i = 0; i < values.values().size(); i++) {
      String text = values.values().get(i);
      int slash = text.indexOf('/');
      String name = text.substring(slash + 1);
      String namespace = slash < 0 ? "*" : text.substring(0, slash);
      boolean wellFormed =
          NAME.matcher(name).matches()
              && (namespace.equals("*")
                  || namespace.equals(".")
                  || NAMESPACE.matcher(namespace).matches());
      if (!wellFormed) {
        fields.refuse(
            "hosts",
            i,
            values.locations().get(i),
            "\"%s\" is not a host, *.suffix or *, with NAMESPACE/ before it or not"
                .formatted(text));
      }
      hosts.add(
          new Gateway.Host(
              switch (namespace) {
                case "*" -> "";
                case "." -> meta.namespace();
                default -> namespace;
              },
              name));
    }
    return hosts;
  }
}
