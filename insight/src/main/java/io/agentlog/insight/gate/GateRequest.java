package io.agentlog.insight.gate;

import io.agentlog.insight.page.Window;
import io.agentlog.insight.rules.Rules;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Executions to judge, and what to compare them with.
 *
 * @param agents names; empty if only {@code isAll}
 * @param isAll whether each agent of the window and of the baseline is judged
 * @param selection metadata that an execution needs, text by key
 * @param past executions to compare with; null for none, or those of a file
 * @param baselineFile file to compare with, {@code -} for standard input; null for none
 * @param rules patterns and scores of agents
 * @param isSaving whether a baseline is saved, so that a run without any check has a purpose
 */
public record GateRequest(
    List<String> agents,
    boolean isAll,
    Window window,
    Map<String, String> selection,
    Limits limits,
    @Nullable Past past,
    @Nullable Path baselineFile,
    Rules rules,
    boolean isSaving) {
  /** A baseline that is read from rows. */
  public record Past(Window window, Map<String, String> selection) {}
}
