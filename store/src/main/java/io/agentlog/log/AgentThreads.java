package io.agentlog.log;

/** Makes the agent's threads, which are alike in all that the application could notice. */
public final class AgentThreads {
  private AgentThreads() {}

  /**
   * Makes a daemon thread and does not start it. It takes no inheritable thread-locals, since those
   * are the application's, and its context class loader is the agent's own. An exception that ends
   * it reaches neither the application's default handler nor stderr: the task reports its own.
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
