package io.agentlog.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: a lambda rewritten as a class does the same. Method: run one lambda of each kind, original
 * and rewritten, in a JVM that verifies both.
 */
class LambdaClassesTest {
  private static final String KINDS = LambdaKinds.class.getName().replace('.', '/');

  /** Defines the given classes before it asks its parent. */
  private static final class OfBytes extends ClassLoader {
    private final SortedMap<String, byte[]> classes;

    OfBytes(SortedMap<String, byte[]> classes) {
      super(LambdaClassesTest.class.getClassLoader());
      this.classes = classes;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      byte[] file = classes.get(name.replace('.', '/'));
      Class<?> loaded = findLoadedClass(name);
      if (file == null || loaded != null) {
        return loaded == null ? super.loadClass(name, resolve) : loaded;
      }
      return defineClass(name, file, 0, file.length);
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void eachKindOfLambdaDoesTheSame() throws Exception {
    SortedMap<String, byte[]> classes = kinds();
    int before = classes.size();
    int added = LambdaClasses.add(classes);
    assertThat(classes).hasSize(before + added);
    assertThat(added).isGreaterThanOrEqualTo(30);

    Supplier<List<String>> rewritten =
        (Supplier<List<String>>)
            new OfBytes(classes)
                .loadClass(LambdaKinds.class.getName())
                .getDeclaredConstructor()
                .newInstance();
    assertThat(rewritten).isNotInstanceOf(LambdaKinds.class);
    assertThat(rewritten.get()).isEqualTo(new LambdaKinds().get());
  }

  @Test
  void serializableLambdaAloneIsLeft() throws Exception {
    SortedMap<String, byte[]> classes = kinds();
    LambdaClasses.add(classes);
    assertThat(classes)
        .allSatisfy(
            (name, file) -> {
              String text = new String(file, StandardCharsets.ISO_8859_1);
              assertThat(text.replace("altMetafactory", "")).doesNotContain("\u000bmetafactory");
            });
  }

  private static SortedMap<String, byte[]> kinds() throws IOException {
    SortedMap<String, byte[]> classes = new TreeMap<>();
    Path folder =
        Path.of(
            LambdaKinds.class.getProtectionDomain().getCodeSource().getLocation().getPath(),
            "io/agentlog/dist");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith("LambdaKinds")) {
          try (InputStream in = Files.newInputStream(file)) {
            classes.put(
                "io/agentlog/dist/" + name.substring(0, name.length() - 6), in.readAllBytes());
          }
        }
      }
    }
    assertThat(classes).containsKey(KINDS);
    return classes;
  }
}
