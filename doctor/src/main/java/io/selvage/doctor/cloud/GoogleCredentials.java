package io.selvage.doctor.cloud;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Application default credentials (Google's AIP-4110): the file that {@code
 * GOOGLE_APPLICATION_CREDENTIALS} names, else the one of {@code gcloud auth application-default
 * login}, else the metadata server. Tokens are asked for to read alone, are used at once, and are
 * kept nowhere.
 */
public final class GoogleCredentials {
  private static final String VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";
  private static final String READ = "https://www.googleapis.com/auth/cloud-platform.read-only";
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final String METADATA =
      "/computeMetadata/v1/instance/service-accounts/default/token";

  private final Http http;
  private final Optional<Path> file;
  private final URI metadata;

  private GoogleCredentials(Http http, Optional<Path> file, URI metadata) {
    this.http = http;
    this.file = file;
    this.metadata = metadata;
  }

  /**
   * Those that would be used here.
   *
   * @param home the user's
   */
  static GoogleCredentials find(Http http, Map<String, String> environment, Path home) {
    String named = environment.getOrDefault(VARIABLE, "");
    Path usual =
        Optional.ofNullable(environment.get("CLOUDSDK_CONFIG"))
            .map(Path::of)
            .orElseGet(() -> home.resolve(Path.of(".config", "gcloud")))
            .resolve("application_default_credentials.json");
    Optional<Path> file =
        !named.isEmpty()
            ? Optional.of(Path.of(named))
            : Optional.of(usual).filter(Files::isReadable);
    String host = environment.getOrDefault("GCE_METADATA_HOST", "metadata.google.internal");
    return new GoogleCredentials(http, file, URI.create("http://" + host));
  }

  /**
   * A token.
   *
   * @param quotaProject who pays for the calls, where the credentials say so
   */
  record Token(String value, Optional<String> quotaProject) {
    /** Without the token. */
    @Override
    public String toString() {
      return "Token";
    }
  }

  /**
   * Asks for a token.
   *
   * @return empty when there are no credentials here
   * @throws IOException when there are some, and they are of no use
   */
  Optional<Token> token(Instant now) throws IOException, InterruptedException {
    if (file.isEmpty()) {
      return ofMachine();
    }
    JsonNode read = read(file.get());
    Optional<String> quota =
        Optional.of(read.path("quota_project_id").asString("")).filter(text -> !text.isEmpty());
    String type = read.path("type").asString("");
    Map<String, String> form =
        switch (type) {
          case "service_account" ->
              Map.of(
                  "grant_type",
                  "urn:ietf:params:oauth:grant-type:jwt-bearer",
                  "assertion",
                  assertion(read, now));
          case "authorized_user" ->
              Map.of(
                  "grant_type", "refresh_token",
                  "client_id", read.path("client_id").asString(""),
                  "client_secret", read.path("client_secret").asString(""),
                  "refresh_token", read.path("refresh_token").asString(""));
          default ->
              throw new IOException(
                  "%s: credentials of type `%s` are not used here".formatted(file.get(), type));
        };
    URI at = URI.create(read.path("token_uri").asString("https://oauth2.googleapis.com/token"));
    return Optional.of(new Token(granted(http.form(at, encoded(form))), quota));
  }

  private static JsonNode read(Path file) throws IOException {
    try {
      return JsonMapper.shared().readTree(Files.readString(file));
    } catch (JacksonException e) {
      throw new IOException(file + " is no JSON", e);
    }
  }

  /** RFC 7523 2.1, as Google's service accounts do it. */
  private static String assertion(JsonNode account, Instant now) throws IOException {
    try {
      var claims =
          new JWTClaimsSet.Builder()
              .issuer(account.path("client_email").asString(""))
              .audience(account.path("token_uri").asString(""))
              .claim("scope", READ)
              .issueTime(Date.from(now))
              .expirationTime(Date.from(now.plus(LIFE)))
              .build();
      var header =
          new JWSHeader.Builder(JWSAlgorithm.RS256)
              .keyID(account.path("private_key_id").asString(""))
              .build();
      var signed = new SignedJWT(header, claims);
      signed.sign(new RSASSASigner(Pem.privateKey(account.path("private_key").asString(""))));
      return signed.serialize();
    } catch (JOSEException | PkiException | IllegalArgumentException e) {
      throw new IOException("the service account's key cannot be used: " + e.getMessage(), e);
    }
  }

  /** Of the machine that this runs on, where it is Google's. */
  private Optional<Token> ofMachine() throws InterruptedException {
    try {
      JsonNode answer =
          http.get(metadata.resolve(METADATA), Map.of("Metadata-Flavor", "Google")).well();
      return Optional.of(new Token(text(answer), Optional.empty()));
    } catch (IOException e) {
      return Optional.empty(); // it is not
    }
  }

  private static String granted(Http.Answer answer) throws IOException {
    return text(answer.well());
  }

  private static String text(JsonNode answer) throws IOException {
    String token = answer.path("access_token").asString("");
    if (token.isEmpty()) {
      throw new IOException("no token was granted");
    }
    return token;
  }

  private static String encoded(Map<String, String> form) {
    return new LinkedHashMap<>(form)
        .entrySet().stream()
            .map(
                field ->
                    field.getKey()
                        + "="
                        + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
  }
}
