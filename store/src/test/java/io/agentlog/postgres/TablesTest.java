package io.agentlog.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TablesTest {
  private static final Map<String, String> SHORT_TYPES =
      Map.of("timestamp with time zone", "timestamptz");

  @Test
  void everyWrittenColumnIsMadeByAMigrationWithItsType() {
    String script =
        Migrations.SCRIPTS.stream().map(Migrations::script).collect(Collectors.joining());
    for (TableInsert<?> insert : List.of(Tables.EXECUTIONS, Tables.PROGRESS, Tables.DECISIONS)) {
      for (Column<?> column : insert.columns()) {
        String type = SHORT_TYPES.getOrDefault(column.type(), column.type());
        assertThat(script)
            .containsPattern("[( ]" + column.name() + " " + Pattern.quote(type) + "[ ,;)]");
      }
    }
  }

  @Test
  void mergeNamesEveryColumnButTheKey() {
    for (Column<?> column : Tables.EXECUTIONS.columns()) {
      if (!column.name().equals("execution_id")) {
        assertThat(Tables.MERGE).containsPattern("(?m)^  " + column.name() + " *=");
      }
    }
  }

  @Test
  void everyMarkInTheMergeIsReplaced() {
    assertThat(Tables.EXECUTIONS.sql()).doesNotContain("/*").contains(Tables.END_WINS);
  }
}
