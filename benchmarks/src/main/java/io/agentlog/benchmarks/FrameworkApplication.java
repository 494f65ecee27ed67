package io.agentlog.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * An application of a framework, which knows nothing of agentlog. Its source is compiled against
 * each version of the framework, whose class paths the build of the integration tests puts together
 * ({@code mvn -DskipTests package}).
 *
 * @param libraries name of the folder with the framework's class path; blank for none
 * @param source name of the source's class
 * @param events recorded for a call of it
 */
record FrameworkApplication(String libraries, String source, int events) {
  /** Names the folder of the class paths if it is not where the build puts it. */
  private static final String LIBRARIES_PROPERTY = "frameworks.libraries";

  private static final String LIBRARIES_DEFAULT = "integration-tests/target/libraries";
  private static final String RESOURCES = "/frameworks/";

  /** Start, two calls of the model and one of the tool with two events each, end. */
  private static final int EVENTS = 8;

  /** As above, but one call of the model, which asks twice itself. */
  private static final int EVENTS_OF_ONE_MODEL_CALL = 6;

  /** Loads no class of a framework, and records nothing. */
  static final FrameworkApplication ALONE = new FrameworkApplication("", "Alone", 0);

  /** Oldest and newest version of each framework. */
  static final List<FrameworkApplication> ALL =
      List.of(
          new FrameworkApplication("langchain4j-oldest", "LangChain4jCalls", EVENTS),
          new FrameworkApplication("langchain4j-newest", "LangChain4jCalls", EVENTS),
          new FrameworkApplication("spring-ai-oldest", "SpringAiCalls", EVENTS_OF_ONE_MODEL_CALL),
          new FrameworkApplication("spring-ai-newest", "SpringAiCalls", EVENTS));

  /** Returns those among {@link #ALL} whose libraries are named. */
  static List<FrameworkApplication> named(Set<String> libraries) {
    List<FrameworkApplication> found =
        ALL.stream().filter(each -> libraries.contains(each.libraries)).toList();
    if (found.size() != libraries.size()) {
      throw new IllegalArgumentException(
          libraries + ": expected some of " + ALL.stream().map(each -> each.libraries).toList());
    }
    return found;
  }

  /** What is shown of it. */
  String label() {
    return libraries.isEmpty() ? "no framework" : libraries;
  }

  /** Compiles it into the folder; returns the class path to run it with. */
  String compile(Path folder) throws IOException {
    String classPath = libraries.isEmpty() ? "" : classPath();
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-nowarn", "-parameters", "-proc:none", "-d", classes.toString()));
    if (!classPath.isEmpty()) {
      arguments.addAll(List.of("-cp", classPath));
    }
    for (String name : List.of("Loop.java", source + ".java")) {
      Path file = sources.resolve(name);
      try (InputStream in = FrameworkApplication.class.getResourceAsStream(RESOURCES + name)) {
        if (in == null) {
          throw new IllegalStateException(name + " is missing in " + RESOURCES);
        }
        Files.copy(in, file);
      }
      arguments.add(file.toString());
    }
    int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, strings(arguments));
    if (failed != 0) {
      throw new IllegalStateException(source + " was not compiled, see above");
    }
    return classes + (classPath.isEmpty() ? "" : File.pathSeparator + classPath);
  }

  private static String[] strings(List<String> all) {
    return all.toArray(String[]::new);
  }

  private String classPath() throws IOException {
    Path folder =
        Path.of(System.getProperty(LIBRARIES_PROPERTY, LIBRARIES_DEFAULT), libraries)
            .toAbsolutePath();
    if (!Files.isDirectory(folder)) {
      throw new IllegalStateException(
          folder + " is missing; run mvn package, or name its parent with -D" + LIBRARIES_PROPERTY);
    }
    try (Stream<Path> jars = Files.list(folder)) {
      return String.join(
          File.pathSeparator,
          jars.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().toList());
    }
  }

  /** Returns the command of a JVM like this one that runs it. */
  List<String> command(String classPath, List<String> jvmOptions, String argument) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", classPath, "app." + source, argument));
    return command;
  }
}
