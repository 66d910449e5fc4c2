package io.selvage.xds.encode;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.selvage.xds.EnvoyNames;

/** Access logs as {@code envoy.access_loggers.file}. */
final class AccessLogEncoder {
  private AccessLogEncoder() {}

  static AccessLog encode(io.selvage.xds.resource.AccessLog from) {
    SubstitutionFormatString.Builder format = SubstitutionFormatString.newBuilder();
    switch (from.encoding()) {
      case TEXT ->
          format.setTextFormatSource(
              Values.text(from.format().isEmpty() ? EnvoyNames.DEFAULT_LOG_FORMAT : from.format()));
      case JSON -> format.setJsonFormat(json(from.format()));
    }
    return AccessLog.newBuilder()
        .setName(EnvoyNames.FILE_ACCESS_LOG)
        .setTypedConfig(
            Packing.pack(
                FileAccessLog.newBuilder().setPath(from.path()).setLogFormat(format).build()))
        .build();
  }

  private static Struct json(String format) {
    Struct.Builder to = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(format.isEmpty() ? "{}" : format, to);
    } catch (InvalidProtocolBufferException e) {
      return Struct.getDefaultInstance(); // as without a format: logs stop nothing else
    }
    return to.build();
  }
}
