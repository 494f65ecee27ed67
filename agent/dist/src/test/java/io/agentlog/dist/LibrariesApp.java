package io.agentlog.dist;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.logging.Logger;

/**
 * Uses the libraries of the agent's jar through the agent's loader, after the jar was deleted.
 * Arguments: a copy of the agent's jar, which is also on the class path, and a file for a list of
 * drivers.
 */
final class LibrariesApp {
  private LibrariesApp() {}

  public static void main(String[] arguments) throws Exception {
    File jar = new File(arguments[0]);
    Method open =
        Class.forName("io.agentlog.agent.bootstrap.AgentClassLoader")
            .getDeclaredMethod("open", File.class);
    open.setAccessible(true);
    ClassLoader loader = (ClassLoader) open.invoke(null, jar);
    Files.delete(jar.toPath());

    connectToNobody(loader);
    produceForNobody(loader);
    readResources(loader);
    loadPackedClasses(loader);
    discoverDrivers(new File(arguments[1]));
    System.out.println("done");
  }

  /** A class of a pack has no entry of its own, so it must be found where the loader looks. */
  private static void loadPackedClasses(ClassLoader loader) throws IOException {
    for (String pack : List.of("start", "recording", "weaving")) {
      int missing = 0;
      try (InputStream in = loader.getResourceAsStream(pack + ".classes")) {
        List<String> names = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        for (String name : names) {
          try {
            Class.forName(name.replace('/', '.'), false, loader);
          } catch (ClassNotFoundException e) {
            missing++;
          } catch (LinkageError e) {
            // Found; it extends the bridge, which nobody has defined here.
          }
        }
        System.out.println(pack + " " + !names.isEmpty() + " " + missing);
      }
    }
  }

  private static void connectToNobody(ClassLoader loader) throws Exception {
    Driver driver =
        Class.forName("org.postgresql.Driver", true, loader)
            .asSubclass(Driver.class)
            .getConstructor()
            .newInstance();
    Properties properties = new Properties();
    properties.setProperty("user", "nobody");
    properties.setProperty("logServerErrorDetail", "true");
    try {
      driver.connect("jdbc:postgresql://127.0.0.1:1/none", properties).close();
    } catch (SQLException e) {
      System.out.println("postgres " + e.getSQLState());
    }
    try {
      System.out.println("parent logger " + driver.getParentLogger());
    } catch (AbstractMethodError e) {
      System.out.println("no parent logger");
    }
    Class.forName("com.zaxxer.hikari.HikariDataSource", true, loader)
        .getConstructor()
        .newInstance();
  }

  private static void produceForNobody(ClassLoader loader) throws Exception {
    Thread.currentThread().setContextClassLoader(loader);
    Class<?> serializer =
        Class.forName("org.apache.kafka.common.serialization.ByteArraySerializer", true, loader);
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers", "127.0.0.1:1",
            "metric.reporters", "",
            "enable.metrics.push", "false",
            "key.serializer", serializer,
            "value.serializer", serializer);
    Object producer =
        Class.forName("org.apache.kafka.clients.producer.KafkaProducer", true, loader)
            .getConstructor(Map.class)
            .newInstance(settings);
    ((AutoCloseable) producer).close();
    System.out.println("kafka closed");
  }

  private static void readResources(ClassLoader loader) throws Exception {
    try (InputStream in = loader.getResourceAsStream("net/bytebuddy/jar/asm/ClassReader.class")) {
      System.out.printf("class file %02x%02x%n", in.read(), in.read());
    }
    URL services = loader.getResource("META-INF/services/java.sql.Driver");
    try (InputStream in = services.openStream()) {
      System.out.println(
          "services " + new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
    System.out.println(
        "foreign services "
            + Collections.list(loader.getResources("META-INF/services/no.such.Service")).size());
    for (Driver driver : ServiceLoader.load(Driver.class, loader)) {
      System.out.println("provider " + driver.getClass().getName());
    }
    Class<?> agent = Class.forName("io.agentlog.log.AgentLog", true, loader);
    System.out.println("version " + agent.getPackage().getImplementationVersion());
    System.out.println(
        "code source "
            + agent.getProtectionDomain().getCodeSource().getLocation().getPath().endsWith(".jar"));
  }

  /**
   * Discovers drivers as the application. This happens once in a JVM, with the context class loader
   * of the first caller, which must not be the agent. (Each {@code SQLException} loads the class
   * {@code DriverManager} itself.)
   */
  private static void discoverDrivers(File services) throws Exception {
    Files.writeString(services.toPath(), ApplicationDriver.class.getName());
    ClassLoader application =
        new ClassLoader(LibrariesApp.class.getClassLoader()) {
          @Override
          protected Enumeration<URL> findResources(String name) throws IOException {
            return name.equals("META-INF/services/java.sql.Driver")
                ? Collections.enumeration(List.of(services.toURI().toURL()))
                : Collections.emptyEnumeration();
          }
        };
    Thread.currentThread().setContextClassLoader(application);
    DriverManager.drivers()
        .forEach(
            driver -> System.out.println("application's drivers " + driver.getClass().getName()));
  }

  /** A driver that registers itself, as all drivers do. */
  public static final class ApplicationDriver implements Driver {
    static {
      try {
        DriverManager.registerDriver(new ApplicationDriver());
      } catch (SQLException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    @Override
    public Connection connect(String url, Properties properties) {
      return null;
    }

    @Override
    public boolean acceptsURL(String url) {
      return false;
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 1;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
      throw new SQLFeatureNotSupportedException();
    }
  }
}
