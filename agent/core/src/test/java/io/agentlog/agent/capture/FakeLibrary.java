package io.agentlog.agent.capture;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A library that tests don't have on their class path, or an application: as much of it as the
 * agent knows by name, compiled from a few lines.
 */
public final class FakeLibrary {
  private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");
  private static final Pattern TYPE =
      Pattern.compile("public [\\w ]*?(?:class|interface|record|enum) (\\w+)");

  private FakeLibrary() {}

  /**
   * Compiles sources; each begins with its package and has one public type.
   *
   * @param directory gets the class files
   * @return knows those classes, and of all others the JDK's alone
   */
  public static ClassLoader load(Path directory, String... sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    List<String> options = List.of("-proc:none", "-nowarn", "-cp", "", "-d", directory.toString());
    List<JavaFileObject> files = Stream.of(sources).map(FakeLibrary::source).toList();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      if (!compiler.getTask(said, manager, null, options, null, files).call()) {
        throw new IllegalArgumentException(said.toString());
      }
    }
    return new URLClassLoader(
        new URL[] {directory.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
  }

  private static JavaFileObject source(String text) {
    String name = first(PACKAGE, text).replace('.', '/') + "/" + first(TYPE, text);
    URI uri = URI.create("string:///" + name + ".java");
    return new SimpleJavaFileObject(uri, JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreErrors) {
        return text;
      }
    };
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException(pattern + " is not in " + text);
    }
    return matcher.group(1);
  }
}
