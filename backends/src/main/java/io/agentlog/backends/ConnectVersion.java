package io.agentlog.backends;

import java.io.File;
import java.util.Arrays;
import java.util.Locale;

/** The Kafka Connect that a worker runs; {@code connect/NAME/pom.xml} pins which that is. */
public enum ConnectVersion {
  OLDEST,
  NEWEST;

  private static final String RUNTIME = "connect-runtime-";

  /** The worker's own class path, separate from this JVM's. */
  String classPath() {
    return Installation.connectClassPath("connect-" + name().toLowerCase(Locale.ROOT));
  }

  /** The version as Apache Kafka has it, for example {@code 3.9.2}. */
  @Override
  public String toString() {
    return Arrays.stream(classPath().split(File.pathSeparator, -1))
        .map(path -> new File(path).getName())
        .filter(name -> name.startsWith(RUNTIME))
        .map(name -> name.substring(RUNTIME.length(), name.length() - ".jar".length()))
        .findFirst()
        .orElseGet(this::name);
  }
}
