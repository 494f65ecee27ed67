package io.agentlog.agent.status;

import io.agentlog.log.AgentLog;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Registers the agent's bean once the JVM has an MBean server, and never before: the first use of
 * JMX fixes the application's log manager and MBean server for good, costs a start-up what nobody
 * may have asked for, and some images have no {@code java.management}. A JVM that is looked at,
 * from inside or by {@code jconsole}, has one.
 *
 * <p>Not thread-safe: the agent's thread, once it has begun.
 */
public final class AgentMBeans {
  /** The bean's name. */
  public static final String NAME = "io.agentlog:type=Agent";

  /** Loaded with the first MBean server, whoever makes it. */
  private static final String SERVER_CLASS = "com.sun.jmx.mbeanserver.JmxMBeanServer";

  private static final String SERVER_FILE = SERVER_CLASS.replace('.', '/');

  private volatile boolean serverSeen;
  private boolean done;

  /** Begins to look for a server, until there is one. */
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
        // With the other one: of the other kind, it would have each class file copied once more.
        instrumentation.isRetransformClassesSupported());
  }

  /** Looks whether there was one before the agent came. */
  public void lookAmongLoaded(Instrumentation instrumentation) {
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (loaded.getClassLoader() == null && loaded.getName().equals(SERVER_CLASS)) {
        serverSeen = true;
      }
    }
  }

  /** Registers the bean if there is a server by now; does that once. */
  public void registerIfServed(Supplier<AgentStatus> status) {
    if (done || !serverSeen) {
      return;
    }
    done = true;
    try {
      AgentBean.register(status);
    } catch (Exception | LinkageError e) {
      AgentLog.warn("jmx", "no bean " + NAME + ": " + AgentLog.describe(e));
    }
  }
}
