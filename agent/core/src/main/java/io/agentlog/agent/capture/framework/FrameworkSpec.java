package io.agentlog.agent.capture.framework;

import java.util.List;

/**
 * A framework that is recorded without a change of the application, as data.
 *
 * @param name in the option {@code frameworks}, messages and metadata
 * @param markerPrefix beginning of the names of its classes, with slashes
 * @param artifact group and artifact of the jar that has its version
 * @param oldest the oldest version that is supported
 * @param tested the versions that are tested, oldest first
 * @param captured says for users what is recorded, as {@code AI services, tools, model calls}
 */
public record FrameworkSpec(
    String name,
    String markerPrefix,
    String artifact,
    String oldest,
    List<String> tested,
    String captured,
    List<HookSpec> hooks,
    List<HookSpec.Read> reads) {
  public FrameworkSpec {
    tested = List.copyOf(tested);
    hooks = List.copyOf(hooks);
    reads = List.copyOf(reads);
  }
}
