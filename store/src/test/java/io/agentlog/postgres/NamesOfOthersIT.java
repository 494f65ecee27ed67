package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.log.Finding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whoever may create in a schema of the search path gains nothing when agentlog works there,
 * and a schema's name may hold anything. Method: operators for all pairs of the types that
 * statements use and functions of all the names, where {@code pg_catalog} has none of that very
 * form, so that each would be taken before the right one; each raises an error that names it.
 */
@Timeout(120)
class NamesOfOthersIT extends SinkFixture {
  private static final String TYPES =
      "{text,varchar,name,smallint,integer,bigint,numeric,oid,uuid,jsonb,timestamptz,interval}";

  private static final String OPERATORS =
      """
      DO $do$
      DECLARE l text; r text; o text;
      BEGIN
        FOREACH l IN ARRAY 'TYPES'::text[] LOOP
          FOREACH r IN ARRAY 'TYPES'::text[] LOOP
            EXECUTE pg_catalog.format($f$CREATE FUNCTION public.bool_of(%1$s, %2$s) RETURNS boolean LANGUAGE plpgsql
              AS 'BEGIN RAISE EXCEPTION ''ran an operator of %1$s and %2$s''; END'$f$, l, r);
            EXECUTE pg_catalog.format($f$CREATE FUNCTION public.left_of(%1$s, %2$s) RETURNS %1$s LANGUAGE plpgsql
              AS 'BEGIN RAISE EXCEPTION ''ran an operator of %1$s and %2$s''; END'$f$, l, r);
            FOREACH o IN ARRAY '{=,<>,<,>,<=,>=,~,!~}'::text[] LOOP
              BEGIN
                EXECUTE pg_catalog.format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.bool_of)', o, l, r);
              EXCEPTION WHEN OTHERS THEN NULL;
              END;
            END LOOP;
            FOREACH o IN ARRAY '{&,|,||,->,->>,+,-,*,/}'::text[] LOOP
              EXECUTE pg_catalog.format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.left_of)', o, l, r);
            END LOOP;
          END LOOP;
          FOREACH o IN ARRAY '{now,format,floor,max,count,to_regclass,quote_ident,current_schema,jsonb_build_object,concat_ws,round,avg,make_interval,set_config,array_to_string,string_to_array,pg_try_advisory_lock,pg_advisory_xact_lock,has_table_privilege,date_trunc}'::text[] LOOP
            EXECUTE pg_catalog.format($f$CREATE FUNCTION public.%1$s(%2$s) RETURNS text LANGUAGE plpgsql
              AS 'BEGIN RAISE EXCEPTION ''ran %1$s of %2$s''; END'$f$, o, l);
            FOREACH r IN ARRAY ARRAY[l || ',' || l, 'text,' || l, 'text,text,' || l] LOOP
              BEGIN
                EXECUTE pg_catalog.format($f$CREATE FUNCTION public.%1$s(%2$s) RETURNS text LANGUAGE plpgsql
                  AS 'BEGIN RAISE EXCEPTION ''ran %1$s of %2$s''; END'$f$, o, r);
              EXCEPTION WHEN duplicate_function THEN NULL;
              END;
            END LOOP;
          END LOOP;
        END LOOP;
      END $do$\
      """
          .replace("TYPES", TYPES);

  /** The row of the execution, without the times of the database's clock, by fixed settings. */
  private static final String ROW =
      """
      SELECT (to_jsonb(t) - 'created_at' - 'updated_at' - 'started_at' - 'completed_at')::text
             || extract(epoch FROM started_at)::numeric || ' ' || extract(epoch FROM completed_at)::numeric FROM agent_execution_logs t\
      """;

  @ParameterizedTest
  @ValueSource(strings = {"public", "public, pg_catalog"})
  void operatorsAndFunctionsOfOthersAreNeverRun(String path) throws Exception {
    database.execute(OPERATORS);
    database.execute("ALTER DATABASE %s SET search_path = %s".formatted(database.database(), path));
    UUID instance = new UUID(1, 2);
    long[] now = {0};
    TestConfig config = config().with("retention", "90d");
    new TableSetup(config).run(true);
    PostgresSink sink = add(new PostgresSink(config, instance, "shop", () -> now[0]));
    sink.write(events(1).all());
    sink.write(events(1).all()); // Merged.
    assertThat(new DatabaseCheck(config).run()).noneMatch(f -> f.level() == Finding.Level.WRONG);
    for (int minute = 0; minute < 10; minute++) {
      now[0] += 60_000_000_000L;
      sink.maintain();
    }
    makeViewsRead();
    sink.close();

    assertThat(query("SELECT count(*) FROM agent_execution_logs")).isEqualTo("1");
  }

  @Test
  void settingsOfTheDatabaseChangeNothingThatIsStored() throws Exception {
    for (String setting :
        List.of(
            "standard_conforming_strings = off",
            "backslash_quote = off",
            "default_transaction_isolation = serializable",
            "DateStyle = 'SQL, DMY'",
            "IntervalStyle = 'sql_standard'",
            "TimeZone = 'Asia/Kathmandu'",
            "client_encoding = 'LATIN1'",
            "array_nulls = off",
            "transform_null_equals = on",
            "quote_all_identifiers = on",
            "extra_float_digits = -15",
            "session_replication_role = replica",
            "lock_timeout = '50ms'")) {
      database.execute("ALTER DATABASE " + database.database() + " SET " + setting);
    }
    sink(config()).write(events(1).all());
    String here = query(ROW);
    try (Postgres plain = Backends.postgres().newDatabase()) {
      sink(new TestConfig()
              .with("postgres.url", plain.jdbcUrl())
              .with("postgres.user", plain.user())
              .with("postgres.password", plain.password()))
          .write(events(1).all());
      assertThat(here).isEqualTo(query(plain, ROW)).contains("2");
    }
  }

  @Test
  void tableInASchemaThatNeedsQuotesAndIsNotTheFirstIsLifted() throws Exception {
    database.execute(
        """
        CREATE SCHEMA first; CREATE SCHEMA "Agent ""Logs, it's";
        CREATE TABLE "Agent ""Logs, it's".agent_execution_logs (execution_id uuid PRIMARY KEY, agent_name text);
        CREATE VIEW first.agent_routing_decisions AS SELECT 1\
        """);
    database.execute(
        "ALTER DATABASE "
            + database.database()
            + " SET search_path = first, \"Agent \"\"Logs, it's\"");
    sink(config()).write(events(1).all());
    new TableSetup(config()).run(false);

    assertThat(query("SELECT to_regclass('first.agent_execution_logs')")).isNull();
    assertThat(query("SELECT count(*) FROM \"Agent \"\"Logs, it's\".agent_execution_logs"))
        .isEqualTo("1");
    assertThat(query("SELECT count(*) FROM \"Agent \"\"Logs, it's\".agent_routing_decisions"))
        .isEqualTo("2");
  }

  private void makeViewsRead() throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      List<String> views = new ArrayList<>();
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT viewname FROM pg_catalog.pg_views WHERE schemaname OPERATOR(pg_catalog.=)"
                  + " 'public'::name")) {
        while (rows.next()) {
          views.add(rows.getString(1));
        }
      }
      assertThat(views).hasSize(18);
      for (String view : views) {
        statement.executeQuery("SELECT * FROM " + view).close();
      }
    }
  }
}
