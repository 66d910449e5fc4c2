package io.selvage.cli.doctor;

import io.selvage.cli.UserError;
import io.selvage.cli.state.AdminClient;
import io.selvage.doctor.local.LocalMesh;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The doctor's own workloads in a running mesh. They go when they are closed and when this process
 * is told to end; when it is killed, the mesh lets them go by itself.
 */
final class MeshGuests implements LocalMesh.Guests {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final AdminClient admin;
  private final String id;
  private final Map<String, String> addresses;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Thread atExit = new Thread(this::end, "end of probes");

  private MeshGuests(AdminClient admin, String id, Map<String, String> addresses) {
    this.admin = admin;
    this.id = id;
    this.addresses = addresses;
  }

  static MeshGuests start(AdminClient admin, String cluster, String id) throws IOException {
    Map<String, String> addresses = new LinkedHashMap<>();
    JsonNode started = act(admin, "start/%s/%s".formatted(cluster, id), "");
    started.properties().forEach(one -> addresses.put(one.getKey(), one.getValue().asString("")));
    var guests = new MeshGuests(admin, id, addresses);
    Runtime.getRuntime().addShutdownHook(guests.atExit);
    return guests;
  }

  private static JsonNode act(AdminClient admin, String path, String body) throws IOException {
    try {
      return admin.act("/v1/guests/" + path, body);
    } catch (UserError e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public String namespace() {
    return "selvage-probe-" + id;
  }

  @Override
  public String address(String name) {
    return Optional.ofNullable(addresses.get(name))
        .orElseThrow(() -> new IllegalArgumentException("no guest " + name));
  }

  @Override
  public void apply(String apiVersion, String kind, String name, String spec) throws IOException {
    ObjectNode object = object(apiVersion, kind, name);
    object.set("spec", JSON.readTree(spec));
    var _ = act(admin, "declare/" + id, JSON.writeValueAsString(object));
  }

  @Override
  public void delete(String apiVersion, String kind, String name) throws IOException {
    var _ = act(admin, "withdraw/" + id, JSON.writeValueAsString(object(apiVersion, kind, name)));
  }

  private static ObjectNode object(String apiVersion, String kind, String name) {
    ObjectNode object = JSON.createObjectNode().put("apiVersion", apiVersion).put("kind", kind);
    object.putObject("metadata").put("name", name);
    return object;
  }

  private void end() {
    if (ended.compareAndSet(false, true)) {
      try {
        var _ = act(admin, "end/" + id, "");
      } catch (IOException e) {
        // the mesh has ended, or lets them go by itself
      }
    }
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook has nothing left to do
    }
  }
}
