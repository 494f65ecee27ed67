package io.agentlog.agent.capture.spec;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A parameter of a woven method.
 *
 * @param name from {@code -parameters}, else from debug info, else {@code argN}
 * @param aliases names that mean only this parameter: its name in the annotated declaration, in
 *     this one, and in the others that this method implements. If two declarations disagree about a
 *     name, the earlier of this order wins
 * @param marks simple names of agentlog's annotations on it, such as {@code Prompt}
 * @param metadataKey of {@code @Metadata}, or null
 */
public record ParameterSpec(
    String name, Set<String> aliases, Set<String> marks, @Nullable String metadataKey) {
  public ParameterSpec {
    aliases = Set.copyOf(aliases);
    marks = Set.copyOf(marks);
  }

  private static final String CAPTURED = "a captured variable";

  /** Makes a parameter for what a lambda has captured. No path and no annotation can name it. */
  public static ParameterSpec captured() {
    return new ParameterSpec(CAPTURED, Set.of(), Set.of(), null);
  }

  public boolean isCaptured() {
    return name.equals(CAPTURED);
  }

  /** Makes a parameter with a single declaration. */
  public ParameterSpec(String name, Set<String> marks, @Nullable String metadataKey) {
    this(name, Set.of(name), marks, metadataKey);
  }
}
