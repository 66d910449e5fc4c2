package io.selvage.doctor.cloud;

import io.selvage.doctor.evidence.Look;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Google Cloud's APIs, asked with whatever credentials are here. The project and its IAM policy
 * have to be readable; what else may not be read is left out.
 */
public final class GoogleCloud implements CloudSource {
  private static final String RIGHT = "resourcemanager.projects.getIamPolicy";

  private final Map<String, String> environment;
  private final Path home;
  private final InstantSource clock;
  private final UnaryOperator<String> endpoints;

  /**
   * By the credentials of a user.
   *
   * @param environment where credentials may be named
   * @param home the user's
   */
  public GoogleCloud(Map<String, String> environment, Path home, InstantSource clock) {
    this(environment, home, clock, host -> "https://" + host);
  }

  /**
   * @param endpoints from a host, such as {@code container.googleapis.com}, to where it is called
   */
  GoogleCloud(
      Map<String, String> environment,
      Path home,
      InstantSource clock,
      UnaryOperator<String> endpoints) {
    this.environment = Map.copyOf(environment);
    this.home = home;
    this.clock = clock;
    this.endpoints = endpoints;
  }

  @Override
  public Optional<Look<JsonNode>> look(Place place) {
    try (var http = new Http()) {
      Optional<GoogleCredentials.Token> token =
          GoogleCredentials.find(http, environment, home).token(clock.instant());
      return token.isEmpty()
          ? Optional.empty()
          : Optional.of(new Asked(http, headers(token.get()), place).all());
    } catch (IOException e) {
      return Optional.of(
          new Look.Unseen<>(
              "the credentials of Google Cloud here are of no use: " + e.getMessage(),
              Optional.of(RIGHT)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(Look.unseen("it was stopped"));
    }
  }

  private static Map<String, String> headers(GoogleCredentials.Token token) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Authorization", "Bearer " + token.value());
    token.quotaProject().ifPresent(project -> headers.put("x-goog-user-project", project));
    return headers;
  }

  /** One look. */
  private final class Asked {
    private final Http http;
    private final Map<String, String> headers;
    private final Place place;
    private final ObjectNode found = JsonMapper.shared().createObjectNode();

    Asked(Http http, Map<String, String> headers, Place place) {
      this.http = http;
      this.headers = headers;
      this.place = place;
    }

    Look<JsonNode> all() throws InterruptedException {
      String project = place.project();
      String manager = "cloudresourcemanager.googleapis.com";
      try {
        found.put("project", project);
        JsonNode known = get(manager, "/v1/projects/" + encoded(project)).well();
        found.put("projectNumber", known.path("projectNumber").asString(""));
        Http.Answer policy =
            http.post(
                at(manager, "/v1/projects/%s:getIamPolicy".formatted(encoded(project))),
                headers,
                JsonMapper.shared()
                    .createObjectNode()
                    .set(
                        "options",
                        JsonMapper.shared().createObjectNode().put("requestedPolicyVersion", 3)));
        found.set("iamPolicy", policy.well());
      } catch (IOException e) {
        return new Look.Unseen<>(String.valueOf(e.getMessage()), Optional.of(RIGHT));
      }
      services();
      mesh();
      nodePools();
      return Look.seen(found);
    }

    private void services() throws InterruptedException {
      ArrayNode names = JsonMapper.shared().createArrayNode();
      String next = "";
      try {
        do {
          JsonNode page =
              get(
                      "serviceusage.googleapis.com",
                      "/v1/projects/%s/services?filter=state:ENABLED&pageSize=200%s"
                          .formatted(
                              encoded(found.path("projectNumber").asString("")),
                              next.isEmpty() ? "" : "&pageToken=" + encoded(next)))
                  .well();
          page.path("services")
              .forEach(
                  one -> names.add(one.path("name").asString("").replaceFirst(".*/services/", "")));
          next = page.path("nextPageToken").asString("");
        } while (!next.isEmpty());
        found.set("services", names);
      } catch (IOException e) {
        // not known; the check says what it had
      }
    }

    /** The membership that is called as the cluster is, or the only one. */
    private void mesh() throws InterruptedException {
      try {
        JsonNode states =
            get(
                    "gkehub.googleapis.com",
                    "/v1/projects/%s/locations/global/features/servicemesh"
                        .formatted(encoded(place.project())))
                .well()
                .path("membershipStates");
        String ending = place.cluster().map(one -> "/memberships/" + one.name()).orElse("/");
        for (var state : states.properties()) {
          if (state.getKey().endsWith(ending) || states.size() == 1) {
            found.set("mesh", state.getValue());
          }
        }
      } catch (IOException e) {
        // likewise
      }
    }

    private void nodePools() throws InterruptedException {
      if (place.cluster().isEmpty()) {
        return;
      }
      try {
        JsonNode pools =
            get(
                    "container.googleapis.com",
                    "/v1/projects/%s/locations/%s/clusters/%s/nodePools"
                        .formatted(
                            encoded(place.project()),
                            encoded(place.cluster().get().location()),
                            encoded(place.cluster().get().name())))
                .well()
                .path("nodePools");
        found.set("nodePools", pools);
      } catch (IOException e) {
        // likewise
      }
    }

    private Http.Answer get(String host, String path) throws IOException, InterruptedException {
      return http.get(at(host, path), headers);
    }

    private URI at(String host, String path) {
      return URI.create(endpoints.apply(host) + path);
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }
}
