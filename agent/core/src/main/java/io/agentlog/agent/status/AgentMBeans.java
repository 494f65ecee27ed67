package io.agentlog.agent.status;

import io.agentlog.log.AgentLog;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Registers the agent's bean once the JVM has an MBean server, and never before: the first use of
 * JMX fixes the application's log manager and MBean server for good and slows the start, and some
 * images have no {@code java.management}. A monitored JVM, from inside or by {@code jconsole}, has
 * a server.
 *
 * <p>Not thread-safe: used by the agent's thread once that runs.
 */
public final class AgentMBeans {
  /** The bean's name. */
  public static final String NAME = "io.agentlog:type=Agent";

  /** Loaded by the JVM with the first MBean server. */
  private static final String SERVER_CLASS = "com.sun.jmx.mbeanserver.JmxMBeanServer";

  private static final String SERVER_FILE = SERVER_CLASS.replace('.', '/');

  private volatile boolean serverSeen;
  private boolean done;

  /** Starts to watch for the class of an MBean server. */
  public void watch(Instrumentation instrumentation) {
    instrumentation.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte @Nullable [] transform(
              @Nullable ClassLoader loader,
              @Nullable String className,
              @Nullable Class<?> classBeingRedefined,
              @Nullable ProtectionDomain protectionDomain,
              byte[] file) {
            if (loader == null && SERVER_FILE.equals(className)) {
              serverSeen = true;
            }
            return null;
          }
        },
        // The same kind as the agent's transformer: a second kind would copy each class file again.
        instrumentation.isRetransformClassesSupported());
  }

  /** Looks for an MBean server that was made before the agent started. */
  public void lookAmongLoaded(Instrumentation instrumentation) {
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (loaded.getClassLoader() == null && loaded.getName().equals(SERVER_CLASS)) {
        serverSeen = true;
      }
    }
  }

  /** Registers the bean once there is a server. Tries only once. */
  public void registerIfServed(Supplier<AgentStatus> status) {
    if (done || !serverSeen) {
      return;
    }
    done = true;
    try {
      AgentBean.register(status);
    } catch (Exception | LinkageError e) {
      AgentLog.warn("jmx", "bean " + NAME + " can't be registered: " + AgentLog.describe(e));
    }
  }
}
