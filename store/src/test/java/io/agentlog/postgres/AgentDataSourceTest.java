package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

class AgentDataSourceTest {
  private final AgentDataSource source =
      new AgentDataSource(PostgresTarget.of(new TestConfig().with("postgres.host", "db")));

  @Test
  void refusedLogInIsRepeatedWithoutAskingTheServerAgain() throws Exception {
    try (RefusingServer server = new RefusingServer("28P01")) {
      AgentDataSource refused = new AgentDataSource(PostgresTarget.of(server.config()));
      SQLException first = thrownBy(refused);
      SQLException second = thrownBy(refused);

      assertThat(server.logInCount()).isEqualTo(1);
      assertThat(first.getSQLState()).isEqualTo("28P01");
      assertThat(second.getCause()).isSameAs(first);
      assertThat(second.getMessage()).isEqualTo(first.getMessage());
      assertThat(second.getSQLState()).isEqualTo("28P01");
    }
  }

  @Test
  void serverThatIsStartingIsAskedAgain() throws Exception {
    try (RefusingServer server = new RefusingServer("57P03")) {
      AgentDataSource refused = new AgentDataSource(PostgresTarget.of(server.config()));
      thrownBy(refused);
      SQLException second = thrownBy(refused);

      assertThat(server.logInCount()).isEqualTo(2);
      assertThat(second.getSQLState()).isEqualTo("57P03");
    }
  }

  @Test
  void userAndPasswordOfACallerAreIgnored() throws Exception {
    try (RefusingServer server = new RefusingServer("28000")) {
      AgentDataSource refused = new AgentDataSource(PostgresTarget.of(server.config()));

      assertThatThrownBy(() -> refused.getConnection("other", "secret"))
          .isInstanceOf(SQLException.class)
          .hasMessageNotContainingAny("other", "secret");
    }
  }

  @Test
  void sourceWrapsNothingButItself() throws SQLException {
    assertThat(source.isWrapperFor(DataSource.class)).isTrue();
    assertThat(source.isWrapperFor(Connection.class)).isFalse();
    assertThat(source.unwrap(AgentDataSource.class)).isSameAs(source);
    assertThatThrownBy(() -> source.unwrap(Connection.class))
        .isInstanceOf(SQLException.class)
        .hasMessage("this data source wraps no other");
  }

  @Test
  void loggingIsTheApplications() {
    source.setLogWriter(null);
    assertThat(source.getLogWriter()).isNull();
    assertThatThrownBy(source::getParentLogger).isInstanceOf(SQLFeatureNotSupportedException.class);
  }

  @Test
  void closingPoolWaitsOneSecondWhateverTheTimeoutIsSetTo() {
    source.setLoginTimeout(99);

    assertThat(source.getLoginTimeout()).isEqualTo(1);
  }

  private static SQLException thrownBy(AgentDataSource source) {
    return catchThrowableOfType(SQLException.class, source::getConnection);
  }
}
