package io.selvage.it.conformance;

import java.util.List;

/**
 * Words that nearly match one another, for policies and requests alike: a generated request hits a
 * generated rule, or misses it narrowly.
 */
final class Vocabulary {
  static final List<String> ACCOUNTS =
      List.of("sleep", "sleep2", "slee", "default", "Sleep", "a.b");
  static final List<String> NAMESPACES = List.of("foo", "foo-bar", "fo", "bar", "sa", "ns");

  /** The mesh's own, its alias, and one that is not of the mesh. */
  static final List<String> DOMAINS = List.of("cluster.local", "old.example", "other.example");

  static final List<String> PRINCIPALS =
      List.of(
          "cluster.local/ns/foo/sa/sleep",
          "old.example/ns/foo/sa/sleep",
          "*/ns/foo/sa/sleep",
          "*",
          "cluster.local/ns/foo/sa/*",
          "cluster.local/*",
          "*/sa/sleep",
          "*sleep",
          "*sa/sleep2",
          "cluster.local/ns/foo/sa/slee",
          "cluster.local/ns/fo*",
          "*.local/ns/foo/sa/sleep",
          "*.example/ns/foo/sa/sleep",
          "spiffe://cluster.local/ns/foo/sa/sleep",
          "cluster.local/ns/foo/sa/Sleep",
          "other.example/ns/foo/sa/sleep",
          "cluster.local/ns/foo/sa/a.b");

  static final List<String> NAMESPACE_VALUES =
      List.of(
          "foo", "foo*", "*foo", "*", "fo", "*bar", "foo-bar", "f*o", "*o-b*", "sa", "FOO", "fo.");
  static final List<String> SERVICE_ACCOUNTS =
      List.of("sleep", "foo/sleep", "foo/sleep2", "fo/sleep", "foo/slee", "bar/default", "foo/a.b");
  static final List<String> DOMAIN_VALUES =
      List.of("cluster.local", "old.example", "*", "*.local", "old.*", "cluster", "other.example");

  static final List<String> HOSTS =
      List.of(
          "server.foo:8000",
          "SERVER.Foo:8000",
          "server.foo",
          "a.com",
          "x.a.com",
          "xa.com",
          "a.com:80",
          "a.com.",
          "b.com");
  static final List<String> HOST_VALUES =
      List.of(
          "server.foo:8000",
          "server.foo",
          "SERVER.foo*",
          "*",
          "*.a.com",
          "*a.com",
          "a.com*",
          "a.com:*",
          "B.com");

  static final List<String> METHODS = List.of("GET", "POST", "PUT", "OPTIONS", "DELETE", "HEAD");
  static final List<String> METHOD_VALUES = List.of("GET", "POST", "*", "GE*", "*T", "get", "GETS");

  static final List<String> PATHS =
      List.of(
          "/",
          "/res1",
          "/res10",
          "/res1/",
          "/res1/x",
          "/RES1",
          "//res1",
          "/res1?x=/res2",
          "/./res1",
          "/x/../res1",
          "/%72es1",
          "/res1%2fx",
          "/res1%2Fx",
          "/res1%5cx",
          "/res1\\x",
          "/res1//x",
          "/res1;a=b",
          "/res1/..;/res2",
          "/res1#x",
          "/api/v1/users",
          "/api/v1/users/7",
          "/api//users",
          "/api/v1",
          "/store/a/cart",
          "/store/a/b/cart",
          "/store/cart",
          "/store//cart",
          "/store/%2e%2e/cart",
          "/a%20b",
          "/a%00b",
          "/%",
          "/%zz",
          "/a|b",
          "/a\"b",
          "/%c3%a9",
          "/..%2fres1",
          "/res1/.",
          "/res1/..",
          "/res1/%2e",
          "/*",
          "/{*}",
          "/res1?",
          "/?/res1");
  static final List<String> PATH_VALUES =
      List.of(
          "/res1",
          "/res1*",
          "*res1",
          "*",
          "/res1/*",
          "*/x",
          "/res10",
          "/RES1",
          "/res1/",
          "/",
          "//res1",
          "/api/{*}/users",
          "/api/{*}/users/{**}",
          "/api/{**}",
          "/{*}",
          "/{**}",
          "/store/{**}/cart",
          "/store/{*}/cart",
          "/res1/{*}",
          "/res1?x=/res2",
          "/res1%2fx",
          "/a%20b",
          "/a b",
          "/%c3%a9",
          "/res1;a=b",
          "/a%7Cb",
          "/a|b",
          "/a%22*",
          "/api*",
          "*cart");

  static final List<String> PORTS = List.of("8080", "9090", "7070", "80", "0", "65535");
  static final List<String> BLOCKS =
      List.of(
          "10.77.0.2",
          "10.77.0.3",
          "10.77.0.2/31",
          "10.77.0.0/31",
          "10.77.0.0/24",
          "0.0.0.0/0",
          "::/0",
          "10.77.0.1",
          "1.2.3.4",
          "1.2.0.0/16",
          "2001:db8::/32");
  static final List<String> FORWARDED =
      List.of("1.2.3.4", "1.2.3.4, 10.77.0.3", "10.77.0.3,1.2.3.4", "2001:db8::1", "1.2.9.9");

  static final List<String> HEADER_NAMES = List.of("X-A", "x-b");
  static final List<String> HEADER_VALUES =
      List.of("bar", "Bar", "bar,baz", "baz", "ba", "", "bar,", "\u00c3\u00a9", "b*r", "bar baz");
  static final List<String> TEXT_VALUES =
      List.of("bar", "ba*", "*ar", "*", "bar,baz", "Bar", "baz", "*,*", "\u00e9", "b*r");

  static final List<String> ISSUERS = List.of("issuer", "issuer2");
  static final List<String> SUBJECTS = List.of("alice", "alice2", "al", "bob", "a/b", "");
  static final List<String> REQUEST_PRINCIPALS =
      List.of(
          "issuer/alice",
          "*",
          "issuer/*",
          "*/alice",
          "issuer/al*",
          "*ice",
          "iss*",
          "issuer",
          "issuer/a/b",
          "issuer2/alice",
          "*/*");
  static final List<String> AUDIENCES = List.of("aud1", "aud2", "aud", "AUD1");
  static final List<String> CLAIM_VALUES =
      List.of("admin", "adm", "admin2", "*", "ad*", "*min", "1", "true");
  static final List<String> SERVER_NAMES =
      List.of(
          "outbound_.8000_._.server.foo.svc.cluster.local",
          "a.com",
          "*.a.com",
          "*",
          "outbound_*",
          "*.local",
          "A.com");

  private Vocabulary() {}
}
