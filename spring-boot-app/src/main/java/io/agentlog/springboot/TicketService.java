package io.agentlog.springboot;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.AppInfoParser;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Answers some tickets with its own database, topic and drivers, prints the versions of its
 * libraries, and ends. Arguments: Spring's, {@code --kafka.servers} and {@code --kafka.topic}.
 */
@SpringBootApplication
public class TicketService {
  private static final int TICKETS = 20;
  private static final long ANSWER_SECONDS = 60;

  /** Starts the service. */
  public static void main(String[] arguments) throws Exception {
    try (ConfigurableApplicationContext context =
        SpringApplication.run(TicketService.class, arguments)) {
      run(context);
    }
  }

  private static void run(ConfigurableApplicationContext context) throws Exception {
    JdbcTemplate database = context.getBean(JdbcTemplate.class);
    database.execute("CREATE TABLE IF NOT EXISTS tickets (ticket text, answer text)");
    Tickets tickets = context.getBean(Tickets.class);
    System.out.println("proxy " + !tickets.getClass().equals(Tickets.class));
    String topic = context.getEnvironment().getRequiredProperty("kafka.topic");
    Map<String, Object> settings =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            context.getEnvironment().getRequiredProperty("kafka.servers"));
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < TICKETS; i++) {
        String answer = tickets.answer("question " + i, "T-" + i);
        producer
            .send(new ProducerRecord<>(topic, "T-" + i, answer))
            .get(ANSWER_SECONDS, TimeUnit.SECONDS);
      }
    }
    System.out.println(
        "stored " + database.queryForObject("SELECT count(*) FROM tickets", Integer.class));
    versions(context.getBean(DataSource.class));
  }

  private static void versions(DataSource pool) throws Exception {
    System.out.println("pool " + (pool instanceof HikariDataSource));
    try (Connection pooled = pool.getConnection();
        Connection direct =
            DriverManager.getConnection(
                pooled.getMetaData().getURL(),
                System.getProperty("spring.datasource.username"),
                System.getProperty("spring.datasource.password"))) {
      System.out.println("pgjdbc " + direct.getMetaData().getDriverVersion());
    }
    for (Driver driver : Collections.list(DriverManager.getDrivers())) {
      System.out.println("driver " + driver.getClass().getName());
    }
    System.out.println("kafka-clients " + AppInfoParser.getVersion());
    System.out.println("jackson " + com.fasterxml.jackson.core.json.PackageVersion.VERSION);
  }
}
