package io.selvage.proxy.telemetry;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A line of JSON by an object whose values are format strings. A value that is one operator keeps
 * its type: numbers are numbers, and what isn't there is null.
 */
public final class JsonFormat implements LogFormat {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  /** A place in the object. */
  private sealed interface Template {
    /** Text with operators. */
    record Value(List<LogField> fields) implements Template {}

    /** Something that is the same in each line: a number, a boolean. */
    record Constant(JsonNode node) implements Template {}

    /** An object. */
    record Members(Map<String, Template> members) implements Template {}

    /** An array. */
    record Elements(List<Template> elements) implements Template {}
  }

  private final Template template;

  private JsonFormat(Template template) {
    this.template = template;
  }

  /** Istio's default: its text format's operators, by their names in lower case. */
  public static JsonFormat istioDefault() {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("start_time", "%START_TIME%");
    members.put("route_name", "%ROUTE_NAME%");
    members.put("method", "%REQ(:METHOD)%");
    members.put("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%");
    members.put("protocol", "%PROTOCOL%");
    members.put("response_code", "%RESPONSE_CODE%");
    members.put("response_flags", "%RESPONSE_FLAGS%");
    members.put("response_code_details", "%RESPONSE_CODE_DETAILS%");
    members.put("connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%");
    members.put("upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%");
    members.put("bytes_received", "%BYTES_RECEIVED%");
    members.put("bytes_sent", "%BYTES_SENT%");
    members.put("duration", "%DURATION%");
    members.put("upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%");
    members.put("x_forwarded_for", "%REQ(X-FORWARDED-FOR)%");
    members.put("user_agent", "%REQ(USER-AGENT)%");
    members.put("request_id", "%REQ(X-REQUEST-ID)%");
    members.put("authority", "%REQ(:AUTHORITY)%");
    members.put("upstream_host", "%UPSTREAM_HOST%");
    members.put("upstream_cluster", "%UPSTREAM_CLUSTER%");
    members.put("upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%");
    members.put("downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%");
    members.put("downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%");
    members.put("requested_server_name", "%REQUESTED_SERVER_NAME%");
    return new JsonFormat(template(MAPPER.valueToTree(members)));
  }

  /**
   * A format of one's own, as JSON.
   *
   * @throws LogFormatException if it is no JSON object, or an operator is not known
   */
  public static JsonFormat parse(String json) {
    JsonNode node;
    try {
      node = MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new LogFormatException("access log format: not JSON: " + e.getOriginalMessage());
    }
    if (node == null || !node.isObject()) {
      throw new LogFormatException("access log format: a JSON object is needed");
    }
    return new JsonFormat(template(node));
  }

  private static Template template(JsonNode node) {
    if (node.isObject()) {
      Map<String, Template> members = new LinkedHashMap<>();
      node.properties()
          .forEach(member -> members.put(member.getKey(), template(member.getValue())));
      return new Template.Members(members);
    }
    if (node.isArray()) {
      List<Template> elements = new ArrayList<>();
      node.forEach(element -> elements.add(template(element)));
      return new Template.Elements(elements);
    }
    return node.isString()
        ? new Template.Value(LogFields.parse(node.asString()))
        : new Template.Constant(node);
  }

  @Override
  public void append(LogEntry entry, StringBuilder out) {
    StringWriter text = new StringWriter(512);
    try (JsonGenerator json = MAPPER.createGenerator(text)) {
      write(template, entry, json);
    }
    out.append(text.getBuffer()).append('\n');
  }

  private static void write(Template template, LogEntry entry, JsonGenerator json) {
    switch (template) {
      case Template.Value value -> writeValue(value.fields(), entry, json);
      case Template.Constant constant -> json.writePOJO(constant.node());
      case Template.Members members -> {
        json.writeStartObject();
        for (Map.Entry<String, Template> member : members.members().entrySet()) {
          json.writeName(member.getKey());
          write(member.getValue(), entry, json);
        }
        json.writeEndObject();
      }
      case Template.Elements elements -> {
        json.writeStartArray();
        elements.elements().forEach(element -> write(element, entry, json));
        json.writeEndArray();
      }
    }
  }

  private static void writeValue(List<LogField> fields, LogEntry entry, JsonGenerator json) {
    if (fields.size() == 1 && fields.getFirst() instanceof LogField.Count number) {
      long value = number.value().of(entry);
      if (value < 0) {
        json.writeNull();
      } else {
        json.writeNumber(value);
      }
    } else if (fields.size() == 1 && fields.getFirst() instanceof LogField.Text text) {
      writeText(text.value().of(entry), text.limit(), json);
    } else {
      StringBuilder joined = new StringBuilder();
      LogFields.append(fields, entry, joined);
      json.writeString(joined.toString());
    }
  }

  private static void writeText(@Nullable CharSequence value, int limit, JsonGenerator json) {
    if (value == null) {
      json.writeNull();
    } else {
      json.writeString(value.subSequence(0, Math.min(limit, value.length())).toString());
    }
  }
}
