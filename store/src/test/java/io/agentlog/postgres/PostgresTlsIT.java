package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.backends.Certificate;
import io.agentlog.backends.Postgres;
import io.agentlog.event.ExecutionEvents;
import io.agentlog.sink.SinkUnavailableException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal (fault 49): TLS with a checked certificate works, and a faulty certificate is reported, and
 * replaced without a restart. Method: a real server, which asks for SCRAM, with certificates of
 * keytool.
 */
@Timeout(120)
class PostgresTlsIT {
  private static final String LOCAL = "ip:127.0.0.1";
  private static Postgres server;
  private static Certificate good;
  private static Certificate expired;
  private static Certificate another;

  @BeforeAll
  static void startServer(@TempDir Path folder) {
    good = Certificate.make(folder.resolve("good"), LOCAL, 0);
    expired = Certificate.make(folder.resolve("expired"), LOCAL, 10);
    another = Certificate.make(folder.resolve("another"), "dns:other.invalid", 0);
    server = Postgres.startProcess();
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @Test
  void certificateIsCheckedAndTheSessionIsEncrypted() throws Exception {
    serve(good);
    try (PostgresSink sink = new PostgresSink(config(good))) {
      sink.write(events(1).all());
      assertThat(
              SinkFixture.query(
                  server,
                  "SELECT string_agg(DISTINCT ssl::text, ' ') FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'agentlog'"))
          .isEqualTo("true");
    }
    assertThat(SinkFixture.query(server, "SHOW password_encryption")).isEqualTo("scram-sha-256");
  }

  @Test
  void certificateOfAnUnknownAuthorityIsRefused() {
    serve(another);
    assertRefused(good, "TLS with 127.0.0.1:" + server.port() + " failed", "sslrootcert");
  }

  @Test
  void certificateOfAnotherHostIsRefused() {
    serve(another);
    assertRefused(another, "127.0.0.1", "hostname");
  }

  @Test
  void certificateThatExpiredIsNamedAndTheSinkGoesOnOnceItIsRenewed() throws Exception {
    serve(expired);
    try (PostgresSink sink = new PostgresSink(config(expired))) {
      assertThatThrownBy(() -> sink.write(events(2).all()))
          .isInstanceOf(SinkUnavailableException.class)
          .hasMessageContaining("has expired: renew it");
    }
    serve(good);
    try (PostgresSink sink = new PostgresSink(config(good))) {
      sink.write(events(2).all());
    }
  }

  @Test
  void serverWithoutTlsIsNotWrittenToInTheClear() {
    server.execute("ALTER SYSTEM SET ssl = off");
    server.execute("SELECT pg_reload_conf()");
    assertRefused(good, "does not support SSL");
  }

  private static void serve(Certificate certificate) {
    server.serveTls(certificate.certificatePem(), certificate.keyPem());
  }

  private static void assertRefused(Certificate trusted, String... parts) {
    try (PostgresSink sink = new PostgresSink(config(trusted))) {
      assertThatThrownBy(() -> sink.write(events(3).all()))
          .isInstanceOf(SinkUnavailableException.class)
          .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }
  }

  private static TestConfig config(Certificate trusted) {
    return new TestConfig()
        .with("postgres.url", server.jdbcUrl())
        .with("postgres.user", server.user())
        .with("postgres.password", server.password())
        .with("postgres.client.sslmode", "verify-full")
        .with("postgres.client.sslrootcert", trusted.authorityFile().toString());
  }

  private static ExecutionEvents events(int n) {
    return SinkFixture.events(n);
  }
}
