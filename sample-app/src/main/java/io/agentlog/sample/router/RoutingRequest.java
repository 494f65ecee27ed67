package io.agentlog.sample.router;

import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.Metadata;
import io.agentlog.annotations.ProjectName;
import io.agentlog.annotations.ProjectPath;
import io.agentlog.annotations.Prompt;
import io.agentlog.annotations.SessionId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to route, as it was read. Only the types are checked so far.
 *
 * @param correlationId the sender's identifier, a UUID or a text such as a ticket number; returned
 *     with the answer
 * @param sessionId the conversation that the request belongs to
 * @param userRequest what the user wrote; empty if the request has none
 * @param projectName {@code context.project}
 * @param projectPath {@code context.project_path}
 * @param domain {@code context.domain}, such as {@code database}
 * @param files {@code context.file} and {@code context.files}
 * @param context all of {@code context}
 * @param options options of the routing; see {@link RoutingOptions}
 * @param feedback result of an earlier routing
 */
public record RoutingRequest(
    @CorrelationId String correlationId,
    @SessionId @Nullable String sessionId,
    @Prompt String userRequest,
    @ProjectName @Nullable String projectName,
    @ProjectPath @Nullable String projectPath,
    @Metadata("domain") @Nullable String domain,
    @Metadata("files") List<String> files,
    Map<String, String> context,
    Map<String, Object> options,
    @Nullable Feedback feedback) {
  public RoutingRequest {
    files = List.copyOf(files);
    context = Map.copyOf(context);
    options = Map.copyOf(options);
  }
}
