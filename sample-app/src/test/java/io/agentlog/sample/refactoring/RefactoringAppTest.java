package io.agentlog.sample.refactoring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefactoringAppTest {
  @TempDir Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final RefactoringApp app =
      new RefactoringApp(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));

  @Test
  void nameIsChangedEverywhereAndFilesAreTidiedUp() throws Exception {
    Path folder = directory.resolve("work");
    assertThat(app.run(folder.toString(), "--think", "0")).isZero();

    assertThat(out.toString(UTF_8).lines())
        .containsExactly(
            "edited src/Invoice.java",
            "edited src/Totals.java",
            "created CHANGES.md",
            "edited README.md",
            "deleted notes/old-names.txt");
    assertThat(folder.resolve("src/Totals.java"))
        .content()
        .contains("total +=")
        .doesNotContain("totl");
    assertThat(folder.resolve("src/Invoice.java")).content().contains("totals.total()");
    assertThat(folder.resolve("src/Customer.java")).content().contains("record Customer");
    assertThat(folder.resolve("notes/old-names.txt")).doesNotExist();
    assertThat(folder.resolve("src/Totals.java.tmp")).doesNotExist();
  }

  @Test
  void secondRunFindsNothingToDo() throws Exception {
    Path folder = directory.resolve("work");
    app.run(folder.toString(), "--think", "0");
    String changes = Files.readString(folder.resolve("CHANGES.md"));
    out.reset();
    assertThat(app.run(folder.toString(), "--think", "0")).isZero();
    assertThat(out.toString(UTF_8)).isEmpty();
    assertThat(folder.resolve("CHANGES.md")).content().isEqualTo(changes);
  }

  @Test
  void wrongUsageIsExplained() {
    assertThat(app.run()).isEqualTo(2);
    assertThat(app.run("--nothing")).isEqualTo(2);
    assertThat(app.run("a", "--think", "long")).isEqualTo(2);
    assertThat(err.toString(UTF_8)).contains("no FOLDER is given", "can't use --nothing", "usage:");
  }

  @Test
  void folderThatIsThereIsNotMadeAgain() throws Exception {
    assertThat(app.run(directory.toString(), "--make-only")).isEqualTo(1);
    assertThat(err.toString(UTF_8)).contains("FileAlreadyExistsException");
  }
}
