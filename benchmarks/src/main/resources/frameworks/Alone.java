package app;

/** An application without a framework, and without an annotation. */
public final class Alone {
  private Alone() {}

  /** Takes {@code start}. */
  public static void main(String[] args) throws Exception {
    Loop.ready();
  }
}
