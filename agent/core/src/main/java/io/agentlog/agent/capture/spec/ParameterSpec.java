package io.agentlog.agent.capture.spec;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A parameter.
 *
 * @param name from {@code -parameters}, else from debug info, else {@code argN}
 * @param aliases names that mean this parameter and no other, its own among them: as it is called
 *     where the annotation stands, here, and in the other declarations that this method implements.
 *     Where two of them differ in what a name means, the former wins
 * @param marks simple names of our annotations on it, such as {@code Prompt}
 * @param metadataKey of {@code @Metadata}, or null
 */
public record ParameterSpec(
    String name, Set<String> aliases, Set<String> marks, @Nullable String metadataKey) {
  public ParameterSpec {
    aliases = Set.copyOf(aliases);
    marks = Set.copyOf(marks);
  }

  /** A parameter of one declaration. */
  public ParameterSpec(String name, Set<String> marks, @Nullable String metadataKey) {
    this(name, Set.of(name), marks, metadataKey);
  }
}
