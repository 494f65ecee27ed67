package io.agentlog.agent.journal;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: {@link JournalSimulationTest} notices mistakes in the journal. Method: compile the journal
 * with one mistake in memory, load it with the simulation in a class loader of its own, and run
 * schedules until one fails. That schedule must not fail without the mistake. Each mistake takes
 * about a second, since the search for the rare ones starts near the seed that finds them.
 *
 * <pre>
 *  -Dagentlog.simulation.planted.seconds=300   time limit of each mistake
 *  -Dagentlog.simulation.planted.first=0       first seed of every search; the slowest takes 45 s
 * </pre>
 */
@Tag("long")
class PlantedBugsTest {
  private static final String PACKAGE = "io.agentlog.agent.journal.";

  /** Package of the follower in the simulation, which uses the journal's classes. */
  private static final String FOLLOWERS = "io.agentlog.agent.delivery.";

  private static final long FIRST = Long.getLong("agentlog.simulation.planted.first", -1);

  /** Schedules after which a search has lost its use for a build. */
  private static final long SEARCH_MAX = 2_000;

  private static final long SECONDS_MAX = Long.getLong("agentlog.simulation.planted.seconds", 300);

  static Stream<PlantedBug> bugs() {
    return PlantedBug.ALL.stream();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void plantedBugIsFoundByTheSimulation(PlantedBug bug) throws Exception {
    ClassLoader loader = new ChildFirst(compiled(bug));
    Method find =
        loader
            .loadClass(PACKAGE + "SimulationRun")
            .getDeclaredMethod("findIn", long.class, long.class, long.class);
    find.setAccessible(true);
    long startNanos = System.nanoTime();
    long first = FIRST < 0 ? bug.firstSeed() : FIRST;
    Object found = find.invoke(null, first, Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(SECONDS_MAX));
    System.out.printf(
        "%s: after %.1f s by seed %s%n", bug.name(), (System.nanoTime() - startNanos) / 1e9, found);
    assertThat(found).as("what the simulation found of: %s", bug.name()).isNotNull();
    long seed = (Long) ((Map.Entry<?, ?>) requireNonNull(found)).getKey();
    if (seed - first > SEARCH_MAX) {
      System.out.printf(
          "%s: the schedules are others than before; a first seed of %d saves the search%n",
          bug.name(), seed / 100 * 100);
    }
    new JournalSimulation(new long[CrashPoint.COUNT], false).run(seed); // Nothing without it.
  }

  /** Class files by name. */
  private static Map<String, byte[]> compiled(PlantedBug bug) throws Exception {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Map<String, ByteArrayOutputStream> classes = new HashMap<>();
    StringWriter said = new StringWriter();
    try (JavaFileManager files =
        new InMemory(compiler.getStandardFileManager(null, null, null), classes)) {
      String classPath =
          placeOf(Segment.class) + java.io.File.pathSeparator + placeOf(Nullable.class);
      boolean done =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of("-proc:none", "-nowarn", "-cp", classPath),
                  null,
                  List.of(new Source(bug.className(), bug.source())))
              .call();
      assertThat(done).as("%s compiles: %s", bug.name(), said).isTrue();
    }
    Map<String, byte[]> bytes = new HashMap<>();
    classes.forEach((name, file) -> bytes.put(name, file.toByteArray()));
    return bytes;
  }

  private static Path placeOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String className, String text) {
      super(URI.create("string:///" + className + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> classes;

    InMemory(JavaFileManager files, Map<String, ByteArrayOutputStream> classes) {
      super(files);
      this.classes = classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
        @Override
        public OutputStream openOutputStream() {
          return classes.computeIfAbsent(className, unused -> new ByteArrayOutputStream());
        }
      };
    }
  }

  /** Loads the journal with the mistake, and its simulation; the suite's loader loads the rest. */
  private static final class ChildFirst extends ClassLoader {
    private final Map<String, byte[]> changed;

    ChildFirst(Map<String, byte[]> changed) {
      super(PlantedBugsTest.class.getClassLoader());
      this.changed = changed;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded == null && (name.startsWith(PACKAGE) || name.startsWith(FOLLOWERS))) {
          byte[] bytes = changed.containsKey(name) ? changed.get(name) : bytesOf(name);
          loaded = defineClass(name, bytes, 0, bytes.length);
        }
        return loaded == null ? super.loadClass(name, resolve) : loaded;
      }
    }

    private byte[] bytesOf(String name) throws ClassNotFoundException {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = getParent().getResourceAsStream(file)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        return in.readAllBytes();
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}
