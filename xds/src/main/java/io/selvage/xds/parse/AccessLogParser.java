package io.selvage.xds.parse;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.AccessLog;
import java.util.List;
import java.util.Optional;

/** Access logs: the first that goes to a file; loggers of other kinds are passed over. */
final class AccessLogParser {
  private static final String FILE = FileAccessLog.getDescriptor().getFullName();
  private static final JsonFormat.Printer JSON =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private AccessLogParser() {}

  static Optional<AccessLog> parse(
      List<io.envoyproxy.envoy.config.accesslog.v3.AccessLog> from, At at) {
    for (int i = 0; i < from.size(); i++) {
      if (Values.typeName(from.get(i).getTypedConfig()).equals(FILE)) {
        At place = at.item("access_log", i).field("typed_config");
        return Optional.of(
            file(
                place.unpack(from.get(i).getTypedConfig(), FileAccessLog.getDefaultInstance()),
                place));
      }
    }
    return Optional.empty();
  }

  // Older control planes write the format in the deprecated fields.
  @SuppressWarnings("deprecation")
  private static AccessLog file(FileAccessLog from, At at) {
    String path = Values.filled(from.getPath(), at.field("path"));
    return switch (from.getAccessLogFormatCase()) {
      case LOG_FORMAT -> format(path, from.getLogFormat(), at.field("log_format"));
      case JSON_FORMAT -> json(path, from.getJsonFormat(), at);
      case FORMAT -> text(path, from.getFormat());
      case TYPED_JSON_FORMAT, ACCESSLOGFORMAT_NOT_SET -> text(path, "");
    };
  }

  // As above, text_format.
  @SuppressWarnings("deprecation")
  private static AccessLog format(String path, SubstitutionFormatString from, At at) {
    return switch (from.getFormatCase()) {
      case TEXT_FORMAT_SOURCE ->
          text(path, Values.text(from.getTextFormatSource(), at.field("text_format_source")));
      case TEXT_FORMAT -> text(path, from.getTextFormat());
      case JSON_FORMAT -> json(path, from.getJsonFormat(), at);
      case FORMAT_NOT_SET -> text(path, "");
    };
  }

  private static AccessLog text(String path, String format) {
    String said = format.equals(EnvoyNames.DEFAULT_LOG_FORMAT) ? "" : format;
    return new AccessLog(path, AccessLog.Encoding.TEXT, said);
  }

  private static AccessLog json(String path, Struct from, At at) {
    try {
      String format = from.getFieldsCount() == 0 ? "" : JSON.print(from);
      return new AccessLog(path, AccessLog.Encoding.JSON, format);
    } catch (InvalidProtocolBufferException e) {
      at.field("json_format").refuse("can't be written as JSON");
      return text(path, "");
    }
  }
}
