package io.agentlog.insight.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One execution.
 *
 * @param stages in their order
 * @param moreStages whether there are more than are listed
 * @param decisions of its request, its own first
 * @param parent null if it has none, or if the row of its parent is not there
 * @param children those with the same correlation ID, the first to start first
 * @param instance null if the row of its JVM is not there
 * @param modelCalls its own calls of models
 * @param tree what it has used with all that it called; null if it has called none
 * @param trace instructions, file operations and used knowledge among the rest
 * @param texts whether texts of users may be shown
 */
public record ExecutionPage(
    View view,
    Execution execution,
    List<ValueEntry> metadata,
    List<Stage> stages,
    boolean moreStages,
    List<Decision> decisions,
    @Nullable Relative parent,
    List<Relative> children,
    @Nullable Instance instance,
    ModelCalls modelCalls,
    @Nullable Tree tree,
    Trace trace,
    boolean texts) {

  /** Returns whether it, or what it called, has used a model or a tool. */
  public boolean hasUsage() {
    return execution.usage().isKnown() || (tree != null && tree.usage().isKnown());
  }

  /** Returns the tokens of it and of all that it called; null if it has called none. */
  public @Nullable String treeTokens() {
    return tree == null
        ? null
        : "%s with the %s"
            .formatted(Format.shortCount(tree.usage().tokens()), called(tree.executions() - 1));
  }

  /** Returns the cost of it and of all that it called; null if it has called none. */
  public @Nullable String treeCost() {
    if (tree == null) {
      return null;
    }
    String cost =
        Usage.SEVERAL.equals(tree.usage().currency()) ? "several currencies" : tree.usage().price();
    return "%s with the %s".formatted(cost, called(tree.executions() - 1));
  }

  private static String called(long executions) {
    return executions == 1 ? "one it called" : Format.count(executions) + " it called";
  }

  /** Returns whether a caller or callee has used a model or a tool. */
  public boolean relativesUse() {
    return (parent != null && parent.usage().isKnown())
        || children.stream().anyMatch(child -> child.usage().isKnown());
  }

  /** Returns how long ago its JVM was heard of. */
  public String lastHeard() {
    return instance == null
        ? ""
        : instance.renewedAt() == null
            ? "at an unknown time"
            : Format.age(Duration.between(instance.renewedAt(), view.at())) + " ago";
  }

  /**
   * The columns of the execution.
   *
   * @param requestText the correlation ID as the application gave it, if that was no UUID
   * @param provisional who has written the end, and why; empty if the end is real
   * @param headless whether its first event has not come
   * @param durationMicros until its end, or until now while it runs
   * @param errorMessage null if texts are hidden
   * @param prompt null if texts are hidden
   * @param promptLength in characters
   * @param rootId the execution in which everything began, itself if nothing called it; null if
   *     unknown
   * @param usage of its own calls alone
   */
  public record Execution(
      UUID id,
      @Nullable UUID request,
      @Nullable String requestText,
      @Nullable UUID session,
      @Nullable String sessionText,
      @Nullable String agent,
      @Nullable String projectName,
      @Nullable String projectPath,
      String status,
      String provisional,
      boolean headless,
      @Nullable Instant startedAt,
      @Nullable Instant completedAt,
      @Nullable Long durationMicros,
      @Nullable Double quality,
      @Nullable String errorType,
      @Nullable String errorMessage,
      @Nullable String prompt,
      @Nullable Integer promptLength,
      @Nullable String promptHash,
      @Nullable UUID parentId,
      @Nullable UUID instanceId,
      @Nullable UUID decisionId,
      @Nullable String traceId,
      @Nullable String spanId,
      @Nullable String kind,
      @Nullable String claudeSessionId,
      @Nullable String terminalId,
      @Nullable UUID rootId,
      Usage usage,
      @Nullable Instant writtenAt,
      @Nullable Instant changedAt) {

    public boolean isRunning() {
      return status.equals("in_progress");
    }
  }

  /**
   * A stage that was reported.
   *
   * @param sinceStart microseconds from the start of the execution
   * @param sinceBefore microseconds from the stage before, or from the start
   * @param tookMicros as measured, if the stage was reported when its method ended
   * @param from where its bar begins, in percent of the execution
   * @param length of its bar, in percent of the execution
   */
  public record Stage(
      int seq,
      @Nullable String name,
      @Nullable Integer percent,
      @Nullable Instant at,
      @Nullable Long sinceStart,
      @Nullable Long sinceBefore,
      @Nullable Long tookMicros,
      @Nullable String errorType,
      List<ValueEntry> values,
      double from,
      double length) {}

  /**
   * A routing decision.
   *
   * @param own whether it is the execution's first
   * @param reasoning null if texts are hidden
   * @param components of the confidence, by name
   */
  public record Decision(
      UUID id,
      boolean own,
      @Nullable String selectedAgent,
      @Nullable String strategy,
      @Nullable Double confidence,
      List<ValueEntry> components,
      @Nullable Integer tookMillis,
      @Nullable Instant at,
      @Nullable String reasoning,
      List<ValueEntry> alternatives) {}

  /** The parent or a child. */
  public record Relative(
      UUID id,
      @Nullable String agent,
      String status,
      @Nullable Instant startedAt,
      @Nullable Long durationMicros,
      Usage usage) {}

  /** An execution with all that it called, and what they have used together. */
  public record Tree(long executions, Usage usage) {}

  /**
   * The calls of models.
   *
   * @param rows the first to end first
   * @param more whether there are more than are listed
   * @param note why calls that were counted can't be listed; null if nothing is missing
   */
  public record ModelCalls(List<ModelCall> rows, boolean more, @Nullable String note) {}

  /**
   * A call of a model.
   *
   * @param framework that made it
   * @param requestModel the model that was asked for
   * @param responseModel the model that answered, if it named itself
   * @param firstTokenMicros from the begin to the first token
   * @param usage tokens and cost
   * @param errorMessage null if texts are hidden
   * @param delegated whether another call within this one did the work, which has the tokens
   * @param priceVersion of the prices that the cost was computed with
   */
  public record ModelCall(
      int seq,
      String framework,
      @Nullable String provider,
      @Nullable String requestModel,
      @Nullable String responseModel,
      boolean streaming,
      @Nullable Instant startedAt,
      @Nullable Long durationMicros,
      @Nullable Long firstTokenMicros,
      Usage usage,
      @Nullable String finishReason,
      @Nullable String errorType,
      @Nullable String errorMessage,
      boolean delegated,
      @Nullable String priceVersion) {
    /** Returns who made the call, and the model that was asked for if another answered. */
    public String about() {
      List<String> parts = new ArrayList<>();
      if (provider != null) {
        parts.add(provider);
      }
      parts.add(framework);
      if (streaming) {
        parts.add("streamed");
      }
      if (responseModel != null && requestModel != null && !responseModel.equals(requestModel)) {
        parts.add("asked for " + requestModel);
      }
      return String.join(", ", parts);
    }

    /** Returns the microseconds since the start of the execution; null if a time is unknown. */
    public @Nullable Long sinceStart(@Nullable Instant start) {
      return start == null || startedAt == null ? null : Times.micros(start, startedAt);
    }

    /** Returns the model that answered, or that was asked for. */
    public String model() {
      return responseModel != null
          ? responseModel
          : requestModel != null ? requestModel : "(no name)";
    }
  }

  /**
   * The JVM.
   *
   * @param lost whether its lease has run out
   */
  public record Instance(
      UUID id, @Nullable String service, @Nullable Instant renewedAt, boolean lost) {}

  /**
   * All of it in order of time.
   *
   * @param steps empty if the database has no detail of this execution
   * @param more whether there are more than are listed
   * @param note what can't be read, and what to do; null if nothing is missing
   */
  public record Trace(List<Step> steps, boolean more, @Nullable String note) {}

  /**
   * Something that happened.
   *
   * @param sinceStart microseconds from the start of the execution
   * @param event what happened, in a word
   * @param subject whom or what it concerns: a path, a name
   * @param child the execution that was called; null if none was
   * @param status of an end or a child
   * @param before hash of a file's content before; null if it is not known, as {@code after}
   * @param notes further facts in a few words each
   * @param texts of users, by their name; empty if they are hidden
   * @param values of the row, by the name of their column
   */
  public record Step(
      @Nullable Instant at,
      @Nullable Long sinceStart,
      @Nullable Integer seq,
      String event,
      @Nullable String subject,
      @Nullable UUID child,
      @Nullable String status,
      @Nullable String before,
      @Nullable String after,
      List<String> notes,
      Map<String, String> texts,
      Map<String, Object> values) {

    /** Returns whether the subject is a file. */
    public boolean isFile() {
      return values.containsKey("operation_type");
    }

    /** Returns whether it failed. */
    public boolean isFailed() {
      return Boolean.FALSE.equals(values.get("success"));
    }

    /** Returns the hashes of the content in short; empty if none is known. */
    public String hashes() {
      if (after != null && after.equals(before)) {
        return Format.hash(after) + " unchanged";
      }
      boolean isChange = event.equals("write") || event.equals("edit");
      if (isChange && (before != null || after != null)) {
        return (before == null ? "?" : Format.hash(before))
            + " → "
            + (after == null ? "?" : Format.hash(after));
      }
      String one = after == null ? before : after;
      return one == null ? "" : Format.hash(one);
    }
  }
}
