package io.agentlog.it;

import java.io.IOException;

/** A service that nobody has called yet: it waits, and has loaded no annotated class. */
final class IdleApp {
  private IdleApp() {}

  public static void main(String[] arguments) throws IOException {
    System.out.println("ready");
    int end = System.in.read();
    System.out.println("ends " + end);
  }
}
