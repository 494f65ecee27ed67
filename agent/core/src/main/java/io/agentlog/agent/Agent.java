package io.agentlog.agent;

import io.agentlog.agent.instrumentation.BridgeInstallation;
import io.agentlog.agent.instrumentation.rules.Rules;
import io.agentlog.agent.instrumentation.rules.RulesFile;
import io.agentlog.agent.metrics.Counters;
import io.agentlog.config.ConfigLoader;
import io.agentlog.config.LoadedConfig;
import io.agentlog.config.Options;
import io.agentlog.log.AgentLog;
import java.lang.instrument.Instrumentation;
import org.jspecify.annotations.Nullable;

/**
 * Starts the agent inside its own class loader. Never refers to the bridge class, because {@link
 * #start} installs that class.
 */
public final class Agent {
  private Agent() {}

  /**
   * Starts the agent; called by the entry class, by reflection, on the thread that will run the
   * application's main method. Does little; the agent's own thread does the slow work.
   *
   * @param arguments the text after {@code -javaagent:agentlog.jar=}, or null
   * @param attachedLate true if the application was running already
   * @throws Exception if the agent can't run in this JVM; the application is unchanged then
   */
  public static void start(
      @Nullable String arguments, Instrumentation instrumentation, boolean attachedLate)
      throws Exception {
    LoadedConfig config = ConfigLoader.load(arguments, System.getProperties(), System.getenv());
    AgentLog.setLevel(config.get(Options.LOG_LEVEL));
    if (!config.get(Options.ENABLED)) {
      return;
    }
    Counters counters = new Counters();
    Preparation preparation = new Preparation(config, instrumentation, counters);
    preparation.beginIfAnnotationsAreThere();
    boolean records = false;
    try {
      records = start(config, instrumentation, attachedLate, preparation, counters);
    } finally {
      if (!records) {
        preparation.cancel();
      }
    }
  }

  /** Returns false if another agentlog is in this JVM. */
  private static boolean start(
      LoadedConfig config,
      Instrumentation instrumentation,
      boolean attachedLate,
      Preparation preparation,
      Counters counters)
      throws Exception {
    BridgeInstallation.Outcome bridge = BridgeInstallation.install(instrumentation);
    if (bridge == BridgeInstallation.Outcome.ALREADY_PRESENT) {
      return false;
    }
    preparation.bridgeIsDefined(bridge.name());
    config.problems().forEach(problem -> AgentLog.warn("config", problem));
    Rules rules = RulesFile.read(config, line -> AgentLog.warn("rules", line));
    AgentRuntime runtime = new AgentRuntime(config, rules, instrumentation, preparation, counters);
    runtime.start();
    int count =
        runtime.weaveLoaded(
            !attachedLate); // Another agent's premain may have loaded a marked class.
    if (attachedLate) {
      AgentLog.info(
          "agent",
          "attached to a running JVM: " + count + " loaded classes are recorded from now on");
    }
    return true;
  }
}
