package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The text of an insert and the arrays that go with it. */
class TableInsertTest {
  private static final TableInsert<Map<String, Object>> INSERT =
      new TableInsert<>(
          "things",
          List.of(
              column("id", "uuid"),
              column("size", "smallint"),
              column("place", "integer"),
              column("micros", "bigint"),
              column("score", "numeric(5,4)")),
          "ON CONFLICT (id) DO NOTHING");

  private final FakeDatabase database = new FakeDatabase();

  @Test
  void statementTakesOneArrayForEachColumnAndCastsItsValues() {
    assertThat(INSERT.sql())
        .isEqualTo(
            """
            INSERT INTO things AS t (id, size, place, micros, score)
            SELECT v.id::uuid, v.size::smallint, v.place::integer, v.micros::bigint, v.score::numeric(5,4)
            FROM unnest(?::text[], ?::int2[], ?::int4[], ?::int8[], ?::text[]) AS v(id, size, place, micros, score)
            ON CONFLICT (id) DO NOTHING\
            """);
  }

  @Test
  void statementWithoutMergeIsTheSameButForItsEnd() {
    assertThat(INSERT.withoutMerge().sql())
        .isEqualTo(INSERT.sql().replace("ON CONFLICT (id) DO NOTHING", ""))
        .doesNotContain("CONFLICT");
  }

  @Test
  void wholeNumbersAreSentInTheirTypeAndOtherValuesAsText() throws SQLException {
    database.on("INSERT INTO things", 2);
    List<Map<String, Object>> rows =
        List.of(
            Map.of("id", 1, "size", 2, "place", 3L, "micros", 4, "score", 0.5),
            Map.of("id", "b", "micros", 5L));

    assertThat(INSERT.execute(database.connection(), rows)).isEqualTo(2);
    assertThat(database.statements().get(0).parameters())
        .map(Object::toString)
        .containsExactly(
            "text[1, b]", "int2[2, null]", "int4[3, null]", "int8[4, 5]", "text[0.5, null]");
    assertThat(elements(1)).isEqualTo(new Short[] {2, null});
    assertThat(elements(2)).isEqualTo(new Integer[] {3, null});
    assertThat(elements(3)).isEqualTo(new Long[] {4L, 5L});
    assertThat(elements(4)).isEqualTo(new String[] {"0.5", null});
  }

  @Test
  void columnWithoutAValueInAnyRowIsAnEmptyArray() throws SQLException {
    INSERT.execute(database.connection(), List.of(Map.of("id", "a"), Map.of("id", "b")));

    assertThat(database.statements().get(0).parameters())
        .map(Object::toString)
        .isEqualTo(Arrays.asList("text[a, b]", "int2[]", "int4[]", "int8[]", "text[]"));
  }

  @Test
  void noRowsNeedNoStatement() throws SQLException {
    assertThat(INSERT.execute(database.connection(), List.of())).isZero();
    assertThat(database.log()).isEmpty();
  }

  @Test
  void arraysAreFreedWhetherTheStatementSucceedsOrNot() throws SQLException {
    database.on("INSERT INTO things", 1, FakeDatabase.refused("23502"));
    List<Map<String, Object>> rows = List.of(Map.of("id", "a"));
    INSERT.execute(database.connection(), rows);
    assertThat(database.arrayCount()).isZero();

    assertThatThrownBy(() -> INSERT.execute(database.connection(), rows))
        .isInstanceOf(SQLException.class);
    assertThat(database.arrayCount()).isZero();
  }

  @Test
  void factIsTheFirstValueThatIsNotNull() {
    Column<String> fact = Column.<String>maybe("kind", "text", row -> row).asFact();

    assertThat(fact.factMerge()).isEqualTo("kind = COALESCE(t.kind, EXCLUDED.kind)");
    assertThat(fact.isFact()).isTrue();
    assertThat(fact.alwaysSet()).isFalse();
    assertThat(fact.value().apply("x")).isEqualTo("x");
  }

  @Test
  void columnThatIsAlwaysSetStaysSoAsAFact() {
    Column<String> column = Column.always("id", "uuid", row -> row);

    assertThat(column.isFact()).isFalse();
    assertThat(column.alwaysSet()).isTrue();
    assertThat(column.asFact().alwaysSet()).isTrue();
    assertThat(column.asFact().type()).isEqualTo("uuid");
  }

  private Object elements(int parameter) throws SQLException {
    return ((java.sql.Array) database.statements().get(0).parameters().get(parameter)).getArray();
  }

  private static Column<Map<String, Object>> column(String name, String type) {
    return Column.maybe(name, type, row -> row.get(name));
  }
}
