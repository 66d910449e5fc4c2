package io.selvage.doctor.view;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Condition;
import io.selvage.model.AuthorizationPolicy.Operation;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.AuthorizationPolicy.Source;
import io.selvage.model.FieldValues;
import java.util.ArrayList;
import java.util.List;

/** The fields of policies that look at requests, which connections do not show. */
public final class HttpFields {
  private HttpFields() {}

  /** Whether any rule has one. */
  public static boolean any(AuthorizationPolicy policy) {
    return policy.ruleList().stream().anyMatch(rule -> !of(rule).isEmpty());
  }

  /** Their names, each once. */
  public static List<String> of(Rule rule) {
    List<String> found = new ArrayList<>();
    for (Source source : rule.from()) {
      add(found, "requestPrincipals", source.requestPrincipals());
      add(found, "notRequestPrincipals", source.notRequestPrincipals());
    }
    for (Operation operation : rule.to()) {
      add(found, "hosts", operation.hosts());
      add(found, "notHosts", operation.notHosts());
      add(found, "methods", operation.methods());
      add(found, "notMethods", operation.notMethods());
      add(found, "paths", operation.paths());
      add(found, "notPaths", operation.notPaths());
    }
    for (Condition condition : rule.when()) {
      if (condition.key().startsWith("request.")) {
        found.add(condition.key());
      }
    }
    return found.stream().distinct().toList();
  }

  private static void add(List<String> found, String name, FieldValues values) {
    if (!values.isEmpty()) {
      found.add(name);
    }
  }
}
