package io.selvage.doctor.bundle;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;

/**
 * Evidence as JSON and back. A {@link Look} is {@code {"seen": value}} or {@code {"unseen": why,
 * "missing": right}}; objects are as the API gave them, by their kind's name. What a reader does
 * not know is passed over; a look that an older writer did not have was not made.
 */
final class EvidenceJson {
  private static final String SEEN = "seen";
  private static final String UNSEEN = "unseen";
  private static final String MISSING = "missing";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .addModule(
              new SimpleModule()
                  .addSerializer(new LookWriter())
                  .addDeserializer(Look.class, new LookReader())
                  .addSerializer(Objects.class, new ObjectsWriter())
                  .addDeserializer(Objects.class, new ObjectsReader())
                  .addSerializer(ApiObject.class, new ApiObjectWriter())
                  .addDeserializer(ApiObject.class, new ApiObjectReader()))
          .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private EvidenceJson() {}

  static ObjectNode of(ClusterEvidence cluster) {
    return JSON.valueToTree(cluster);
  }

  /**
   * @throws tools.jackson.core.JacksonException when it is no evidence
   */
  static ClusterEvidence cluster(JsonNode json) {
    return JSON.treeToValue(json, ClusterEvidence.class);
  }

  private static final class LookWriter extends ValueSerializer<Look<?>> {
    @Override
    public Class<?> handledType() {
      return Look.class;
    }

    @Override
    public void serialize(Look<?> look, JsonGenerator to, SerializationContext context) {
      to.writeStartObject();
      switch (look) {
        case Look.Seen<?>(Object value) -> to.writePOJOProperty(SEEN, value);
        case Look.Unseen<?> unseen -> {
          to.writeStringProperty(UNSEEN, unseen.why());
          unseen.missing().ifPresent(right -> to.writeStringProperty(MISSING, right));
        }
      }
      to.writeEndObject();
    }
  }

  private static final class LookReader extends ValueDeserializer<Look<?>> {
    private final JavaType type;

    /** Jackson asks {@link #createContextual} for one that knows what was looked for. */
    LookReader() {
      this(JSON_NODE);
    }

    private static final JavaType JSON_NODE =
        JsonMapper.shared().getTypeFactory().constructType(JsonNode.class);

    private LookReader(JavaType type) {
      this.type = type;
    }

    @Override
    public ValueDeserializer<?> createContextual(
        DeserializationContext context, @Nullable BeanProperty property) {
      JavaType look = property == null ? context.getContextualType() : property.getType();
      return look == null ? this : new LookReader(look.containedTypeOrUnknown(0));
    }

    @Override
    public Look<?> deserialize(JsonParser from, DeserializationContext context) {
      JsonNode json = context.readTree(from);
      if (json.has(SEEN)) {
        Object value = context.readTreeAsValue(json.path(SEEN), type);
        if (value != null) {
          return Look.seen(value);
        }
      }
      if (!json.path(UNSEEN).isString()) {
        return context.reportInputMismatch(type, "neither seen nor unseen");
      }
      return new Look.Unseen<>(json.path(UNSEEN).asString(), json.path(MISSING).asStringOpt());
    }

    @Override
    public Object getAbsentValue(DeserializationContext context) {
      return Look.unseen("who made this bundle did not look for it");
    }
  }

  private static final class ObjectsWriter extends ValueSerializer<Objects> {
    @Override
    public void serialize(Objects objects, JsonGenerator to, SerializationContext context) {
      to.writeStartObject();
      for (Kind kind : Kind.values()) {
        to.writePOJOProperty(kind.name(), objects.look(kind));
      }
      to.writeEndObject();
    }
  }

  private static final class ObjectsReader extends ValueDeserializer<Objects> {
    @Override
    public Objects deserialize(JsonParser from, DeserializationContext context) {
      JsonNode json = context.readTree(from);
      Map<Kind, Look<List<ApiObject>>> byKind = new EnumMap<>(Kind.class);
      for (Kind kind : Kind.values()) {
        JsonNode look = json.path(kind.name());
        if (look.path(SEEN).isArray()) {
          byKind.put(
              kind,
              Look.seen(
                  look.path(SEEN)
                      .valueStream()
                      .filter(JsonNode::isObject)
                      .map(one -> new ApiObject((ObjectNode) one))
                      .toList()));
        } else if (look.isObject()) {
          byKind.put(
              kind,
              new Look.Unseen<>(
                  look.path(UNSEEN).asString("not said"), look.path(MISSING).asStringOpt()));
        }
      }
      return new Objects(byKind);
    }
  }

  private static final class ApiObjectWriter extends ValueSerializer<ApiObject> {
    @Override
    public void serialize(ApiObject object, JsonGenerator to, SerializationContext context) {
      to.writePOJO(object.json());
    }
  }

  private static final class ApiObjectReader extends ValueDeserializer<ApiObject> {
    @Override
    public ApiObject deserialize(JsonParser from, DeserializationContext context) {
      return context.readTree(from) instanceof ObjectNode json
          ? new ApiObject(json)
          : context.reportInputMismatch(ApiObject.class, "an object was expected");
    }
  }
}
