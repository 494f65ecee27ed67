package io.agentlog;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What each package uses, and what its {@code package-info.java} says that it uses.
 *
 * <p>The paragraph {@code Dependencies} of a {@code package-info.java} names our packages in {@code
 * code} by the end of their names, and libraries by {@link #LIBRARIES}. There is no second list.
 * The JDK and JSpecify's annotations are not named. Uses are those of the class files, and those of
 * the imports: the compiler copies constants, and drops what Javadoc alone links to.
 */
public final class PackageRules {
  /** Names of libraries in {@code package-info.java}, and the prefix of their packages. */
  private static final Map<String, String> LIBRARIES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("Byte Buddy", "net.bytebuddy."),
              Map.entry("Commons Statistics", "org.apache.commons.statistics."),
              Map.entry("HikariCP", "com.zaxxer.hikari."),
              Map.entry("Jackson", "com.fasterxml.jackson."),
              Map.entry("jte", "gg.jte."),
              Map.entry("kafka-clients", "org.apache.kafka."),
              Map.entry("pgjdbc", "org.postgresql."),
              Map.entry("picocli", "picocli."),
              Map.entry("RE2/J", "com.google.re2j."),
              Map.entry("SLF4J", "org.slf4j."),
              Map.entry("SnakeYAML Engine", "org.snakeyaml.engine.")));

  private static final String OURS = "io.agentlog.";
  private static final List<String> NOT_NAMED =
      List.of("java.", "javax.", "jdk.", "sun.", "com.sun.net.", "org.jspecify.");
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?([a-z][a-z0-9_.]*)\\.[A-Z]", Pattern.MULTILINE);
  private static final Pattern INFO =
      Pattern.compile(
          "/\\*\\*(?<doc>.*?)\\*/.*?^package (?<name>[a-z.0-9]+);",
          Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern PARAGRAPH =
      Pattern.compile("<b>Dependencies:</b>(?<text>.*?)(?=<p>|$)", Pattern.DOTALL);
  private static final Pattern CODE = Pattern.compile("\\{@code ([^}]+)}");

  /** Openings of Javadoc that name neither the thing documented nor what it does. */
  private static final Pattern VAGUE_OPENING =
      Pattern.compile("/\\*\\*\\s*(?:\\* )?(?:Of|By|With|Without|Said|What|Set) [^\\n]*");

  /** A number in the digits of the machine's locale; {@code %s} writes it in ASCII. */
  private static final Pattern LOCAL_DIGITS = Pattern.compile("%(?:\\d\\$)?[-,+0-9.]*[deg]\\b.*");

  private final JavaClasses classes;
  private final NavigableMap<String, String> docs = new TreeMap<>();
  private final NavigableMap<String, NavigableSet<String>> used = new TreeMap<>();
  private final List<String> vagueOpenings = new ArrayList<>();
  private final List<String> localDigits = new ArrayList<>();

  private PackageRules(JavaClasses classes) {
    this.classes = classes;
  }

  /**
   * Reads sources and class files.
   *
   * @param modules folders below the root of the project, such as {@code agent/core}; compiled
   */
  public static PackageRules of(String... modules) {
    // Names of packages are enough; the classes of libraries and of the JDK are not read.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    Path root = root();
    List<Path> compiled =
        Stream.of(modules).map(module -> root.resolve(module).resolve("target/classes")).toList();
    PackageRules rules = new PackageRules(new ClassFileImporter().importPaths(compiled));
    for (JavaClass type : rules.classes) {
      type.getDirectDependenciesFromSelf()
          .forEach(
              use ->
                  rules.use(
                      type.getPackageName(),
                      use.getTargetClass().getBaseComponentType().getPackageName()));
    }
    for (String module : modules) {
      rules.readSources(root.resolve(module).resolve("src/main/java"));
    }
    return rules;
  }

  /** The root of the project, wherever the test was started. */
  public static Path root() {
    Path folder = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("annotations"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** Compiled classes of these modules. */
  public JavaClasses classes() {
    return classes;
  }

  /** Names of these modules' packages. */
  public NavigableSet<String> packages() {
    return new TreeSet<>(docs.keySet());
  }

  /** What a package uses: full names of our packages, and names of libraries. */
  public NavigableSet<String> usedBy(String name) {
    return used.getOrDefault(name, new TreeSet<>());
  }

  /**
   * What a package's {@code package-info.java} names, in the same form as {@link #usedBy}.
   *
   * @throws AssertionError if there is no such paragraph, or if it names an unknown package
   */
  public NavigableSet<String> declaredBy(String name) {
    Matcher paragraph = PARAGRAPH.matcher(docs.get(name));
    if (!paragraph.find()) {
      throw new AssertionError(name + ": package-info.java has no paragraph <b>Dependencies:</b>");
    }
    String text = paragraph.group("text");
    NavigableSet<String> declared = new TreeSet<>();
    CODE.matcher(text).results().forEach(code -> declared.add(fullName(name, code.group(1))));
    LIBRARIES.keySet().stream().filter(text::contains).forEach(declared::add);
    return declared;
  }

  /** Javadoc that begins neither with the thing documented nor with what it does; with its file. */
  public List<String> vagueOpenings() {
    return vagueOpenings;
  }

  /** Formats that write numbers in the digits of the machine's locale; with their files. */
  public List<String> localDigits() {
    return localDigits;
  }

  /** First sentence of a package's {@code package-info.java}, without tags. */
  public String firstSentence(String name) {
    String sentence = docs.get(name).strip().split("(?<=\\.)\\s|<p>", 2)[0].strip();
    return CODE.matcher(sentence).replaceAll("`$1`").replaceAll("\\{@link [\\w.]*?(\\w+)}", "`$1`");
  }

  /**
   * The packages as a table for the documentation.
   *
   * @param names full names of packages, in the order of the rows
   */
  public String table(Collection<String> names) {
    return names.stream()
        .map(this::row)
        .collect(Collectors.joining("", "| package | holds | uses |\n| --- | --- | --- |\n", ""));
  }

  private String row(String name) {
    String uses =
        usedBy(name).stream()
            .map(used -> used.startsWith(OURS) ? "`" + shortName(used) + "`" : used)
            .collect(Collectors.joining(", "));
    return "| `%s` | %s | %s |\n"
        .formatted(
            name.substring(OURS.length()), firstSentence(name), uses.isEmpty() ? "the JDK" : uses);
  }

  /** The shortest end of a package's name by which {@code package-info.java} may name it. */
  public String shortName(String name) {
    String[] parts = name.split("\\.", -1);
    String end = parts[parts.length - 1];
    for (int i = parts.length - 2; i > 0 && known(end).count() > 1; i--) {
      end = parts[i] + "." + end;
    }
    return end;
  }

  private String fullName(String of, String end) {
    List<String> found = known(end).toList();
    if (found.size() != 1) {
      throw new AssertionError(
          of
              + ": package-info.java names {@code "
              + end
              + "}, which is "
              + (found.isEmpty() ? "no package" : "one of " + found));
    }
    return found.get(0);
  }

  /**
   * Packages with this end; of {@code sink} and {@code agent.sink.sink}, the one that is as short.
   */
  private Stream<String> known(String end) {
    TreeSet<String> all = new TreeSet<>(docs.keySet());
    used.values()
        .forEach(names -> names.stream().filter(n -> n.startsWith(OURS)).forEach(all::add));
    return all.stream().filter(name -> name.endsWith("." + end));
  }

  private void readSources(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String text = Files.readString(file);
        String name = folder.relativize(file.getParent()).toString().replace('/', '.');
        if (file.endsWith("package-info.java")) {
          Matcher info = INFO.matcher(text);
          if (!info.find()) {
            throw new AssertionError(file + " has no Javadoc");
          }
          docs.put(name, info.group("doc").replaceAll("\\s*\\n \\* ?", " "));
        }
        VAGUE_OPENING
            .matcher(text)
            .results()
            .forEach(found -> vagueOpenings.add(file.getFileName() + ": " + found.group()));
        LOCAL_DIGITS
            .matcher(text)
            .results()
            .forEach(found -> localDigits.add(file.getFileName() + ": " + found.group()));
        IMPORT.matcher(text).results().forEach(found -> use(name, found.group(1)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void use(String from, String to) {
    if (to.isEmpty() || to.equals(from) || NOT_NAMED.stream().anyMatch((to + ".")::startsWith)) {
      return;
    }
    String name =
        LIBRARIES.entrySet().stream()
            .filter(library -> (to + ".").startsWith(library.getValue()))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(to);
    used.computeIfAbsent(from, key -> new TreeSet<>()).add(name);
  }
}
