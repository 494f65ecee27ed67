package io.agentlog.connect;

/**
 * The reason for which a record is refused. Connect copies its text and stack into headers of the
 * dead letter queue, so it holds no value of the record, and has no cause whose text might.
 */
final class RefusedRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedRecordException(String reason) {
    super(reason, null, false, true);
  }
}
