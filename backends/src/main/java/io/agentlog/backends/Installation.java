package io.agentlog.backends;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Paths that the build recorded: the broker's jars as Maven stored them, the jars of Kafka
 * Connect's workers, and the folder for servers' files.
 */
final class Installation {
  private static final String RESOURCE = "backends.properties";
  private static final String REMEDY = "run: mvn -q -DskipTests -pl backends -am package";

  private Installation() {}

  /** Directory for unpacked programs and the data of running servers, under the build's target. */
  static Path workDirectory() {
    try {
      return Files.createDirectories(Path.of(property("work.directory")));
    } catch (IOException e) {
      throw new BackendException(
          "can't create the backends' work directory " + property("work.directory"), e);
    }
  }

  /** The broker's own class path, separate from this JVM's. Every file in it exists. */
  static String kafkaClassPath() {
    String classPath = property("kafka.classpath");
    for (String jar : classPath.split(File.pathSeparator, -1)) {
      if (!Files.exists(Path.of(jar))) {
        throw new BackendException("the Kafka broker's " + jar + " is missing; " + REMEDY);
      }
    }
    return classPath;
  }

  /**
   * The own class path of a worker of Kafka Connect.
   *
   * @param name of the folder that the build has filled
   */
  static String connectClassPath(String name) {
    Path folder = Path.of(property("connect.directory"), name);
    try (Stream<Path> jars = Files.list(folder)) {
      return jars.map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator));
    } catch (IOException e) {
      throw new BackendException("Kafka Connect's " + folder + " is missing; " + REMEDY, e);
    }
  }

  private static String property(String key) {
    Properties properties = new Properties();
    try (InputStream in = Installation.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new BackendException("can't read " + RESOURCE + "; " + REMEDY, e);
    }
    String value = properties.getProperty(key);
    if (value == null) {
      throw new BackendException(RESOURCE + " has no " + key + "; " + REMEDY);
    }
    return value;
  }
}
