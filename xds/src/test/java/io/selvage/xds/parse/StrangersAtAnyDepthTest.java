package io.selvage.xds.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MapEntry;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.selvage.xds.RandomResources;
import io.selvage.xds.Sidecar;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.XdsResource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * A resource that we write ourselves, with something in it that this build does not know: in one of
 * its messages, whichever, inside {@code Any} and maps too. Each such resource must be refused.
 */
class StrangersAtAnyDepthTest {
  private static final UnknownFieldSet STRANGER =
      UnknownFieldSet.newBuilder()
          .addField(190_001, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
          .build();

  /** Data that is read whole, and whose insides have no meaning of their own. */
  private static final Set<String> DATA = Set.of("google.protobuf.Struct");

  private static final Map<String, Message> INSIDE_ANY =
      Stream.<Message>of(
              OriginalDst.getDefaultInstance(),
              TlsInspector.getDefaultInstance(),
              DownstreamTlsContext.getDefaultInstance(),
              UpstreamTlsContext.getDefaultInstance(),
              RawBuffer.getDefaultInstance(),
              HttpConnectionManager.getDefaultInstance(),
              TcpProxy.getDefaultInstance(),
              FileAccessLog.getDefaultInstance(),
              HttpProtocolOptions.getDefaultInstance(),
              UriTemplateMatchConfig.getDefaultInstance(),
              ExtAuthz.getDefaultInstance(),
              io.envoyproxy.envoy.extensions.filters.network.ext_authz.v3.ExtAuthz
                  .getDefaultInstance(),
              JwtAuthentication.getDefaultInstance(),
              Router.getDefaultInstance(),
              io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC.getDefaultInstance(),
              io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC.getDefaultInstance())
          .collect(
              Collectors.toMap(
                  m -> "type.googleapis.com/" + m.getDescriptorForType().getFullName(), m -> m));

  /** One changed copy of the resource. */
  private record Variant(String path, Message resource) {}

  @Test
  void aFieldThatNobodyKnowsIsRefusedInEveryMessageOfASidecar() {
    List<XdsResource> resources = new ArrayList<>(Sidecar.resources());
    resources.add(
        Sidecar.inbound(List.of(Sidecar.custom(), Sidecar.deny(), Sidecar.allow("/a/{*}"))));
    resources.addAll(Sidecar.secrets());
    int variants = 0;
    for (XdsResource resource : resources) {
      List<Variant> all =
          variants(
              ResourceEncoder.message(resource),
              message -> message.toBuilder().setUnknownFields(STRANGER).build());
      all.forEach(variant -> assertRefused(resource, variant));
      variants += all.size();
    }
    assertThat(variants).isGreaterThan(200);
  }

  @Property(tries = 60)
  void aFieldThatNobodyKnowsIsRefusedInEveryMessageOfAnyResource(@ForAll long seed) {
    XdsResource resource = new RandomResources(new Random(seed)).resource();
    variants(
            ResourceEncoder.message(resource),
            message -> message.toBuilder().setUnknownFields(STRANGER).build())
        .forEach(variant -> assertRefused(resource, variant));
  }

  @Property(tries = 60)
  void aChoiceThatNobodyKnowsIsRefusedWhereverItStands(@ForAll long seed) {
    XdsResource resource = new RandomResources(new Random(seed)).resource();
    Message message = ResourceEncoder.message(resource);
    for (Variant variant : variants(message, StrangersAtAnyDepthTest::withStrangeChoice)) {
      if (!variant.resource().equals(message)) {
        assertRefused(resource, variant);
      }
    }
  }

  private static void assertRefused(XdsResource resource, Variant variant) {
    ParseResult result =
        ResourceParser.parse(XdsType.of(resource), List.of(Any.pack(variant.resource())));
    assertThat(result.good())
        .as(resource.name() + " with a stranger at " + variant.path())
        .isEmpty();
    assertThat(result.problems()).isNotEmpty();
  }

  /** Sets the first enum of a message that is read to a number without a name. */
  private static Message withStrangeChoice(Message message) {
    Understood.Fields fields = Understood.fields(message.getDescriptorForType().getFullName());
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (fields != null
          && fields.reads().contains(field.getName())
          && field.getJavaType() == FieldDescriptor.JavaType.ENUM
          && !field.isRepeated()) {
        EnumValueDescriptor strange = field.getEnumType().findValueByNumberCreatingIfUnknown(4711);
        return message.toBuilder().setField(field, strange).build();
      }
    }
    return message;
  }

  /** Every copy in which one message, the outermost or one below it, is changed. */
  private static List<Variant> variants(Message root, UnaryOperator<Message> change) {
    List<Variant> found = new ArrayList<>();
    walk(root, "", changed -> changed, change, found);
    return found;
  }

  private static void walk(
      Message at,
      String path,
      Function<Message, Message> rebuild,
      UnaryOperator<Message> change,
      List<Variant> found) {
    found.add(new Variant(path, rebuild.apply(change.apply(at))));
    String type = at.getDescriptorForType().getFullName();
    if (DATA.contains(type)) {
      return;
    }
    if (at instanceof Any any) {
      insideAny(any, path, rebuild, change, found);
      return;
    }
    Understood.Fields understood = Understood.fields(type);
    at.getAllFields()
        .forEach(
            (field, value) -> {
              boolean passed = understood != null && understood.passes().contains(field.getName());
              if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !passed) {
                below(at, field, value, path + "." + field.getName(), rebuild, change, found);
              }
            });
  }

  private static void below(
      Message at,
      FieldDescriptor field,
      Object value,
      String path,
      Function<Message, Message> rebuild,
      UnaryOperator<Message> change,
      List<Variant> found) {
    if (!field.isRepeated()) {
      walk(
          (Message) value,
          path,
          part -> rebuild.apply(at.toBuilder().setField(field, part).build()),
          change,
          found);
      return;
    }
    List<?> items = (List<?>) value;
    for (int i = 0; i < items.size(); i++) {
      int index = i;
      Function<Message, Message> replaced =
          part -> rebuild.apply(at.toBuilder().setRepeatedField(field, index, part).build());
      if (items.get(i) instanceof MapEntry<?, ?> entry) {
        if (entry.getValue() instanceof Message inside) {
          FieldDescriptor valueField = entry.getDescriptorForType().findFieldByName("value");
          walk(
              inside,
              path + "[" + entry.getKey() + "]",
              part -> replaced.apply(entry.toBuilder().setField(valueField, part).build()),
              change,
              found);
        }
      } else {
        walk((Message) items.get(i), path + "[" + i + "]", replaced, change, found);
      }
    }
  }

  private static void insideAny(
      Any any,
      String path,
      Function<Message, Message> rebuild,
      UnaryOperator<Message> change,
      List<Variant> found) {
    Message like = INSIDE_ANY.get(any.getTypeUrl());
    if (like == null) {
      String type = any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1);
      assertThat(Understood.isPassedOver(type)).as("no prototype of " + type).isTrue();
      return;
    }
    try {
      walk(
          like.getParserForType().parseFrom(any.getValue()),
          path,
          part -> rebuild.apply(any.toBuilder().setValue(part.toByteString()).build()),
          change,
          found);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
