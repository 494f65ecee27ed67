package io.agentlog.agent.journal;

/** Points at which a simulated process or machine can stop: just before or within an operation. */
enum CrashPoint {
  /** After the claim of space, before the stamp. */
  STAMP,
  CLAIM_MARK,
  BODY,
  CRC,
  PUBLISH,
  /** Claim mark and stamp of the record that ends a segment are those above; this publishes it. */
  END_MARK,
  /** Publishes the void that takes the place of an append that failed. */
  VOID_MARK,
  HEADER,
  HEADER_COPY,
  ASSIGNMENT,
  ASSIGNMENT_CHECK,
  ZEROING,
  SEGMENT_FORCE,
  SEGMENT_RELEASE,
  /** Of the zeros of a new segment. */
  FILE_WRITE,
  FILE_FORCE,
  NAMES_FORCE,
  FILE_READ,
  FILE_OPEN,
  CREATE,
  RENAME,
  DELETE,
  NAMES,
  CURSOR_SLOT,
  CURSOR_BUSY,
  CURSOR_CALM,
  CURSOR_FORCE,
  /** Between two calls of the journal. */
  IDLE;

  static final int COUNT = values().length;
}
