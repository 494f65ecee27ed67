package io.agentlog.agent.capture.file;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Files whose operations are recorded: those below the project's folder, or those that {@code
 * files.include} names, without the excluded ones. Decides by the path alone, so that a file that
 * does not count costs no call of the file system. Immutable; thread-safe.
 */
public final class FileScope {
  /** Ends of the names that a JVM reads and writes for itself. */
  private static final List<String> EXCLUDED_ENDS = List.of(".class", ".jar", ".so", ".log");

  /** The kernel's files, some of which have no end. */
  private static final List<String> EXCLUDED_FOLDERS = List.of("/proc/", "/sys/", "/dev/");

  private final Path project;
  private final List<String> excludedFolders;
  private final List<PathMatcher> included;
  private final List<PathMatcher> excluded;

  private FileScope(
      Path project,
      List<String> excludedFolders,
      List<PathMatcher> included,
      List<PathMatcher> excluded) {
    this.project = project;
    this.excludedFolders = List.copyOf(excludedFolders);
    this.included = List.copyOf(included);
    this.excluded = List.copyOf(excluded);
  }

  /**
   * Reads the globs.
   *
   * @param projectPath of the JVM; null for the folder that it was started in
   * @param own folders of the agent
   * @param log takes one line for each glob that is not understood
   * @return null if a glob is not understood: then no file is recorded, rather than a wrong one
   */
  public static @Nullable FileScope of(
      Config config, @Nullable String projectPath, List<Path> own, Consumer<String> log) {
    List<String> folders = new ArrayList<>(EXCLUDED_FOLDERS);
    folders.add(folderText(Path.of(System.getProperty("java.home"))));
    own.forEach(folder -> folders.add(folderText(folder)));
    Path project = absolute(projectPath == null ? "" : projectPath);
    if (project == null) {
      log.accept(
          "project.path is no path that this system knows, so no file is recorded. See"
              + " docs/configuration.md");
      return null;
    }
    Globs globs = new Globs(project, log);
    List<PathMatcher> included =
        globs.read(Options.FILES_INCLUDE.key(), config.find(Options.FILES_INCLUDE));
    List<PathMatcher> excluded =
        globs.read(Options.FILES_EXCLUDE.key(), config.find(Options.FILES_EXCLUDE));
    return globs.areUsable ? new FileScope(project, folders, included, excluded) : null;
  }

  /** Returns the scope of all files below a folder but those of the kernel. */
  public static FileScope below(Path project) {
    return new FileScope(project, EXCLUDED_FOLDERS, List.of(), List.of());
  }

  /** The folder below which files count by default. */
  public Path project() {
    return project;
  }

  /** Returns the folder that an execution has named; null if it is no path here. */
  public @Nullable Path folder(String named) {
    return absolute(named);
  }

  /** Returns the absolute, normalized path of a name; null if it can't be one. */
  static @Nullable Path absolute(String name) {
    try {
      return Path.of(name).toAbsolutePath().normalize();
    } catch (InvalidPathException e) { // A character that the encoding of this locale lacks.
      return null;
    }
  }

  /** Returns the absolute, normalized path of a path; null if it is of another file system. */
  static @Nullable Path absolute(Path path) {
    return path.getFileSystem() == FileSystems.getDefault()
        ? path.toAbsolutePath().normalize()
        : null;
  }

  /**
   * Returns whether operations on a file are recorded.
   *
   * @param path absolute and normalized
   * @param ownProject the folder of the execution, if it has named one
   */
  boolean includes(Path path, @Nullable Path ownProject) {
    String text = path.toString();
    for (String end : EXCLUDED_ENDS) {
      if (text.endsWith(end)) {
        return false;
      }
    }
    for (String folder : excludedFolders) {
      if (text.startsWith(folder)) {
        return false;
      }
    }
    boolean isIncluded =
        included.isEmpty()
            ? path.startsWith(ownProject == null ? project : ownProject)
            : anyMatches(included, path);
    return isIncluded && !anyMatches(excluded, path);
  }

  private static boolean anyMatches(List<PathMatcher> matchers, Path path) {
    for (PathMatcher matcher : matchers) {
      if (matcher.matches(path)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Returns the name with a separator at the end, so that a folder whose name begins alike is
   * another.
   */
  private static String folderText(Path folder) {
    String text = folder.toAbsolutePath().normalize().toString();
    return text.endsWith("/") ? text : text + "/";
  }

  /** Globs of the configuration, as they are read. */
  private static final class Globs {
    private final FileSystem system = FileSystems.getDefault();
    private final Path project;
    private final Consumer<String> log;
    boolean areUsable = true;

    Globs(Path project, Consumer<String> log) {
      this.project = project;
      this.log = log;
    }

    List<PathMatcher> read(String key, @Nullable String value) {
      List<PathMatcher> matchers = new ArrayList<>();
      for (String glob : split(value == null ? "" : value)) {
        if (!glob.isBlank()) {
          try {
            matchers.add(system.getPathMatcher("glob:" + absoluteGlob(glob.strip())));
          } catch (IllegalArgumentException e) { // PatternSyntaxException is one.
            areUsable = false;
            log.accept(
                ("%s=%s: the glob '%s' is not understood, so no file is recorded. Globs are those"
                        + " of java.nio.file, such as src/**.java. See docs/configuration.md")
                    .formatted(key, value, glob.strip()));
          }
        }
      }
      return matchers;
    }

    /** Commas separate globs, but not inside braces. */
    private static List<String> split(String value) {
      List<String> globs = new ArrayList<>();
      int depth = 0;
      int begin = 0;
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (c == ',' && depth <= 0) {
          globs.add(value.substring(begin, i));
          begin = i + 1;
        }
      }
      globs.add(value.substring(begin));
      return globs;
    }

    /** A glob without a leading slash is one of the project's folder. */
    private String absoluteGlob(String glob) {
      return glob.startsWith("/") || glob.startsWith("*")
          ? glob
          : escaped(folderText(project)) + glob;
    }

    private static String escaped(String text) {
      return text.replaceAll("[\\\\*?\\[\\]{}]", "\\\\$0");
    }
  }
}
