package io.agentlog.event;

/** Effect of an operation on a file. Never reuse a code, because codes are stored in journals. */
public enum FileOperationType {
  /** Wrote a file that did not exist. */
  CREATE(1, "create"),
  /** Replaced the content of a file. */
  WRITE(2, "write"),
  /** Changed a file: opened it for update or append, or replaced what the execution had read. */
  EDIT(3, "edit"),
  READ(4, "read"),
  DELETE(5, "delete");

  private final int code;
  private final String wireName;

  FileOperationType(int code, String wireName) {
    this.code = code;
    this.wireName = wireName;
  }

  /** The code in the journal. */
  public int code() {
    return code;
  }

  /** The name in JSON and in the table. */
  public String wireName() {
    return wireName;
  }
}
