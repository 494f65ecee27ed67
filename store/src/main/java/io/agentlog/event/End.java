package io.agentlog.event;

import org.jspecify.annotations.Nullable;

/**
 * The way in which the end of an execution is known. If an execution has several ends, the smallest
 * bit wins, and the earlier end if the bits are equal. A provisional end depends on its kind and
 * its times alone, so that two observers write the same end.
 */
public enum End {
  /** The method ended. */
  COMPLETED(4, null, null),
  /** The JVM shut down while the method ran. */
  SHUT_DOWN(8, "JvmShutdown", "the JVM shut down before the execution ended"),
  /** The journal of a dead JVM holds no end. */
  ABANDONED(16, "ExecutionAbandoned", "the JVM died before the execution ended"),
  /**
   * The instance's lease was not renewed. Only the sweep writes this end, in SQL; it is never an
   * event.
   */
  SWEPT(32, "ExecutionAbandoned", "instance gone: its lease was not renewed");

  private final int bit;
  private final @Nullable String errorType;
  private final @Nullable String errorMessage;

  End(int bit, @Nullable String errorType, @Nullable String errorMessage) {
    this.bit = bit;
    this.errorType = errorType;
    this.errorMessage = errorMessage;
  }

  /** The bit in the column {@code seen}. */
  public int bit() {
    return bit;
  }

  /** True for every end but the real one. */
  public boolean isProvisional() {
    return this != COMPLETED;
  }

  /** The constant error type of a provisional end; null for a real one. */
  public @Nullable String errorType() {
    return errorType;
  }

  /** The constant message of a provisional end; null for a real one. */
  public @Nullable String errorMessage() {
    return errorMessage;
  }
}
