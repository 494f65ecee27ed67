package io.agentlog.agent.capture.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.event.FileOperationType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the operations of one execution mean together. */
class ExecutionFilesTest {
  private final ExecutionFiles files = new ExecutionFiles(null);
  private final List<FileOperation> due = new ArrayList<>();
  private long now = 1_000;

  @Test
  void sameContentReadAgainIsOneOperation() {
    FileOperation first = read("a", 1);
    assertThat(files.add(first, due)).isTrue();
    assertThat(files.add(read("a", 1), due)).isFalse();
    assertThat(files.add(read("a", 2), due)).isTrue();

    assertThat(files.tellCount(first)).isEqualTo(2);
    assertThat(due).hasSize(2);
    assertThat(files.end()).isEmpty();
  }

  @Test
  void readThatIsRepeatedAfterItsEventIsToldAgain() {
    FileOperation first = read("a", 1);
    files.add(first, due);
    assertThat(files.tellCount(first)).isEqualTo(1);
    files.add(read("a", 1), due);

    assertThat(files.repeated()).containsExactly(first);
    assertThat(files.tellCount(first)).isEqualTo(2);
  }

  @Test
  void whatIsReadAndThenReplacedIsEdited() {
    files.add(read("a", 1), due);
    FileOperation write = operation(FileOperationType.WRITE, "a", 2);
    FileOperation unread = operation(FileOperationType.WRITE, "b", 3);
    files.add(write, due);
    files.add(unread, due);

    assertThat(write.type).isEqualTo(FileOperationType.EDIT);
    assertThat(unread.type).isEqualTo(FileOperationType.WRITE);
  }

  @Test
  void fileThatIsMadeAndRenamedOverAnotherIsAnEditOfTheOther() {
    files.add(operation(FileOperationType.CREATE, "tmp", 1), due);
    files.add(read("tmp", 1), due);
    FileOperation into = operation(FileOperationType.WRITE, "a", 1);
    move(into, "tmp");

    assertThat(due).containsExactly(into);
    assertThat(files.end()).isEmpty();
    assertThat(into.type).isEqualTo(FileOperationType.EDIT);
  }

  @Test
  void fileThatWasThereBeforeIsMoved() {
    files.add(operation(FileOperationType.EDIT, "old", 1), due);
    FileOperation into = operation(FileOperationType.CREATE, "a", 1);
    move(into, "old");

    assertThat(into.type).isEqualTo(FileOperationType.CREATE);
    assertThat(due)
        .extracting(each -> each.type)
        .containsExactly(FileOperationType.EDIT, FileOperationType.DELETE);
    assertThat(files.end()).containsExactly(into);
  }

  @Test
  void renameThatComesTooLateLeavesWhatWasRecorded() {
    files.add(operation(FileOperationType.CREATE, "tmp", 1), due);
    assertThat(files.release(now + ExecutionFiles.HOLD_NANOS - 1)).isEmpty();
    assertThat(files.release(now + ExecutionFiles.HOLD_NANOS)).hasSize(1);
    FileOperation into = operation(FileOperationType.WRITE, "a", 1);
    move(into, "tmp");

    assertThat(into.type).isEqualTo(FileOperationType.WRITE);
    assertThat(due)
        .extracting(each -> each.type)
        .containsExactly(FileOperationType.WRITE, FileOperationType.DELETE);
  }

  @Test
  void moreThanTheLimitAreCounted() {
    for (int i = 0; i < ExecutionFiles.OPERATIONS_MAX + 7; i++) {
      files.add(operation(FileOperationType.CREATE, "f" + i, i), due);
    }

    assertThat(files.omitted()).isEqualTo(7);
    assertThat(due.size() + files.end().size()).isEqualTo(ExecutionFiles.OPERATIONS_MAX);
    assertThat(due).hasSize(ExecutionFiles.OPERATIONS_MAX - ExecutionFiles.HELD_MAX);
  }

  @Test
  void droppedOperationTakesItsHashesWithIt() {
    FileOperation temporary = operation(FileOperationType.CREATE, "tmp", 1);
    files.add(temporary, due);
    move(operation(FileOperationType.WRITE, "a", 1), "tmp");

    assertThat(temporary.hashed(new FileOperation.Hashes(1, null, "ab", Map.of()))).isNull();
    assertThat(temporary.recordedAs("origin")).isNull();
  }

  @Test
  void hashesThatComeBeforeTheirEventWaitForIt() {
    FileOperation write = operation(FileOperationType.WRITE, "a", 1);
    FileOperation.Hashes hashes = new FileOperation.Hashes(1, null, "ab", Map.of());

    assertThat(write.hashed(hashes)).isNull();
    assertThat(write.recordedAs("origin")).isSameAs(hashes);
    assertThat(write.hashed(hashes)).isEqualTo("origin");
  }

  private void move(FileOperation into, String source) {
    FileOperation from =
        new FileOperation(
            FileOperationType.DELETE, Path.of("/p", source), null, Map.of(), now, now);
    files.move(into, from, due, new ArrayList<>());
  }

  private FileOperation read(String name, long modified) {
    return operation(FileOperationType.READ, name, modified);
  }

  private FileOperation operation(FileOperationType type, String name, long modified) {
    FileState state = new FileState(10, modified, "key", true);
    return new FileOperation(type, Path.of("/p", name), state, Map.of(), now, now);
  }
}
