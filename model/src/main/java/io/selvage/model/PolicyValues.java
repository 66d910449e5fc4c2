package io.selvage.model;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The values of a policy's lists: each kind of field with the form that its values must have. */
final class PolicyValues {

  private static final int MOST_SERVICE_ACCOUNTS = 16;
  private static final int LONGEST_SERVICE_ACCOUNT = 320;
  private static final Pattern PATH_SEGMENT = Pattern.compile("[a-zA-Z0-9-._~%!$&'()+,;:@=]+");
  private static final Pattern PORT = Pattern.compile("[0-9]{1,10}");

  private PolicyValues() {}

  /** What is wrong with a value; empty when it is good. */
  private interface Check {
    Optional<String> fault(String value);
  }

  private static FieldValues read(Fields fields, String name, Check check) {
    FieldValues values = fields.values(name);
    for (int i = 0; i < values.size(); i++) {
      String value = values.values().get(i);
      Optional<String> fault =
          value.isEmpty() ? Optional.of("must not be empty") : check.fault(value);
      int index = i;
      fault.ifPresent(text -> fields.refuse(name, index, values.locations().get(index), text));
    }
    return values;
  }

  /** Any text. */
  static FieldValues texts(Fields fields, String name) {
    return read(fields, name, value -> Optional.empty());
  }

  /** Exact, {@code prefix*}, {@code *suffix} or {@code *}. */
  static FieldValues wildcards(Fields fields, String name) {
    FieldValues values = texts(fields, name);
    for (int i = 0; i < values.size(); i++) {
      if (!hasWildcardForm(values.values().get(i))) {
        surprise(fields, name, values, i, "a * is a wildcard only once, at the start or the end");
      }
    }
    return values;
  }

  static FieldValues principals(Fields fields, String name) {
    FieldValues values = wildcards(fields, name);
    for (int i = 0; i < values.size(); i++) {
      if (values.values().get(i).startsWith("spiffe://")) {
        surprise(fields, name, values, i, "principals are written without spiffe://");
      }
    }
    return values;
  }

  static FieldValues serverNames(Fields fields, String name) {
    FieldValues values = wildcards(fields, name);
    for (int i = 0; i < values.size(); i++) {
      String value = values.values().get(i);
      if (!value.equals(value.toLowerCase(Locale.ROOT))) {
        surprise(
            fields, name, values, i, "\"%s\": server names are in small letters".formatted(value));
      }
    }
    return values;
  }

  static FieldValues methods(Fields fields, String name) {
    FieldValues values = wildcards(fields, name);
    for (int i = 0; i < values.size(); i++) {
      String value = values.values().get(i);
      if (!value.equals(value.toUpperCase(Locale.ROOT))) {
        surprise(fields, name, values, i, "\"%s\": methods are in capitals".formatted(value));
      }
    }
    return values;
  }

  static FieldValues paths(Fields fields, String name) {
    FieldValues values = read(fields, name, PolicyValues::templateFault);
    for (int i = 0; i < values.size(); i++) {
      String value = values.values().get(i);
      if (!value.contains("{") && !hasWildcardForm(value)) {
        surprise(fields, name, values, i, "a * is a wildcard only once, at the start or the end");
      } else if (!value.startsWith("/") && !value.startsWith("*")) {
        surprise(fields, name, values, i, "\"%s\": a path begins with /".formatted(value));
      }
    }
    return values;
  }

  static FieldValues ports(Fields fields, String name) {
    return read(fields, name, PolicyValues::portFault);
  }

  static FieldValues addresses(Fields fields, String name) {
    return read(fields, name, PolicyValues::addressFault);
  }

  static FieldValues trustDomains(Fields fields, String name) {
    return read(
        fields,
        name,
        value ->
            value.contains("/")
                ? Optional.of("\"%s\": a trust domain has no /".formatted(value))
                : wildcardFault(value));
  }

