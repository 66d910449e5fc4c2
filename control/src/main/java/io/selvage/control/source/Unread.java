package io.selvage.control.source;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.ObjectMeta;
import io.selvage.model.Problem;
import io.selvage.model.ReadResult;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A document that could not be understood when nothing was known to be in force instead of it: what
 * it may have protected denies everything.
 *
 * @param refused as far as it says what it is; empty fields are not known
 */
public record Unread(ReadResult.Refused refused) {
  /** Everything that such a document may have protected is denied. */
  public static final String CODE = "SLV4207";

  /**
   * Whether a document of this kind may keep requests out, so that its absence would let them in.
   */
  public static boolean mayProtect(String kind) {
    return switch (kind) {
      case "Service",
          "ServiceAccount",
          "Namespace",
          "ServiceEntry",
          "WorkloadEntry",
          "DestinationRule",
          "Gateway" ->
          false;
      default -> true;
    };
  }

  FolderContents.Key key() {
    return new FolderContents.Key(refused.kind(), refused.namespace(), refused.name());
  }

  /** Nothing says for which namespace it is; a MeshConfig is for all. */
  private boolean concernsTheMesh() {
    return refused.namespace().isEmpty() || refused.kind().equals("MeshConfig");
  }

  /**
   * A policy of the document's namespace, or of the whole mesh, that allows nothing.
   *
   * @param ordinal tells apart documents without a name
   * @param rootNamespace the one in force: policies in it are for the whole mesh
   */
  public AuthorizationPolicy denial(int ordinal, String rootNamespace) {
    String name = refused.name().isEmpty() ? "line-" + refused.at().line() : refused.name();
    ObjectMeta meta =
        new ObjectMeta(
            "unread-" + name + "-" + ordinal,
            concernsTheMesh() ? rootNamespace : refused.namespace(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            refused.at());
    return new AuthorizationPolicy(
        meta,
        Optional.empty(),
        List.of(),
        AuthorizationPolicy.Action.ALLOW,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  public Problem problem(MeshConfig mesh) {
    boolean all = concernsTheMesh() || refused.namespace().equals(mesh.rootNamespace());
    String what = all ? "the whole mesh" : "namespace " + refused.namespace();
    return Problem.error(
        CODE,
        refused.at(),
        "",
        "nothing is known to be in force instead of it, so requests to %s are denied until it is mended"
            .formatted(what));
  }
}
