package io.agentlog.agent.capture.file;

import io.agentlog.config.Config;
import io.agentlog.config.Options;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
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

  private final ProjectFolder project;
  private final List<String> excludedFolders;
  private final List<PathMatcher> included;
  private final List<PathMatcher> excluded;

  private FileScope(
      ProjectFolder project,
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
    return globs.areUsable
        ? new FileScope(ProjectFolder.of(project), folders, included, excluded)
        : null;
  }

  /** Returns the scope of all files below a folder but those of the kernel. */
  public static FileScope below(Path project) {
    return new FileScope(ProjectFolder.of(project), EXCLUDED_FOLDERS, List.of(), List.of());
  }

  /** The folder below which files count by default. */
  public ProjectFolder project() {
    return project;
  }

  /** Returns the folder that an execution has named; null if it is no path here. */
  public @Nullable ProjectFolder folder(String named) {
    Path folder = absolute(named);
    return folder == null ? null : ProjectFolder.of(folder);
  }

  /** Returns the absolute, normalized path of a name; null if it can't be one. */
  static @Nullable Path absolute(String name) {
    try {
      return normalized(Path.of(name).toAbsolutePath());
    } catch (InvalidPathException e) { // A character that the encoding of this locale lacks.
      return null;
    }
  }

  /** Returns the absolute, normalized path of a path; null if it is of another file system. */
  static @Nullable Path absolute(Path path) {
    return path.getFileSystem() == FileSystems.getDefault()
        ? normalized(path.toAbsolutePath())
        : null;
  }

  /**
   * Takes {@code .} and {@code ..} out of an absolute path. The folder above a link is that above
   * what it leads to, so the file system is asked where the two may differ.
   */
  private static Path normalized(Path absolute) {
    if (!absolute.toString().contains("..")) {
      return absolute.normalize();
    }
    Path result = absolute.getRoot();
    for (Path name : absolute) {
      if (!name.toString().equals("..")) {
        result = result.resolve(name).normalize(); // A single point is no name.
      } else if (result.getParent() != null) {
        Path parent = real(result).getParent();
        result = parent == null ? result.getRoot() : parent;
      }
    }
    return result;
  }

  /** Returns what a link leads to; any other path as it is. */
  private static Path real(Path path) {
    try {
      return Files.isSymbolicLink(path) ? path.toRealPath() : path;
    } catch (IOException | RuntimeException e) { // It leads nowhere, or a security manager.
      return path;
    }
  }

  /**
   * Returns whether operations on a file are recorded.
   *
   * @param path absolute and normalized
   * @param ownProject the folder of the execution, if it has named one
   */
  boolean includes(Path path, @Nullable ProjectFolder ownProject) {
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
            ? (ownProject == null ? project : ownProject).contains(path)
            : anyMatches(included, path);
    return isIncluded && !anyMatches(excluded, path);
  }

  private boolean anyMatches(List<PathMatcher> matchers, Path path) {
    Path given = matchers.isEmpty() ? path : project.asGiven(path);
    for (PathMatcher matcher : matchers) {
      if (matcher.matches(path) || (given != path && matcher.matches(given))) {
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
            String absolute = absoluteGlob(glob.strip());
            matchers.add(system.getPathMatcher("glob:" + absolute));
            matchers.add(system.getPathMatcher("glob:" + absolute + "/**")); // If it is a folder.
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

    /**
     * Makes a glob that an absolute path can match: one that begins with an asterisk is of any
     * folder, one without a leading slash is of the project's.
     */
    private String absoluteGlob(String given) {
      String glob = given.length() > 1 && given.endsWith("/") ? withoutEnd(given) : given;
      if (glob.startsWith("/") || glob.startsWith("**")) {
        return glob;
      }
      if (glob.startsWith("*")) {
        return "**/" + glob;
      }
      Path folder = project;
      while (glob.startsWith("./") || glob.startsWith("../")) {
        if (glob.startsWith("../") && folder.getParent() != null) {
          folder = folder.getParent();
        }
        glob = glob.substring(glob.indexOf('/') + 1);
      }
      return escaped(folderText(folder)) + glob;
    }

    private static String withoutEnd(String glob) {
      return glob.substring(0, glob.length() - 1);
    }

    private static String escaped(String text) {
      return text.replaceAll("[\\\\*?\\[\\]{}]", "\\\\$0");
    }
  }
}
