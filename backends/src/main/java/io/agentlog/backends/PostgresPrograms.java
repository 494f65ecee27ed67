package io.agentlog.backends;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Function;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from their Maven artifact. */
final class PostgresPrograms {
  private static final List<String> ARCHIVES =
      List.of(
          "/postgres-linux-x86_64.txz",
          "/postgres-linux-arm_64.txz",
          "/postgres-darwin-arm_64.txz",
          "/postgres-darwin-x86_64.txz");

  private PostgresPrograms() {}

  /**
   * Returns the directory with {@code bin/postgres}, below the parent. Unpacks once. Processes that
   * unpack at the same time do no harm: the first result is kept.
   */
  static Path unpackedIn(Path parent) {
    return unpacked(
        parent.resolve("postgres-programs"), PostgresPrograms.class::getResourceAsStream);
  }

  /** Returns the directory with the programs of the version in a jar. */
  static Path unpackedIn(Path parent, Path jar) {
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      return unpacked(
          parent.resolve("postgres-programs-of-" + jar.getFileName()),
          name -> loader.getResourceAsStream(name.substring(1)));
    } catch (IOException e) {
      throw new BackendException("can't read " + jar + ": " + e, e);
    }
  }

  private static Path unpacked(Path home, Function<String, @Nullable InputStream> resources) {
    Path parent = requireNonNull(home.getParent(), "below a directory");
    if (Files.isExecutable(home.resolve("bin/postgres"))) {
      return home;
    }
    try (InputStream archive = archive(resources)) {
      if (archive == null) {
        throw new BackendException(
            "the class path has no PostgreSQL programs for this platform; set POSTGRES_HOST");
      }
      Path fresh = Files.createTempDirectory(parent, "unpacking-");
      try {
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
        unpack(archive, fresh);
        move(fresh, home);
      } finally {
        Trees.remove(fresh);
      }
      return home;
    } catch (IOException e) {
      throw new BackendException("can't unpack PostgreSQL's programs into " + parent + ": " + e, e);
    }
  }

  private static void move(Path fresh, Path home) throws IOException {
    try {
      Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isExecutable(home.resolve("bin/postgres"))) {
        throw e;
      } // Otherwise another process was first.
    }
  }

  private static @Nullable InputStream archive(Function<String, @Nullable InputStream> resources) {
    for (String name : ARCHIVES) {
      InputStream in = resources.apply(name);
      if (in != null) {
        return in;
      }
    }
    return null;
  }

  private static void unpack(InputStream archive, Path target) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(archive));
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path path = target.resolve(entry.getName()).normalize();
      if (!path.startsWith(target)) {
        throw new IOException(entry.getName() + " points outside the target directory");
      }
      if (entry.isDirectory()) {
        Files.createDirectories(path);
      } else if (entry.isSymbolicLink()) {
        Files.createDirectories(parentOf(path));
        Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      } else {
        Files.createDirectories(parentOf(path));
        Files.copy(tar, path);
        boolean executable = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(
            path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  private static Path parentOf(Path path) throws IOException {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IOException(path + " has no parent");
    }
    return parent;
  }
}
