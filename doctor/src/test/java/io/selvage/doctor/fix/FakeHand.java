package io.selvage.doctor.fix;

import io.selvage.doctor.Fix;
import io.selvage.doctor.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A cluster in memory: objects by what they are called, and what was done to them. */
final class FakeHand implements ClusterHand {
  final Map<ObjectRef, ObjectNode> objects = new HashMap<>();
  final List<String> done = new ArrayList<>();
  Optional<FixFailed> fails = Optional.empty();

  static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text);
  }

  FakeHand with(String object) {
    ObjectNode read = json(object);
    objects.put(FixPlan.reference(read), read);
    return this;
  }

  ObjectNode object(String kind, String namespace, String name) {
    return Optional.ofNullable(objects.get(new ObjectRef(kind, namespace, name))).orElseThrow();
  }

  private void write(Write write, String what) throws FixFailed {
    if (write == Write.DONE) {
      done.add(what);
      if (fails.isPresent()) {
        throw fails.get();
      }
    }
  }

  @Override
  public Optional<ObjectNode> read(String apiVersion, ObjectRef object) {
    return Optional.ofNullable(objects.get(object)).map(ObjectNode::deepCopy);
  }

  @Override
  public ObjectNode patch(Fix.Patch fix, Write write) throws FixFailed {
    write(write, "patch " + fix.object());
    ObjectNode changed =
        read(fix.apiVersion(), fix.object())
            .orElseThrow(() -> new AssertionError("no " + fix.object()));
    for (JsonNode operation : fix.patch()) {
      operate(changed, operation);
    }
    if (write == Write.DONE) {
      objects.put(fix.object(), changed.deepCopy());
    }
    return changed;
  }

  private static void operate(ObjectNode object, JsonNode operation) throws FixFailed {
    JsonPointer path = JsonPointer.compile(operation.path("path").asString());
    JsonNode parent = object.at(path.head());
    String name = path.last().getMatchingProperty();
    int index = path.last().getMatchingIndex();
    switch (operation.path("op").asString()) {
      case "test" -> {
        if (!object.at(path).equals(operation.path("value"))) {
          throw FixFailed.refused("test of " + path + " failed", new IllegalStateException());
        }
      }
      case "add", "replace" -> {
        if (parent instanceof ArrayNode array) {
          array.set(index, operation.path("value"));
        } else {
          ((ObjectNode) parent).set(name, operation.path("value"));
        }
      }
      case "remove" -> ((ObjectNode) parent).remove(name);
      default -> throw new AssertionError(operation.toString());
    }
  }

  @Override
  public ObjectNode apply(ObjectNode object, Write write) throws FixFailed {
    ObjectRef reference = FixPlan.reference(object);
    write(write, "apply " + reference);
    if (write == Write.DONE) {
      objects.put(reference, object.deepCopy());
    }
    return object.deepCopy();
  }

  @Override
  public void delete(ObjectNode object, Write write) throws FixFailed {
    write(write, "delete " + FixPlan.reference(object));
    if (write == Write.DONE) {
      objects.remove(FixPlan.reference(object));
    }
  }

  @Override
  public ObjectNode restart(ObjectRef workload, Write write) throws FixFailed {
    write(write, "restart " + workload);
    return read("apps/v1", workload).orElseThrow();
  }

  @Override
  public Optional<String> settled(ObjectRef workload) {
    return Optional.empty();
  }
}
