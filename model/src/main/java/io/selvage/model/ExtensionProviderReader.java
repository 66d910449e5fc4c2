package io.selvage.model;

import io.selvage.model.ExtensionProvider.ExternalService;
import io.selvage.model.ExtensionProvider.Grpc;
import io.selvage.model.ExtensionProvider.Http;
import io.selvage.model.ExtensionProvider.RequestBody;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Reads the external authorizers among MeshConfig's {@code extensionProviders}. */
final class ExtensionProviderReader {
  /** Those that Envoy has names for ({@code envoy.type.v3.StatusCode}). */
  private static final Set<String> STATUSES =
      Set.of(
          ("100 200 201 202 203 204 205 206 207 208 226 300 301 302 303 304 305 307 308 400 401 402"
                  + " 403 404 405 406 407 408 409 410 411 412 413 414 415 416 417 421 422 423 424"
                  + " 426 428 429 431 500 501 502 503 504 505 506 507 508 510 511")
              .split(" ", -1));

  private ExtensionProviderReader() {}

  /** Providers of traces, metrics and logs are left alone. */
  static List<ExtensionProvider> all(Fields meshConfig) {
    List<ExtensionProvider> providers = new ArrayList<>();
    for (Fields entry : meshConfig.objects("extensionProviders")) {
      String name = entry.required("name");
      entry.object("envoyExtAuthzHttp").ifPresent(http -> providers.add(http(name, http)));
      entry.object("envoyExtAuthzGrpc").ifPresent(grpc -> providers.add(grpc(name, grpc)));
      entry
          .skip("zipkin", "lightstep", "datadog", "stackdriver", "opencensus", "skywalking")
          .skip("opentelemetry", "prometheus", "envoyFileAccessLog", "envoyHttpAls", "sds")
          .skip("envoyTcpAls", "envoyOtelAls")
          .finish();
    }
    return providers;
  }

  private static ExtensionProvider grpc(String name, Fields fields) {
    Grpc grpc = new Grpc(name, service(fields), fields.at());
    fields.finish();
    return grpc;
  }

  private static ExtensionProvider http(String name, Fields fields) {
    List<String> include = fields.texts("includeRequestHeadersInCheck");
    List<String> older = fields.texts("includeHeadersInCheck"); // counts only without the newer one
    Http http =
        new Http(
            name,
            service(fields),
            fields.text("pathPrefix", ""),
            include.isEmpty() ? older : include,
            fields.textMap("includeAdditionalHeadersInCheck"),
            fields.texts("headersToUpstreamOnAllow"),
            fields.texts("headersToDownstreamOnDeny"),
            fields.texts("headersToDownstreamOnAllow"),
            fields.at());
    if (!http.pathPrefix().isEmpty() && !http.pathPrefix().startsWith("/")) {
      fields.refuse("pathPrefix", "must begin with /");
    }
    if (http.hasBareWildcard()) {
      fields.warning(
          ProblemCodes.NOT_ENFORCED,
          "name",
          "a list of headers has a single *, which Istio refuses; write a prefix or a suffix:"
              + " until then policies of this provider deny what they match");
    }
    fields.finish();
    return http;
  }

  private static ExternalService service(Fields fields) {
    if (!fields.has("port")) {
      fields.error(ProblemCodes.MISSING_FIELD, "port", "is required");
    }
    return new ExternalService(
        fields.required("service"),
        fields.port("port").orElse(0),
        fields.duration("timeout").orElse(ExternalService.DEFAULT_TIMEOUT),
        fields.flag("failOpen", false),
        fields.flag("clearRouteCache", false),
        status(fields),
        fields.object("includeRequestBodyInCheck").map(ExtensionProviderReader::body));
  }

  private static OptionalInt status(Fields fields) {
    Optional<String> text = fields.text("statusOnError").filter(value -> !value.isEmpty());
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    if (STATUSES.contains(text.get())) {
      return OptionalInt.of(Integer.parseInt(text.get()));
    }
    fields.refuse(
        "statusOnError",
        "\"%s\" is not an HTTP status that a proxy answers with".formatted(text.get()));
    return OptionalInt.empty();
  }

  private static RequestBody body(Fields fields) {
    RequestBody body =
        new RequestBody(
            fields.number("maxRequestBytes", 1, Integer.MAX_VALUE).orElse(0),
            fields.flag("allowPartialMessage", false),
            fields.flag("packAsBytes", false));
    if (!fields.has("maxRequestBytes")) {
      fields.error(ProblemCodes.MISSING_FIELD, "maxRequestBytes", "is required");
    }
    fields.finish();
    return body;
  }
}
