package io.agentlog.log.jul;

/** Stands in for {@code java.util.logging.Level}. */
public final class Level {
  public static final Level SEVERE = new Level("SEVERE", true);
  public static final Level WARNING = new Level("WARNING", true);
  public static final Level INFO = new Level("INFO", true);
  public static final Level FINE = new Level("FINE", false);
  public static final Level FINER = new Level("FINER", false);
  public static final Level FINEST = new Level("FINEST", false);

  private final String name;
  private final boolean loggable;

  private Level(String name, boolean loggable) {
    this.name = name;
    this.loggable = loggable;
  }

  boolean isLoggable() {
    return loggable;
  }

  @Override
  public String toString() {
    return name;
  }
}
