package io.selvage.model;

import io.selvage.model.LimitedParser.LimitExceeded;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * The documents of a YAML text, each parsed by itself so that a broken one does not take the others
 * with it.
 *
 * <p>Texts come from people and from other systems, so their size, depth and the size that aliases
 * blow them up to are limited.
 */
final class YamlDocuments {

  /** Of a whole text, in UTF-16 units: some 10,000 policies. */
  static final int MAX_TEXT = 32 << 20;

  /** Of one document; Kubernetes' own limit for an object is 1.5 MiB. */
  static final int MAX_DOCUMENT = 3 << 20;

  /** Nodes of one document with every alias replaced by what it stands for. */
  static final int MAX_NODES = 500_000;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder()
          .setUseMarks(true)
          .setSchema(new CoreSchema()) // null, true and numbers as in Kubernetes
          .setCodePointLimit(MAX_DOCUMENT)
          .setMaxAliasesForCollections(50)
          .setAllowDuplicateKeys(true) // found later, with a better message
          .build();

  private final String source;
  private final int firstLine;
  private final BiConsumer<Node, Integer> documents;
  private final Consumer<Problem> broken;

  private YamlDocuments(
      String source, int firstLine, BiConsumer<Node, Integer> documents, Consumer<Problem> broken) {
    this.source = source;
    this.firstLine = firstLine;
    this.documents = documents;
    this.broken = broken;
  }

  /**
   * Parses a text.
   *
   * @param firstLine how many lines of the source come before the text
   * @param documents is given each document that is not empty, and the number of lines of the
   *     source before the place that its marks count from
   * @param broken is given a problem for each document that is not YAML or too large
   */
  static void parse(
      String source,
      int firstLine,
      String text,
      BiConsumer<Node, Integer> documents,
      Consumer<Problem> broken) {
    YamlDocuments parsing = new YamlDocuments(source, firstLine, documents, broken);
    if (text.length() > MAX_TEXT) {
      parsing.tooLarge(firstLine + 1, "longer than " + MAX_TEXT + " characters");
      return;
    }
    parsing.split(text);
  }

  /** A line that begins with three hyphens can only be a marker: no scalar may hold one. */
  private void split(String text) {
    int start = 0;
    int startLine = 0;
    int line = 0;
    for (int at = 0; at < text.length(); at = endOfLine(text, at), line++) {
      if (at > start && isMarker(text, at)) {
        part(text.substring(start, at), startLine);
        start = at;
        startLine = line;
      }
    }
    part(text.substring(start), startLine);
  }

  private static int endOfLine(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end + 1;
  }

  private static boolean isMarker(String text, int at) {
    return text.startsWith("---", at)
        && (at + 3 == text.length() || Character.isWhitespace(text.charAt(at + 3)));
  }

  private void part(String text, int line) {
    if (hasOnlyDirectives(text)) {
      return;
    }
    int offset = firstLine + line;
    List<Node> nodes = new ArrayList<>();
    try {
      Composer composer =
          new Composer(
              SETTINGS,
              new LimitedParser(new ParserImpl(SETTINGS, new StreamReader(SETTINGS, text))));
      while (composer.hasNext()) {
        Node node = composer.next();
        expandedSize(node, new IdentityHashMap<>());
        nodes.add(node);
      }
    } catch (LimitExceeded e) {
      tooLarge(offset + e.line(), String.valueOf(e.getMessage()));
    } catch (MarkedYamlEngineException e) {
      int at = e.getProblemMark().or(e::getContextMark).map(Mark::getLine).orElse(0) + 1;
      notYaml(offset + at, e.getProblem() == null ? "cannot be parsed" : e.getProblem());
    } catch (ReaderException e) {
      notYaml(
          offset + lineOf(text, e.getPosition()),
          "the character U+%04X is not allowed in YAML".formatted(e.getCodePoint()));
    } catch (YamlEngineException e) {
      tooLarge(offset + 1, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) { // the parser's own fault; a text must never stop the reader
      notYaml(offset + 1, "cannot be parsed (" + e + ")");
    }
    nodes.forEach(node -> documents.accept(node, offset));
  }

  private static boolean hasOnlyDirectives(String text) {
    return text.lines()
        .allMatch(line -> line.isBlank() || line.startsWith("#") || line.startsWith("%"));
  }

  private static int lineOf(String text, int position) {
    int end = Math.clamp(position, 0, text.length());
    return 1 + (int) text.substring(0, end).chars().filter(c -> c == '\n').count();
  }

  /** The node's size as a tree, in nodes; refuses one that is too large or contains itself. */
  private static int expandedSize(Node node, Map<Node, Integer> sizes) {
    Integer known = sizes.get(node);
    if (known != null) {
      if (known == 0) {
        throw new LimitExceeded(lineOf(node), "an alias refers to what it is part of");
      }
      return known;
    }
    sizes.put(node, 0);
    long size = 1;
    for (Node child : children(node)) {
      size += expandedSize(child, sizes);
      if (size > MAX_NODES) {
        throw new LimitExceeded(
            lineOf(node), "more than " + MAX_NODES + " values once aliases are replaced");
      }
    }
    sizes.put(node, (int) size);
    return (int) size;
  }

  private static int lineOf(Node node) {
    return node.getStartMark().map(Mark::getLine).orElse(0) + 1;
  }

  private static List<Node> children(Node node) {
    return switch (node) {
      case SequenceNode sequence -> sequence.getValue();
      case AnchorNode anchor -> List.of(anchor.getRealNode());
      case MappingNode mapping -> {
        List<Node> all = new ArrayList<>();
        for (NodeTuple tuple : mapping.getValue()) {
          all.add(tuple.getKeyNode());
          all.add(tuple.getValueNode());
        }
        yield all;
      }
      default -> List.of();
    };
  }

  private void notYaml(int line, String message) {
    broken.accept(
        Problem.error(
            ProblemCodes.NOT_YAML,
            new SourceLocation(source, line, 0),
            "",
            "this is not YAML: " + message));
  }

  private void tooLarge(int line, String message) {
    broken.accept(
        Problem.error(
            ProblemCodes.TOO_LARGE,
            new SourceLocation(source, line, 0),
            "",
            "this is beyond what is read: " + message));
  }
}
