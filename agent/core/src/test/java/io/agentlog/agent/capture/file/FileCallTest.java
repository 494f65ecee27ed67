package io.agentlog.agent.capture.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.FileOperationType;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a call that fails because there is a file is called. */
class FileCallTest {
  @TempDir Path directory;

  @Test
  void newFileThatIsThereAlreadyWasNotEdited() throws IOException {
    Path there = Files.writeString(directory.resolve("a"), "one");
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);

    assertThat(failed(FileCalls.CHANNEL, there, options))
        .extracting(each -> each.type)
        .containsExactly(FileOperationType.CREATE);
  }

  @Test
  void copyOntoAFileThatIsThereAlreadyReadNothing() throws IOException {
    Path there = Files.writeString(directory.resolve("a"), "one");
    Path source = Files.writeString(directory.resolve("b"), "two");

    assertThat(failed(FileCalls.COPY, source, there))
        .extracting(each -> each.type + " " + each.path.getFileName())
        .containsExactly("WRITE a");
  }

  private List<FileOperation> failed(int call, Path file, @Nullable Object second) {
    FileScope scope = FileScope.below(directory);
    FileCall begun = FileCall.of(scope, null, false, call, 0, file, second, 1);
    assertThat(begun).isNotNull();
    List<FileOperation> operations =
        begun.end(true, new FileAlreadyExistsException(file.toString()), 2);
    assertThat(operations).allSatisfy(each -> assertThat(each.isSuccess).isFalse());
    return operations;
  }
}
