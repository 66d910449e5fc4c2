package io.selvage.xds.admin;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EcdsConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.ScopedRoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of a configuration dump is asked for, in the parameters of Envoy's {@code /config_dump}.
 *
 * @param withEndpoints {@code include_eds}
 * @param mask the fields of the dump's parts that are wanted; empty: all
 */
public record ConfigDumpQuery(boolean withEndpoints, Optional<Set<String>> mask) {
  /** Also the endpoints. */
  public static final String ENDPOINTS = "include_eds";

  /** Only these fields of the parts, separated by commas. */
  public static final String MASK = "mask";

  private static final List<Message> PARTS =
      List.of(
          BootstrapConfigDump.getDefaultInstance(),
          ClustersConfigDump.getDefaultInstance(),
          EndpointsConfigDump.getDefaultInstance(),
          ListenersConfigDump.getDefaultInstance(),
          ScopedRoutesConfigDump.getDefaultInstance(),
          RoutesConfigDump.getDefaultInstance(),
          SecretsConfigDump.getDefaultInstance(),
          EcdsConfigDump.getDefaultInstance());

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException when the mask names no field of any part
   */
  public static ConfigDumpQuery of(AdminRequest request) {
    Optional<Set<String>> mask =
        request.parameter(MASK).map(fields -> new TreeSet<>(Arrays.asList(fields.split(",", -1))));
    mask.ifPresent(
        fields ->
            fields.forEach(
                field -> {
                  if (PARTS.stream().noneMatch(part -> has(part, field))) {
                    throw new IllegalArgumentException(
                        "the mask's " + field + " is no field of a configuration dump's parts");
                  }
                }));
    return new ConfigDumpQuery(request.has(ENDPOINTS), mask);
  }

  private static boolean has(Message part, String field) {
    return part.getDescriptorForType().findFieldByName(field) != null;
  }

  /** As much of a dump as is asked for. */
  public ConfigDump of(ConfigDump whole) {
    if (mask.isEmpty()) {
      return whole;
    }
    ConfigDump.Builder some = ConfigDump.newBuilder();
    for (Any packed : whole.getConfigsList()) {
      Message part = unpacked(packed);
      if (mask.get().stream().anyMatch(field -> has(part, field))) {
        Message.Builder masked = part.toBuilder();
        for (FieldDescriptor field : part.getDescriptorForType().getFields()) {
          if (!mask.get().contains(field.getName())) {
            masked.clearField(field);
          }
        }
        some.addConfigs(Any.pack(masked.build()));
      }
    }
    return some.build();
  }

  private static Message unpacked(Any packed) {
    for (Message part : PARTS) {
      if (packed.getTypeUrl().endsWith("/" + part.getDescriptorForType().getFullName())) {
        try {
          return part.getParserForType().parseFrom(packed.getValue());
        } catch (InvalidProtocolBufferException e) {
          throw new IllegalStateException("a part that was packed is broken", e);
        }
      }
    }
    throw new IllegalStateException("no part of a dump: " + packed.getTypeUrl());
  }
}
