package io.selvage.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A test that needs the request; false on plain TCP, but for the client's address. */
sealed interface RequestPredicate {
  boolean test(Subject subject);

  record RemoteIp(Cidr block) implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      return block.contains(subject.remoteAddress());
    }
  }

  record RemoteIps(AddressSet blocks) implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      return blocks.contains(subject.remoteAddress());
    }
  }

  /** There is a request, whatever it is like. */
  record AnyRequest() implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      return subject.request != null;
    }
  }

  record Host(StringTest test, boolean emptyIsAbsent) implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      RequestView request = subject.request;
      if (request == null) {
        return false;
      }
      ByteSlice host = request.authority();
      return !(emptyIsAbsent && host.length() == 0)
          && test.test(host.array(), host.start(), host.end());
    }
  }

  record Method(StringTest test) implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      RequestView request = subject.request;
      if (request == null) {
        return false;
      }
      ByteSlice method = request.method();
      return test.test(method.array(), method.start(), method.end());
    }
  }

  record Path(StringTest test) implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      RequestView request = subject.request;
      if (request == null) {
        return false;
      }
      ByteSlice path = request.path();
      return test.test(path.array(), path.start(), path.end());
    }
  }

  record Template(PathTemplate template, Reading reading) implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      RequestView request = subject.request;
      return request != null && template.matches(request.path(), reading);
    }
  }

  record Header(String name, StringTest test, Reading reading) implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      RequestView request = subject.request;
      ByteSlice first = request == null ? null : request.header(name, 0);
      if (request == null || first == null) {
        return false;
      }
      boolean any = test.test(first.array(), first.start(), first.end());
      ByteSlice next = request.header(name, 1);
      if (next == null || (any && reading == Reading.WIDE)) {
        return any;
      }
      for (int i = 2; next != null && reading == Reading.WIDE; i++) {
        if (test.test(next.array(), next.start(), next.end())) {
          return true;
        }
        next = request.header(name, i);
      }
      byte[] joined = subject.joinedHeader(request, name);
      return test.test(joined, 0, joined.length);
    }
  }

  /**
   * What a token says.
   *
   * @param exact values that are enough
   * @param match another one, if any
   */
  record Claim(List<String> path, Set<String> exact, @Nullable StringMatch match)
      implements RequestPredicate {
    @Override
    public boolean test(Subject subject) {
      RequestView request = subject.request;
      Object value = request == null ? null : valueAt(request, path);
      if (value instanceof String text) {
        return matches(text);
      }
      if (value instanceof List<?> list) {
        for (int i = 0; i < list.size(); i++) {
          if (list.get(i) instanceof String text && matches(text)) {
            return true;
          }
        }
      }
      return false;
    }

    private boolean matches(String text) {
      return exact.contains(text) || (match != null && match.matches(text));
    }

    /** What the verified token says at {@code path}; null when it says nothing. */
    static @Nullable Object valueAt(RequestView request, List<String> path) {
      Object value = request.claims();
      for (int i = 0; i < path.size() && value != null; i++) {
        value = value instanceof Map<?, ?> map ? map.get(path.get(i)) : null;
      }
      return value;
    }
  }
}
