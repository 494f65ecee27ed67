package io.agentlog.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Writes jars with any number of classes, copies of {@link Loaded00000} with names of their own.
 */
final class ManyClasses {
  private static final String PATTERN = "Loaded00000";

  private ManyClasses() {}

  /** Writes a jar with {@code count} classes, which {@link #name} names from 1 on. */
  static void write(Path jar, int count) throws IOException {
    byte[] pattern;
    String resource = Loaded00000.class.getName().replace('.', '/') + ".class";
    try (InputStream in = ManyClasses.class.getClassLoader().getResourceAsStream(resource)) {
      pattern = in.readAllBytes();
    }
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out)) {
      for (int n = 1; n <= count; n++) {
        entries.putNextEntry(new JarEntry(name(n).replace('.', '/') + ".class"));
        entries.write(named(pattern.clone(), n));
        entries.closeEntry();
      }
    }
  }

  /** The name of the n-th class, as {@code Class.forName} takes it. */
  static String name(int n) {
    return ManyClasses.class.getPackageName() + "." + simpleName(n);
  }

  private static String simpleName(int n) {
    return String.format(Locale.ROOT, "Loaded%05d", n);
  }

  /** Replaces the name in a class file. All names have the same length, so no offset changes. */
  private static byte[] named(byte[] classFile, int n) {
    byte[] from = PATTERN.getBytes(US_ASCII);
    byte[] to = simpleName(n).getBytes(US_ASCII);
    for (int i = 0; i + from.length <= classFile.length; i++) {
      int same = 0;
      while (same < from.length && classFile[i + same] == from[same]) {
        same++;
      }
      if (same == from.length) {
        System.arraycopy(to, 0, classFile, i, to.length);
      }
    }
    return classFile;
  }
}
