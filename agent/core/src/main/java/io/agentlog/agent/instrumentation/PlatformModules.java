package io.agentlog.agent.instrumentation;

import java.lang.instrument.Instrumentation;
import java.lang.module.ModuleFinder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loads modules of the JDK that the sinks need. A JVM whose main class is in a named module
 * resolves only the modules that the application requires, although its image has more.
 */
public final class PlatformModules {
  private PlatformModules() {}

  /**
   * Loads the modules that the image has and this JVM has not resolved, as the JVM itself loads the
   * modules of agents: into a layer above the application's, so that the application does not read
   * them. Usually all are resolved already.
   *
   * @param names names of the needed modules
   * @return a message for each module that could not be loaded, to log if the module is missed
   */
  public static List<String> load(Instrumentation instrumentation, List<String> names) {
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      if (ModuleLayer.boot().findModule(name).isEmpty()
          && ModuleFinder.ofSystem().find(name).isPresent()) {
        try {
          load(instrumentation, name);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
          problems.add(
              "module %s could not be loaded (%s). Start Java with --add-modules %s"
                  .formatted(name, e, name));
        }
      }
    }
    return problems;
  }

  private static void load(Instrumentation instrumentation, String name)
      throws ReflectiveOperationException {
    Module own = PlatformModules.class.getModule();
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of("jdk.internal.module", Set.of(own)),
        Map.of(),
        Set.of(),
        Map.of());
    Class.forName("jdk.internal.module.Modules")
        .getMethod("loadModule", String.class)
        .invoke(null, name);
  }
}
