package io.agentlog.agent;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Goal: {@code docs/faults.md} has a row for each fault that a test names, and the tests that a row
 * names are there and name its fault. Method: the rows of the page against the comments and methods
 * of all test sources in the repository, wherever they lie.
 */
class FaultsPageTest {
  private static final String PAGE = "docs/faults.md";
  private static final String SOURCES = "src/test/";

  private static final List<String> HEADINGS =
      List.of("| # | Fault and what you see | Held by |", "| --- | --- | --- |");

  private static final Pattern ROW =
      Pattern.compile("\\| (?<number>\\d+) \\| (?<fault>[^|]+) \\| (?<heldBy>[^|]+) \\|");

  /** In backticks and with a capital: a class of tests, with a method or without one by mistake. */
  private static final Pattern NAME = Pattern.compile("`(?<name>[A-Z][\\w.]*)`");

  private static final Pattern REASON = Pattern.compile("(?:^|[.:] )No test .+\\.$");

  /** Strings and characters come first, since they may hold what looks like a comment. */
  private static final Pattern TOKEN =
      Pattern.compile(
          "\"\"\"(?s:.*?)\"\"\""
              + "|\"(?:[^\"\\\\\n]|\\\\.)*\""
              + "|'(?:[^'\\\\\n]|\\\\[^\n][^'\n]*)'"
              + "|(?<comment>//.*(?:\n[ \t]*//.*)*|/\\*(?s:.*?)\\*/)");

  private static final String RANGE = "\\d+(?: to \\d+)?";

  /** One number, or several: {@code Faults 1 to 8, 26 and 27}. */
  private static final Pattern FAULTS =
      Pattern.compile("\\b[Ff]aults? (?<list>%1$s(?:(?:, and|,| and) %1$s)*)".formatted(RANGE));

  private static final Pattern NUMBERS = Pattern.compile("(?<from>\\d+)(?: to (?<to>\\d+))?");

  private static final Path ROOT = root();
  private static final List<Row> ROWS = new ArrayList<>();
  private static final List<Source> TESTS = new ArrayList<>();

  @BeforeAll
  static void read() throws IOException {
    ROWS.clear();
    TESTS.clear();
    for (String line : Files.readAllLines(ROOT.resolve(PAGE))) {
      if (line.startsWith("|") && !HEADINGS.contains(line)) {
        ROWS.add(Row.of(line));
      }
    }
    Files.walkFileTree(ROOT, new TestSources());
  }

  @Test
  void rowsAreNumberedFromOneWithoutAGap() {
    assertThat(ROWS).isNotEmpty();
    assertThat(ROWS.stream().map(Row::number))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, ROWS.size()).boxed().toList());
  }

  @Test
  void everyFaultThatATestNamesHasARow() {
    Set<Integer> rows = new TreeSet<>(ROWS.stream().map(Row::number).toList());
    Set<Integer> named = new TreeSet<>();
    List<String> missing = new ArrayList<>();
    for (Source test : TESTS) {
      for (int fault : test.faults()) {
        named.add(fault);
        if (!rows.contains(fault)) {
          missing.add(fault + ": " + test.path());
        }
      }
    }
    assertThat(named).as("faults that tests name").hasSizeGreaterThan(10);
    assertThat(missing).as("faults without a row in %s", PAGE).isEmpty();
  }

  @Test
  void everyRowNamesATestOrSaysWhyNoneCanHoldIt() {
    assertThat(ROWS.stream().flatMap(row -> row.tests().stream())).hasSizeGreaterThan(10);
    assertThat(ROWS.stream().filter(row -> row.tests().isEmpty()))
        .extracting(Row::heldBy)
        .allMatch(heldBy -> REASON.matcher(heldBy).find(), "begins a sentence with: No test");
  }

  @Test
  void everyTestThatARowNamesIsThere() {
    List<String> missing = new ArrayList<>();
    for (Row row : ROWS) {
      for (String test : row.tests()) {
        if (TESTS.stream().noneMatch(source -> source.declares(test))) {
          missing.add(row.number() + ": " + test);
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void oneOfTheTestsOfEachRowNamesItsFaultInAComment() {
    List<String> silent = new ArrayList<>();
    for (Row row : ROWS) {
      boolean isNamed =
          TESTS.stream()
              .filter(source -> source.faults().contains(row.number()))
              .anyMatch(source -> row.tests().stream().anyMatch(source::declares));
      if (!row.tests().isEmpty() && !isNamed) {
        silent.add(row.number() + ": " + row.tests());
      }
    }
    assertThat(silent).as("no file of these has a comment with the number").isEmpty();
  }

  /** The nearest folder above the module that has the page. */
  private static Path root() {
    Path folder = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve(PAGE))) {
      folder = folder.getParent();
    }
    return requireNonNull(folder, PAGE + " is in no folder above");
  }

  /**
   * A row of the page.
   *
   * @param tests each {@code Class.method}
   */
  private record Row(int number, String heldBy, List<String> tests) {
    static Row of(String line) {
      Matcher row = ROW.matcher(line);
      assertThat(row.matches()).as("a row of the page: %s", line).isTrue();
      String heldBy = row.group("heldBy");
      List<String> tests =
          NAME.matcher(heldBy).results().map(name -> name.group(1)).distinct().toList();
      assertThat(tests)
          .as("tests named in %s", line)
          .allSatisfy(test -> assertThat(test).matches("[A-Z]\\w*\\.[a-z]\\w*"));
      return new Row(Integer.parseInt(row.group("number")), heldBy, tests);
    }
  }

  /**
   * A file of tests.
   *
   * @param faults named in its comments
   */
  private record Source(String path, String text, Set<Integer> faults) {
    static Source of(Path file) throws IOException {
      String text = Files.readString(file);
      Set<Integer> faults = new TreeSet<>();
      Matcher token = TOKEN.matcher(text);
      while (token.find()) {
        String comment = token.group("comment");
        if (comment != null) {
          addFaults(comment, faults);
        }
      }
      return new Source(ROOT.relativize(file).toString(), text, faults);
    }

    /** A list may go on in the next line, behind what begins each line of a comment. */
    private static void addFaults(String comment, Set<Integer> faults) {
      String words = comment.replaceAll("\n\\s*(?://|\\*(?!/))?", " ").replaceAll("\\s+", " ");
      Matcher lists = FAULTS.matcher(words);
      while (lists.find()) {
        Matcher numbers = NUMBERS.matcher(lists.group("list"));
        while (numbers.find()) {
          int from = Integer.parseInt(numbers.group("from"));
          int to = numbers.group("to") == null ? from : Integer.parseInt(numbers.group("to"));
          assertThat(from).as(words).isLessThanOrEqualTo(to);
          IntStream.rangeClosed(from, to).forEach(faults::add);
        }
      }
    }

    /** True if it is the file of this {@code Class.method} and has a test of that name. */
    boolean declares(String test) {
      int dot = test.indexOf('.');
      return ("/" + path).endsWith("/" + test.substring(0, dot) + ".java")
          && Pattern.compile("\\bvoid " + test.substring(dot + 1) + "\\(").matcher(text).find();
    }
  }

  /** Reads the test sources of all modules, save this one. */
  private static final class TestSources extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      String name = String.valueOf(folder.getFileName());
      boolean isBuilt = name.equals("target") || name.startsWith(".");
      return isBuilt && !folder.equals(ROOT)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      String path = ROOT.relativize(file).toString();
      String own = FaultsPageTest.class.getSimpleName() + ".java";
      if (("/" + path).contains("/" + SOURCES) && path.endsWith(".java") && !path.endsWith(own)) {
        TESTS.add(Source.of(file));
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
