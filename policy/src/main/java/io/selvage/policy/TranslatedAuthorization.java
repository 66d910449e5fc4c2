package io.selvage.policy;

import io.selvage.model.Problem;
import java.util.List;
import java.util.Map;

/**
 * An {@link Authorization} made of Istio's policies, and where each of its rules comes from.
 *
 * @param authorization what is enforced
 * @param origins by rule id, in evaluation order; dropped rules are there too
 * @param problems what doesn't do what its author may think, with locations
 */
public record TranslatedAuthorization(
    Authorization authorization, Map<String, RuleOrigin> origins, List<Problem> problems) {}
