package io.agentlog.dist;

import java.io.File;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.file.Files;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;

/**
 * Uses the libraries of the agent's jar through the agent's loader, after the jar is gone from the
 * disk. Argument: a copy of the agent's jar, which is also on the class path.
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
    System.out.println("done");
  }

  private static void connectToNobody(ClassLoader loader) throws Exception {
    Driver driver =
        (Driver)
            Class.forName("org.postgresql.Driver", true, loader).getConstructor().newInstance();
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
    try (InputStream in = loader.getResourceAsStream("net/bytebuddy/ByteBuddy.class")) {
      System.out.printf("class file %02x%02x%n", in.read(), in.read());
    }
    URL services = loader.getResource("META-INF/services/java.sql.Driver");
    try (InputStream in = services.openStream()) {
      System.out.println("services " + new String(in.readAllBytes()).strip());
    }
    System.out.println(
        "foreign services "
            + Collections.list(loader.getResources("META-INF/services/no.such.Service")).size());
    for (Driver driver : ServiceLoader.load(Driver.class, loader)) {
      System.out.println("provider " + driver.getClass().getName());
    }
    Class<?> agent = Class.forName("io.agentlog.agent.ops.AgentLog", true, loader);
    System.out.println("version " + agent.getPackage().getImplementationVersion());
    System.out.println(
        "code source "
            + agent.getProtectionDomain().getCodeSource().getLocation().getPath().endsWith(".jar"));
  }
}
