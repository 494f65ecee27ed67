package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.value.PackageOpener;
import java.lang.instrument.Instrumentation;
import java.util.Map;
import java.util.Set;

/** Opens a package of a named module to the agent's own module when a value path needs it. */
public final class ModuleOpening implements PackageOpener {
  private final Instrumentation instrumentation;

  public ModuleOpening(Instrumentation instrumentation) {
    this.instrumentation = instrumentation;
  }

  @Override
  public void open(Class<?> memberOwner) {
    Module owner = memberOwner.getModule();
    Module own = ModuleOpening.class.getModule();
    String packageName = memberOwner.getPackageName();
    if (owner.isNamed() && !owner.isOpen(packageName, own)) {
      instrumentation.redefineModule(
          owner, Set.of(), Map.of(), Map.of(packageName, Set.of(own)), Set.of(), Map.of());
    }
  }
}
