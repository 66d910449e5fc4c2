package io.selvage.proxy.http1;

import io.selvage.policy.ByteSlice;
import io.selvage.policy.RequestView;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of one message as it came, and what the proxy changed in it: one array of bytes and one
 * of offsets, reused for every message of a connection.
 *
 * <p>Names are lower-case from the moment they are read. Editing never shifts bytes: a removed
 * field is marked, a new value or field is put behind everything else and pointed to. Fields keep
 * the order in which they came; {@code index} counts all of them, removed ones too, so it stays
 * valid while one edits. Slices that are given out belong to this buffer and are valid until the
 * same method is called again, or the next message. Not safe for use by two threads.
 */
public final class HeadBuffer implements RequestView {
  private static final int STRIDE = 6;
  private static final int NAME = 0;
  private static final int NAME_END = 1;
  private static final int VALUE = 2;
  private static final int VALUE_END = 3;
  private static final int HASH = 4;
  private static final int META = 5;

  /** In META, above the ordinal of the known header. */
  private static final int REMOVED = 1 << 16;

  /**
   * In META: the bytes are exactly {@code name: value CR LF}, so they can be copied as they are.
   */
  private static final int CANONICAL = 1 << 17;

  private static final int KNOWN_MASK = 0xffff;
  private static final byte[] SLASH = {'/'};

  byte[] bytes = new byte[1024];
  int length;
  private int[] fields = new int[32 * STRIDE];
  private int count;
  private long present;

  int startLine;
  int startLineEnd;
  boolean startLineVerbatim;
  int methodStart;
  int methodEnd;
  int targetStart;
  int targetEnd;
  int pathStart;
  int pathEnd;
  int queryStart;
  int queryEnd;
  int authorityStart;
  int authorityEnd;
  boolean http10;
  int status;

  private @Nullable InetAddress remoteAddress;
  private @Nullable Map<String, ?> claims;

  private final ByteSlice methodSlice = new ByteSlice();
  private final ByteSlice targetSlice = new ByteSlice();
  private final ByteSlice authoritySlice = new ByteSlice();
  private final ByteSlice pathSlice = new ByteSlice();
  private final ByteSlice querySlice = new ByteSlice();
  private final ByteSlice headerSlice = new ByteSlice();
  private final ByteSlice fieldName = new ByteSlice();
  private final ByteSlice fieldValue = new ByteSlice();

  /** An empty head. */
  public HeadBuffer() {}

  /** Forgets the message; memory of ordinary size is kept. */
  void reset() {
    if (bytes.length > 16 * 1024) {
      bytes = new byte[1024];
    }
    length = 0;
    count = 0;
    present = 0;
    startLine = 0;
    startLineEnd = 0;
    startLineVerbatim = false;
    methodStart = 0;
    methodEnd = 0;
    targetStart = 0;
    targetEnd = 0;
    pathStart = 0;
    pathEnd = 0;
    queryStart = 0;
    queryEnd = 0;
    authorityStart = 0;
    authorityEnd = 0;
    http10 = false;
    status = 0;
    remoteAddress = null;
    claims = null;
  }

  // ---- the start line

  @Override
  public ByteSlice method() {
    return methodSlice.set(bytes, methodStart, methodEnd);
  }

  /** The request target as it came, or normalised. */
  public ByteSlice target() {
    return targetSlice.set(bytes, targetStart, targetEnd);
  }

  @Override
  public ByteSlice authority() {
    return authoritySlice.set(bytes, authorityStart, authorityEnd);
  }

  @Override
  public ByteSlice path() {
    return pathSlice.set(bytes, pathStart, pathEnd);
  }

  /** The query with its question mark; empty when there is none. */
  public ByteSlice query() {
    return querySlice.set(bytes, queryStart, queryEnd);
  }

  /** Whether the message is HTTP/1.0; everything else that is accepted is HTTP/1.1. */
  public boolean isHttp10() {
    return http10;
  }

  /** The status code of a response, 100..999; 0 for a request. */
  public int status() {
    return status;
  }

