package io.selvage.control.kubernetes.inject;

import java.util.List;
import java.util.Map;

/**
 * Which labels are meant, as Kubernetes' {@code metav1.LabelSelector}: all of it must hold.
 *
 * @param labels each must be there with that value
 * @param expressions each must hold
 */
public record LabelSelector(Map<String, String> labels, List<Expression> expressions) {

  /** How a label is compared; the names are those of Kubernetes. */
  public enum Operator {
    IN("In"),
    NOT_IN("NotIn"),
    EXISTS("Exists"),
    DOES_NOT_EXIST("DoesNotExist");

    private final String text;

    Operator(String text) {
      this.text = text;
    }

    /** As in a manifest. */
    public String text() {
      return text;
    }
  }

  /**
   * One condition.
   *
   * @param values for {@code In} and {@code NotIn}
   */
  public record Expression(String key, Operator operator, List<String> values) {
    public Expression {
      values = List.copyOf(values);
    }

    boolean matches(Map<String, String> of) {
      String value = of.get(key);
      return switch (operator) {
        case IN -> value != null && values.contains(value);
        case NOT_IN -> value == null || !values.contains(value);
        case EXISTS -> value != null;
        case DOES_NOT_EXIST -> value == null;
      };
    }
  }

  public LabelSelector {
    labels = Map.copyOf(labels);
    expressions = List.copyOf(expressions);
  }

  /** Whether it says nothing; such a one matches everything. */
  public boolean isEmpty() {
    return labels.isEmpty() && expressions.isEmpty();
  }

  /** Whether these labels are meant. */
  public boolean matches(Map<String, String> of) {
    return labels.entrySet().stream().allMatch(e -> e.getValue().equals(of.get(e.getKey())))
        && expressions.stream().allMatch(expression -> expression.matches(of));
  }
}
