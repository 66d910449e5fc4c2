package io.selvage.prove;

import io.selvage.model.SourceLocation;
import java.util.List;

/**
 * What must hold of a mesh.
 *
 * @param why for people; may be empty
 * @param region the requests it is about
 * @param except requests that it is not about. Their workloads are those of {@link Region#to()},
 *     intersected with the region's
 * @param allowEmpty whether it holds when its selection has no workload
 */
public record Assertion(
    String id,
    String why,
    Kind kind,
    Region region,
    List<Region> except,
    boolean allowEmpty,
    SourceLocation at) {
  public Assertion {
    except = List.copyOf(except);
  }

  /** What is asserted of the region's requests. */
  public enum Kind {
    /** None is allowed, whatever external authorizers say. */
    NEVER,
    /** All are allowed, whatever external authorizers say. */
    ALWAYS
  }
}
