package io.agentlog.agent.capture.file;

/**
 * Codes by which woven code tells what the JDK does to a file. Constants, so that woven code holds
 * the numbers and never this class.
 */
public final class FileCalls {
  /** {@code FileInputStream} opens a name. */
  public static final int READ = 1;

  /** {@code FileOutputStream} opens a name; the mode is {@link #APPENDS} or 0. */
  public static final int WRITE = 2;

  /** {@code RandomAccessFile} opens a name; the mode is its own. */
  public static final int RANDOM = 3;

  /** A channel is opened for a path; second are its options. */
  public static final int CHANNEL = 4;

  /** The object is closed that a call has opened. */
  public static final int CLOSE = 5;

  /** A file is made without being opened. */
  public static final int CREATE = 6;

  public static final int DELETE = 7;

  /** A file is renamed; second is the target. */
  public static final int MOVE = 8;

  /** A file is copied; second is the target. */
  public static final int COPY = 9;

  /** Mode of {@link #WRITE}. */
  public static final int APPENDS = 1;

  private FileCalls() {}
}
