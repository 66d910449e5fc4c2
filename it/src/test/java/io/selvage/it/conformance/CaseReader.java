package io.selvage.it.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads sets of cases; what is not exactly as documented is an error that names file and case. */
final class CaseReader {
  /** A set that cannot be taken. */
  static final class BadCase extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadCase(String where, String what) {
      super(where + ": " + what);
    }
  }

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private static final Set<String> SET_FIELDS =
      Set.of("title", "follows", "mesh", "resources", "cases", "unsaid");
  private static final String ENDING = ".json";

  private final String name;
  private final JsonNode file;

  private CaseReader(String name, JsonNode file) {
    this.name = name;
    this.file = file;
  }

  /** Where the cases are. */
  static Path folder() {
    return Path.of("..", "conformance", "cases").toAbsolutePath().normalize();
  }

  /**
   * Every set below a folder, by name.
   *
   * @param wanted beginnings of the names of sets ({@code area/name}), or {@code set#case}; empty
   *     for all
   */
  static List<CaseSet> read(Path folder, List<String> wanted) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .sorted()
          .map(file -> read(folder, file))
          .flatMap(set -> chosen(set, wanted).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<CaseSet> chosen(CaseSet set, List<String> wanted) {
    if (wanted.isEmpty()) {
      return Optional.of(set);
    }
    List<Case> cases =
        set.cases().stream()
            .filter(
                one ->
                    wanted.stream()
                        .anyMatch(
                            each ->
                                each.contains("#")
                                    ? set.nameOf(one).equals(each)
                                    : set.name().startsWith(each)))
            .toList();
    return cases.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new CaseSet(
                set.name(),
                set.title(),
                set.follows(),
                set.mesh(),
                set.resources(),
                set.unsaid(),
                cases));
  }

  private static CaseSet read(Path folder, Path file) {
    String path = folder.relativize(file).toString().replace('\\', '/');
    if (!path.endsWith(ENDING)) {
      throw new BadCase(path, "only " + ENDING + " files may be here");
    }
    String name = path.substring(0, path.length() - ENDING.length());
    try {
      return parse(name, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(path, e);
    }
  }

  /** Reads one set. */
  static CaseSet parse(String name, String text) {
    try {
      return new CaseReader(name, JSON.readTree(text)).set();
    } catch (JacksonException e) {
      throw new BadCase(name, String.valueOf(e.getMessage()));
    }
  }

  private CaseSet set() {
    file.propertyNames()
        .forEach(field -> check(SET_FIELDS.contains(field), "unknown field \"" + field + '"'));
    CaseSet set =
        new CaseSet(
            name,
            text("title"),
            text("follows"),
            file.has("mesh") ? file.get("mesh") : JSON.createObjectNode(),
            list("resources"),
            unsaid(),
            cases());
    check(set.mesh().isObject(), "\"mesh\" is an object");
    set.resources().forEach(each -> check(each.isObject(), "a resource is an object"));
    check(!set.cases().isEmpty(), "no cases");
    reasons(name, set.unsaid());
    return set;
  }

  private Map<SubjectName, String> unsaid() {
    return file.has("unsaid")
        ? JSON.convertValue(
            file.get("unsaid"),
            JSON.getTypeFactory().constructMapType(Map.class, SubjectName.class, String.class))
        : Map.of();
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (JsonNode node : list("cases")) {
      String id = node.path("id").asString("");
      check(id.matches("[a-z0-9][a-z0-9.-]*"), "a case's id is [a-z0-9.-], not \"" + id + '"');
      check(ids.add(id), "the id \"" + id + "\" is given twice");
      try {
        cases.add(checked(JSON.treeToValue(node, Case.class)));
      } catch (JacksonException | IllegalArgumentException e) {
        throw new BadCase(name + "#" + id, String.valueOf(e.getMessage()));
      }
    }
    return cases;
  }

  private Case checked(Case one) {
    String where = name + "#" + one.id();
    if (one.request() == null || one.expect() == null) {
      throw new BadCase(where, "request and expect are required");
    }
    expectation(where, one.expect());
    one.differs()
        .forEach(
            (subject, difference) -> {
              if (difference.expect() == null) {
                throw new BadCase(where, "differs." + subject + " needs an expect");
              }
              expectation(where, difference.expect());
              reason(where, difference.why());
            });
    reasons(where, one.unsaid());
    request(where, one.request());
    return one;
  }

  private static void expectation(String where, Expectation expect) {
    require(
        where,
        expect.status().isPresent() != expect.connection().isPresent(),
        "exactly one of status and connection is expected");
    require(
        where,
        expect.sees().isEmpty() || expect.status().equals(Optional.of(200)),
        "sees stands with status 200 alone: the application answered");
    require(
        where,
        expect.body().isEmpty() || !expect.status().equals(Optional.of(200)),
        "body is for answers that the proxy gives");
  }

  private static void request(String where, Request request) {
    boolean tcp = request.protocol() == Request.Protocol.TCP;
    require(where, request.text().isPresent() == tcp, "text stands with protocol tcp, always");
    require(
        where,
        request.raw().isEmpty() || request.protocol() == Request.Protocol.HTTP1,
        "raw is for http1");
    require(
        where,
        request.certificate() != Request.Certificate.NONE || request.as().isEmpty(),
        "certificate none has no identity");
    require(
        where,
        request.certificate() == Request.Certificate.VALID
            || request.certificate() == Request.Certificate.NONE
            || request.as().isPresent(),
        "a certificate needs an identity");
    require(
        where,
        List.of(Stage.CLIENT, Stage.OTHER_CLIENT).contains(request.from()),
        "from is one of the client's addresses");
    Stream.of(
            Stream.of(request.path(), request.host(), request.method()),
            request.headers().stream().map(Header::value),
            request.raw().stream(),
            request.text().stream())
        .flatMap(each -> each)
        .forEach(
            text ->
                require(
                    where,
                    text.chars().allMatch(c -> c <= 0xff),
                    "each character stands for one byte, so none is above U+00FF: " + text));
  }

  private static void reasons(String where, Map<SubjectName, String> all) {
    all.values().forEach(why -> reason(where, why));
  }

  private static void reason(String where, @org.jspecify.annotations.Nullable String why) {
    require(where, why != null && !why.isBlank(), "an exception needs its reason");
  }

  private String text(String field) {
    String text = file.path(field).asString("");
    check(!text.isBlank(), '"' + field + "\" is required");
    return text;
  }

  private List<JsonNode> list(String field) {
    JsonNode list = file.path(field);
    check(list.isArray(), '"' + field + "\" is a list");
    return List.copyOf(list.values());
  }

  private void check(boolean holds, String what) {
    require(name, holds, what);
  }

  private static void require(String where, boolean holds, String what) {
    if (!holds) {
      throw new BadCase(where, what);
    }
  }
}
