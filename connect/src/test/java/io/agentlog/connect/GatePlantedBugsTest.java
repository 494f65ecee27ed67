package io.agentlog.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: {@link GateSimulationTest} notices mistakes. Method: compile the gate or its task with one
 * mistake in memory, and run histories until one fails, which must not fail without the mistake.
 */
class GatePlantedBugsTest {
  private static final long HISTORIES_MAX = Long.getLong("agentlog.gate.planted", 20_000);
  private static final Path MAIN = Path.of("src/main/java/io/agentlog/connect");
  private static final Path TEST = Path.of("src/test/java/io/agentlog/connect");
  private static final String PACKAGE = "io.agentlog.connect.";

  /**
   * One mistake, as a change of a source.
   *
   * @param text occurs exactly once in the class
   * @param firstSeed of the search, little before the seed that finds it
   */
  record Bug(String name, String className, String text, String replacement, long firstSeed) {
    Bug(String name, String className, String text, String replacement) {
      this(name, className, text, replacement, 0);
    }
  }

  static Stream<Bug> bugs() {
    return Stream.of(
        new Bug(
            "silence by the last heartbeat of all, whatever was not read between",
            "Gate",
            "Math.max(heartbeatMillis, run.sinceMillis())",
            "heartbeatMillis"),
        new Bug("a gap in time is silence", "HeartbeatRun", "timeMillis - lastMillis <=", "0 <="),
        new Bug(
            "a gap in the offsets is silence",
            "HeartbeatRun",
            "offset == nextOffset",
            "nextOffset >= 0",
            5_540),
        new Bug(
            "no gate", "Gate", "p.hasPassed(heard + tailMillis)", "p.hasPassed(Long.MIN_VALUE)"),
        new Bug(
            "gate without the JVM's last seconds",
            "Gate",
            "p.hasPassed(heard + tailMillis)",
            "p.hasPassed(heard)",
            630),
        new Bug(
            "gate by the heartbeat before what was not read",
            "Gate",
            "p.hasPassed(heard + tailMillis)",
            "p.hasPassed(heartbeatMillis + tailMillis)",
            4_870),
        new Bug(
            "no gate for a JVM that says that it ended",
            "Gate",
            "p.isIdleSince(endOffset)",
            "p.recordMillis() > 0"),
        new Bug(
            "idle until now, not until the watch began",
            "IdleWatch",
            "idle.put(partition, sign.known());",
            "idle.put(partition, java.util.Objects.requireNonNull(last));",
            2_020),
        new Bug(
            "idle after one poll",
            "IdleWatch",
            "countedNanos - signs.getFirst().countedNanos() >= nanos",
            "true",
            100),
        new Bug(
            "a fetch is never lost",
            "IdleWatch",
            "GIVEN_UP_NANOS = 35_000_000_000L",
            "GIVEN_UP_NANOS = 0",
            100),
        new Bug(
            "idle although it has records",
            "IdleWatch",
            "quietSince.replace(partition, nextNumber)",
            "quietSince.get(partition)"),
        new Bug(
            "idle although nobody was heard meanwhile",
            "IdleWatch",
            "known == null || known.equals(before)",
            "known == null"),
        new Bug("shorter than a JVM may be silent", "Gate", "> silenceMillis", "> 30_000", 4_360),
        new Bug(
            "by the JVM's clock",
            "GateTask",
            "instance.heartbeatMillis = entry.appendMillis()",
            "instance.heartbeatMillis = entry.jvmMillis()"),
        new Bug("gone for ever", "GateTask", ": -1;\n    instance.isGone = false;", ": -1;"),
        new Bug(
            "partitions that nobody has read yet don't count",
            "GateTask",
            "rows.progress.putIfAbsent(i, PartitionProgress.UNREAD);",
            "",
            2_940),
        new Bug(
            "a judge's run goes on, whatever it missed",
            "GateTask",
            ".read(entry.offset(), entry.appendMillis());",
            ".read(run == null ? -1 : run.nextOffset(), entry.appendMillis());"),
        new Bug(
            "a new judge goes on with the run of the one before",
            "GateTask",
            "run = HeartbeatRun.NONE;",
            "run = new HeartbeatRun(rows.nextOffset, rows.lastMillis - 1_000_000, rows.lastMillis);",
            320),
        new Bug(
            "a judge that has just taken over judges",
            "JudgeSeat",
            "nowNanos - takenNanos >= SETTLE_NANOS",
            "true",
            340),
        new Bug(
            "a fleet judges another's JVMs",
            "GateTask",
            "if (!instance.fleet.equals(fleet)) {\n        continue;",
            "if (fleet.isEmpty()) {\n        continue;"),
        new Bug("an event is no sign of life", "SignsOfLife", "read > known", "read < 0"),
        new Bug(
            "signs of life are lost with the task",
            "GateTask",
            "} else {\n        renew();",
            "} else {",
            7_960),
        new Bug(
            "signs of life are forgotten while heartbeats are unread",
            "GateTask",
            "Math.max(instance.renewedMillis, instance.notedMillis)",
            "instance.renewedMillis",
            4_760),
        new Bug(
            "offsets of a former topic count",
            "GateTask",
            "entry.offset() < nextOffset",
            "entry.offset() < 0",
            1_160),
        new Bug(
            "silence counts from heartbeats that are read late",
            "GateTask",
            "Math.max(lastMillis, rows.newestMillis())",
            "lastMillis",
            17_200),
        new Bug(
            "an event brings nobody back",
            "GateTask",
            "instance.isGone || instance.renewedMillis < since",
            "!instance.isGone && instance.renewedMillis < since",
            300),
        new Bug(
            "an event brings back who said that it ended",
            "GateTask",
            "instance.endOffset < 0 && isSilent",
            "isSilent"),
        new Bug(
            "an event from before its silence brings a JVM back",
            "GateTask",
            "instance.isGone ? instance.leaseMillis : instance.renewedMillis",
            "instance.renewedMillis"),
        new Bug(
            "that a JVM said that it ended is forgotten with the topic",
            "GateTask",
            ".filter(i -> !i.isGone)",
            "",
            3_070),
        new Bug(
            "offsets are committed although signs of life can't be noted",
            "GateTask",
            "!isFailing || !signs.hasNews()",
            "isOpen",
            5_120),
        new Bug(
            "partitions that are added don't count",
            "GateTask",
            "i < entry.partitionCount()",
            "i < (rows.progress.isEmpty() ? entry.partitionCount() : 0)",
            2_940),
        new Bug("the silent are never found", "Gate", "> silenceMillis", "< 0"),
        new Bug(
            "those that ended are never found",
            "Gate",
            "p.isIdleSince(endOffset)",
            "endOffset < 0"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void plantedBugIsFound(Bug bug) throws Exception {
    Method run = simulation(compiled(bug));
    long seed = bug.firstSeed();
    String found = null;
    while (found == null && seed < bug.firstSeed() + HISTORIES_MAX) {
      found = failure(run, seed);
      seed++;
    }
    System.out.printf("%s: found by seed %s%n", bug.name(), seed - 1);
    assertThat(found).as("what the simulation found of: %s", bug.name()).isNotNull();
    GateSimulation.run(seed - 1);
  }

  private static @org.jspecify.annotations.Nullable String failure(Method run, long seed)
      throws IllegalAccessException {
    try {
      run.invoke(null, seed);
      return null;
    } catch (InvocationTargetException e) {
      return String.valueOf(e.getCause());
    }
  }

  private static Method simulation(Map<String, byte[]> classes) throws Exception {
    ClassLoader loader = new ChildFirst(classes);
    Method run = loader.loadClass(PACKAGE + "GateSimulation").getDeclaredMethod("run", long.class);
    run.setAccessible(true);
    return run;
  }

  private static Map<String, byte[]> compiled(Bug bug) throws IOException {
    Path main = MAIN.resolve(bug.className() + ".java");
    String source =
        Files.readString(Files.exists(main) ? main : TEST.resolve(bug.className() + ".java"));
    assertThat(source.split(java.util.regex.Pattern.quote(bug.text()), -1))
        .as("%s in %s", bug.text(), bug.className())
        .hasSize(2);
    String changed = source.replace(bug.text(), bug.replacement());
    JavaFileObject unit =
        new SimpleJavaFileObject(
            URI.create("string:///io/agentlog/connect/" + bug.className() + ".java"),
            JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return changed;
          }
        };
    Map<String, ByteArrayOutputStream> out = new HashMap<>();
    var compiler = ToolProvider.getSystemJavaCompiler();
    JavaFileManager files =
        new ForwardingJavaFileManager<>(compiler.getStandardFileManager(null, null, UTF_8)) {
          @Override
          public JavaFileObject getJavaFileForOutput(
              Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("mem:///" + name + ".class"), kind) {
              @Override
              public OutputStream openOutputStream() {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                out.put(name, bytes);
                return bytes;
              }
            };
          }
        };
    List<String> options = List.of("-proc:none", "-nowarn");
    assertThat(compiler.getTask(null, files, null, options, null, List.of(unit)).call())
        .as("compiles: %s", bug.name())
        .isTrue();
    Map<String, byte[]> classes = new HashMap<>();
    out.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
    return classes;
  }

  /** Loads the package anew, so that the classes of one mistake know each other alone. */
  private static final class ChildFirst extends ClassLoader {
    private final Map<String, byte[]> changed;

    ChildFirst(Map<String, byte[]> changed) {
      super(GatePlantedBugsTest.class.getClassLoader());
      this.changed = changed;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded == null && name.startsWith(PACKAGE)) {
          byte[] bytes = changed.getOrDefault(name, bytesOf(name));
          loaded = defineClass(name, bytes, 0, bytes.length);
        }
        return loaded == null ? super.loadClass(name, resolve) : loaded;
      }
    }

    private byte[] bytesOf(String name) throws ClassNotFoundException {
      try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
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