  /** Whether the method is exactly this one; methods are case-sensitive. */
  public boolean isMethod(String method) {
    int size = methodEnd - methodStart;
    if (size != method.length()) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (bytes[methodStart + i] != method.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Puts another path in place of the one that came; the query stays. */
  public void replacePath(byte[] array, int start, int end) {
    int at = put(array, start, end);
    pathStart = at;
    pathEnd = length;
    startLineVerbatim = false;
  }

  /** Takes the query off, or puts another ({@code ?a=b}) in its place. */
  public void replaceQuery(byte[] array, int start, int end) {
    int at = put(array, start, end);
    queryStart = at;
    queryEnd = length;
    startLineVerbatim = false;
  }

  /**
   * Brings the path into the form that policy, routing and the application are to see.
   *
   * @return a violation when the path has an encoding that no form may have
   */
  public @Nullable HttpViolation normalisePath(PathNormalizer normalization) {
    return normalization.apply(this);
  }

  /** The path was normalised where it lies, and what follows it moved up. */
  void moveTarget(int newPathEnd, int newQueryEnd) {
    pathEnd = newPathEnd;
    queryStart = newPathEnd;
    queryEnd = newQueryEnd;
    targetStart = pathStart;
    targetEnd = newQueryEnd;
    startLineVerbatim = false;
  }

  void rootPath() {
    replacePath(SLASH, 0, 1);
  }

  // ---- header fields

  /** How many fields there are, removed ones included. */
  public int fieldCount() {
    return count;
  }

  /** Whether the field is not to be seen or forwarded. */
  public boolean isRemoved(int index) {
    return (fields[index * STRIDE + META] & REMOVED) != 0;
  }

  /** The field's name in lower case. */
  public ByteSlice name(int index) {
    int at = index * STRIDE;
    return fieldName.set(bytes, fields[at + NAME], fields[at + NAME_END]);
  }

  /** The field's value without surrounding white space. */
  public ByteSlice value(int index) {
    int at = index * STRIDE;
    return fieldValue.set(bytes, fields[at + VALUE], fields[at + VALUE_END]);
  }

  /** Which header it is. */
  public KnownHeader known(int index) {
    return KnownHeader.at(fields[index * STRIDE + META] & KNOWN_MASK);
  }

  /** Whether a field of this header is there. */
  public boolean has(KnownHeader header) {
    return first(header) >= 0;
  }

  /** Index of the first field of this header, or -1. */
  public int first(KnownHeader header) {
    return next(header, 0);
  }

  /** Index of the first field of this header at {@code from} or behind, or -1. */
  public int next(KnownHeader header, int from) {
    if ((present & (1L << header.code())) == 0) {
      return -1;
    }
    for (int i = from; i < count; i++) {
      if ((fields[i * STRIDE + META] & (KNOWN_MASK | REMOVED)) == header.code()) {
        return i;
      }
    }
    return -1;
  }

  /** The value of the first field of this header, or null. */
  public @Nullable ByteSlice first(KnownHeader header, ByteSlice into) {
    int index = first(header);
    if (index < 0) {
      return null;
    }
    int at = index * STRIDE;
    return into.set(bytes, fields[at + VALUE], fields[at + VALUE_END]);
  }

  /** Whether there is exactly this one value (in lower case, compared without case). */
  public boolean isValue(int index, String lowerCase) {
    int at = index * STRIDE;
    return Octets.equalIgnoreCase(bytes, fields[at + VALUE], fields[at + VALUE_END], lowerCase);
  }

  /**
   * {@inheritDoc} Pseudo-headers ({@code :method}, {@code :path}, {@code :authority}) are there.
   */
  @Override
  public @Nullable ByteSlice header(String lowerCaseName, int index) {
    if (lowerCaseName.startsWith(":")) {
      return index == 0 ? pseudoHeader(lowerCaseName) : null;
    }
    int found = index;
    int hash = lowerCaseName.hashCode();
    for (int i = 0; i < count; i++) {
      int at = i * STRIDE;
      if (fields[at + HASH] == hash && matches(at, lowerCaseName) && found-- == 0) {
        return headerSlice.set(bytes, fields[at + VALUE], fields[at + VALUE_END]);
      }
    }
    return null;
  }

  private @Nullable ByteSlice pseudoHeader(String name) {
    return switch (name) {
      case ":method" -> method();
      case ":authority" -> authority();
      case ":path" -> headerSlice.set(pathAndQuery(), 0, pathAndQueryLength());
      default -> null;
    };
  }

  private int pathAndQueryLength() {
    return pathEnd - pathStart + queryEnd - queryStart;
  }

  private byte[] pathAndQuery() {
    byte[] joined = Arrays.copyOfRange(bytes, pathStart, pathStart + pathAndQueryLength());
    System.arraycopy(bytes, queryStart, joined, pathEnd - pathStart, queryEnd - queryStart);
    return joined;
  }

  private boolean matches(int at, String name) {
    int start = fields[at + NAME];
    if ((fields[at + META] & REMOVED) != 0 || fields[at + NAME_END] - start != name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (bytes[start + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  // ---- edits

  /** Removes one field. */
  public void remove(int index) {
    fields[index * STRIDE + META] |= REMOVED;
  }

  /** Removes all fields of this header. */
  public void remove(KnownHeader header) {
    for (int i = first(header); i >= 0; i = next(header, i + 1)) {
      remove(i);
    }
    present &= ~(1L << header.code());
  }

  /** Removes all fields of this name, in lower case. */
  public void remove(String lowerCaseName) {
    int hash = lowerCaseName.hashCode();
    for (int i = 0; i < count; i++) {
      int at = i * STRIDE;
      if (fields[at + HASH] == hash && matches(at, lowerCaseName)) {
        remove(i);
      }
    }
  }

  /** Removes the fields whose name is spelt, in whatever case, by these bytes. */
  void removeNamed(int start, int end) {
    for (int i = 0; i < count; i++) {
      int at = i * STRIDE;
      if (!known(i).isProtected()
          && Octets.sameIgnoreCase(bytes, start, end, fields[at + NAME], fields[at + NAME_END])) {
        remove(i);
      }
    }
  }

  /** Appends a header that was made ready before. */
  public void append(HeaderLine header) {
    int at = put(header.line, 0, header.line.length);
    int valueStart = at + header.nameLength + 2;
    int end = length - 2;
    addField(at, at + header.nameLength, valueStart, end, header.hash, header.known, true);
  }

  /** Removes what there is of this header, then appends it. */
  public void set(HeaderLine header) {
    if (header.known == KnownHeader.OTHER) {
      remove(header.name());
    } else {
      remove(header.known);
    }
    append(header);
  }

  /**
   * Gives a field another value.
   *
   * @throws IllegalArgumentException if the value has a control byte
   */
  public void setValue(int index, byte[] array, int start, int end) {
    HeaderLine.checkValue(array, start, end);
    int at = index * STRIDE;
    int valueStart = put(array, start, end);
    fields[at + VALUE] = valueStart;
    fields[at + VALUE_END] = length;
    fields[at + META] &= ~CANONICAL;
  }

  /**
   * Appends a header; for one that is the same each time, a {@link HeaderLine} is cheaper.
   *
   * @throws IllegalArgumentException if the name is not a lower-case token or the value has a
   *     control byte
   */
  public void append(String lowerCaseName, String value) {
    append(HeaderLine.of(lowerCaseName, value));
  }

  /** Removes what there is of this header, then appends {@code name: number}. */
  public void setNumber(KnownHeader header, long number) {
    remove(header);
    byte[] text = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    byte[] name = header.lowerName().getBytes(StandardCharsets.US_ASCII);
    int nameStart = put(name, 0, name.length);
    int valueStart = put(text, 0, text.length);
    int hash = header.lowerName().hashCode();
    addField(nameStart, valueStart, valueStart, length, hash, header, false);
  }

  // ---- what belongs to the request beside its bytes

  @Override
  public @Nullable InetAddress remoteAddress() {
    return remoteAddress;
  }

  /** The client's address by trusted hops. */
  public void setRemoteAddress(@Nullable InetAddress address) {
    this.remoteAddress = address;
  }

  @Override
  public @Nullable Map<String, ?> claims() {
    return claims;
  }

  /** The payload of the verified token. */
  public void setClaims(@Nullable Map<String, ?> claims) {
    this.claims = claims;
  }

  // ---- for the parsers and the writer

  void addField(
      int name, int nameEnd, int value, int valueEnd, int hash, KnownHeader known, boolean plain) {
    int at = count++ * STRIDE;
    if (at == fields.length) {
      fields = Arrays.copyOf(fields, at * 2);
    }
    fields[at + NAME] = name;
    fields[at + NAME_END] = nameEnd;
    fields[at + VALUE] = value;
    fields[at + VALUE_END] = valueEnd;
    fields[at + HASH] = hash;
    fields[at + META] = known.code() | (plain ? CANONICAL : 0);
    present |= 1L << known.code();
  }

  int nameStart(int index) {
    return fields[index * STRIDE + NAME];
  }

  int nameEnd(int index) {
    return fields[index * STRIDE + NAME_END];
  }

  int valueStart(int index) {
    return fields[index * STRIDE + VALUE];
  }

  int valueEnd(int index) {
    return fields[index * STRIDE + VALUE_END];
  }

  boolean isCanonical(int index) {
    return (fields[index * STRIDE + META] & CANONICAL) != 0;
  }

  /** Copies bytes behind all others; where they start. They may come from this very buffer. */
  int put(byte[] array, int start, int end) {
    int at = length;
    reserve(end - start);
    System.arraycopy(array, start, bytes, at, end - start);
    length += end - start;
    return at;
  }

  void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