  static FieldValues serviceAccounts(Fields fields, String name) {
    FieldValues values = read(fields, name, PolicyValues::serviceAccountFault);
    if (values.size() > MOST_SERVICE_ACCOUNTS) {
      fields.refuse(name, "has more than " + MOST_SERVICE_ACCOUNTS + " values");
    }
    return values;
  }

  static FieldValues conditionValues(Fields fields, String name, String key) {
    return switch (key) {
      case "source.ip", "remote.ip", "destination.ip" -> addresses(fields, name);
      case "destination.port" -> ports(fields, name);
      case "source.serviceAccount" -> serviceAccounts(fields, name);
      case "source.trustDomain" -> trustDomains(fields, name);
      case "source.principal" -> principals(fields, name);
      case "connection.sni" -> serverNames(fields, name);
      default -> key.startsWith("request.headers") ? wildcards(fields, name) : texts(fields, name);
    };
  }

  private static boolean hasWildcardForm(String value) {
    int first = value.indexOf('*');
    return first < 0
        || (first == value.lastIndexOf('*') && (first == 0 || first == value.length() - 1));
  }

  private static Optional<String> wildcardFault(String value) {
    return hasWildcardForm(value)
        ? Optional.empty()
        : Optional.of("\"%s\": a * may stand once, at the start or the end".formatted(value));
  }

  private static Optional<String> portFault(String value) {
    return PORT.matcher(value).matches() && Long.parseLong(value) <= 65535
        ? Optional.empty()
        : Optional.of("\"%s\" is not a port from 0 to 65535".formatted(value));
  }

  private static Optional<String> addressFault(String value) {
    return IpAddresses.isAddressOrBlock(value)
        ? Optional.empty()
        : Optional.of("\"%s\" is neither an IP address nor a CIDR block".formatted(value));
  }

  private static Optional<String> serviceAccountFault(String value) {
    if (value.contains("*")) {
      return Optional.of("\"%s\": service accounts have no wildcards".formatted(value));
    }
    if (value.length() > LONGEST_SERVICE_ACCOUNT) {
      return Optional.of("is longer than " + LONGEST_SERVICE_ACCOUNT + " characters");
    }
    String[] parts = value.split("/", -1);
    boolean complete = !parts[0].isEmpty() && !parts[parts.length - 1].isEmpty();
    return parts.length <= 2 && complete
        ? Optional.empty()
        : Optional.of("\"%s\" is neither an account nor namespace/account".formatted(value));
  }

  /** The form of {@code {*}} (one segment) and {@code {**}} (any number, the last operator). */
  private static Optional<String> templateFault(String path) {
    boolean template = path.contains("{*}") || path.contains("{**}");
    boolean seenAny = false;
    for (String segment : trimSlashes(path).split("/", -1)) {
      boolean operator = segment.equals("{*}") || segment.equals("{**}");
      if (operator && seenAny) {
        return Optional.of("\"%s\": no operator may follow {**}".formatted(path));
      }
      seenAny |= segment.equals("{**}");
      if (!operator && (segment.contains("{") || segment.contains("}"))) {
        return Optional.of(
            "\"%s\": braces are only for {*} and {**} as whole segments".formatted(path));
      }
      if (!operator && template && !PATH_SEGMENT.matcher(segment).matches()) {
        return Optional.of(
            "\"%s\": the segment \"%s\" cannot stand beside {*} or {**}".formatted(path, segment));
      }
    }
    return Optional.empty();
  }

  private static String trimSlashes(String path) {
    int start = 0;
    int end = path.length();
    while (start < end && path.charAt(start) == '/') {
      start++;
    }
    while (end > start && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(start, end);
  }

  private static void surprise(
      Fields fields, String name, FieldValues values, int index, String message) {
    fields
        .reading()
        .add(
            Problem.warning(
                ProblemCodes.POLICY_SURPRISE,
                values.locations().get(index),
                fields.pathOf(name) + "[" + index + "]",
                message + "; as it stands it is compared letter by letter"));
  }
}
