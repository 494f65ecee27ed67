package io.agentlog.threads;

/** Makes the agent's threads, all with the same effect on the application. */
public final class AgentThreads {
  private AgentThreads() {}

  /**
   * Makes a daemon thread without starting it. The thread inherits no thread-locals, because those
   * are the application's, and its context class loader is the agent's own. An exception that ends
   * the thread reaches neither the application's default handler nor stderr, so the task must
   * report its exceptions.
   */
  public static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(AgentThreads.class.getClassLoader());
    thread.setUncaughtExceptionHandler(AgentThreads::ignore);
    return thread;
  }

  private static void ignore(Thread thread, Throwable thrown) {}
}
