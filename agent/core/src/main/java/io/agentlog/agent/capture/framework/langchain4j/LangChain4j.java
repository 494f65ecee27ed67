package io.agentlog.agent.capture.framework.langchain4j;

import io.agentlog.agent.capture.framework.FrameworkContext;
import io.agentlog.agent.capture.framework.FrameworkSpec;
import io.agentlog.agent.capture.framework.HookHandler;
import io.agentlog.agent.capture.framework.HookSpec;
import io.agentlog.agent.capture.framework.HookSpec.Form;
import io.agentlog.agent.capture.framework.HookSpec.Match;
import io.agentlog.agent.capture.framework.HookSpec.Read;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The methods of LangChain4j that are woven, and the values that are read. */
public final class LangChain4j {
  static final String NAME = "langchain4j";
  static final String AGENTIC_NAME = "langchain4j-agentic";

  private static final String REQUEST = "Ldev/langchain4j/model/chat/request/ChatRequest;";
  private static final String OPTIONS = "Ldev/langchain4j/model/chat/ChatRequestOptions;";
  private static final String RESPONSE = "Ldev/langchain4j/model/chat/response/ChatResponse;";
  private static final String STREAM_HANDLER =
      "Ldev/langchain4j/model/chat/response/StreamingChatResponseHandler;";
  private static final String CHAT_MODEL = "dev/langchain4j/model/chat/ChatModel";
  private static final String STREAMING_MODEL = "dev/langchain4j/model/chat/StreamingChatModel";
  private static final String TOKEN_STREAM = "dev/langchain4j/service/AiServiceTokenStream";
  private static final String STREAM_RECEIVER =
      "dev/langchain4j/service/AiServiceStreamingResponseHandler";
  private static final String INVOCATION = "dev/langchain4j/invocation/InvocationContext";
  private static final String EVENTS = "dev/langchain4j/observability/api/event/";

  /** AI services, their streams, tools, guardrails and models. */
  public static final FrameworkSpec SERVICES =
      new FrameworkSpec(
          NAME,
          "dev/langchain4j/",
          "dev.langchain4j:langchain4j",
          "1.6.0",
          List.of("1.6.0", "1.19.0"),
          "AI services, streams, tools, guardrails, model calls",
          List.of(
              required(
                  Match.NESTED,
                  "dev/langchain4j/service/DefaultAiServices",
                  "invoke",
                  "(Ljava/lang/reflect/Method;[Ljava/lang/Object;L" + INVOCATION + ";)*",
                  "calls of AI services are not recorded",
                  ServiceCalls::new),
              required(
                  Match.CLASS,
                  "dev/langchain4j/observability/api/DefaultAiServiceListenerRegistrar",
                  "fireEvent",
                  "(L" + EVENTS + "AiServiceEvent;)V",
                  "prompts, guardrails and ends of streams are not recorded",
                  ServiceEvents::new),
              required(
                  Match.CLASS,
                  "dev/langchain4j/service/tool/ToolService",
                  "executeWithErrorHandling",
                  "(Ldev/langchain4j/agent/tool/ToolExecutionRequest;*",
                  "tools are not recorded",
                  ToolCalls::new),
              required(
                  Match.IMPLEMENTORS,
                  "dev/langchain4j/service/tool/ToolExecutor",
                  "executeWithContext",
                  "(Ldev/langchain4j/agent/tool/ToolExecutionRequest;L" + INVOCATION + ";)*",
                  "what a tool throws is not recorded",
                  context -> new ToolCalls.Thrown()),
              required(
                  Match.CLASS,
                  TOKEN_STREAM,
                  "<init>",
                  "(Ldev/langchain4j/service/AiServiceTokenStreamParameters;)V",
                  "streams of AI services end too early",
                  StreamHooks.Made::new),
              required(
                  Match.CLASS,
                  TOKEN_STREAM,
                  "start",
                  "()V",
                  "streams of AI services are not recorded",
                  context -> new StreamHooks.Started()),
              required(
                  Match.CLASS,
                  STREAM_RECEIVER,
                  "onCompleteResponse",
                  "(" + RESPONSE + ")V",
                  "a stream whose last callback fails stays in progress",
                  context -> new StreamHooks.Completed()),
              required(
                  Match.CLASS,
                  STREAM_RECEIVER,
                  "onError",
                  "(Ljava/lang/Throwable;)V",
                  "a stream that fails stays in progress",
                  context -> new StreamHooks.Failed()),
              optional(
                  Match.IMPLEMENTORS,
                  "dev/langchain4j/model/chat/response/StreamingHandle",
                  "cancel",
                  "()V",
                  -1,
                  "a stream that is cancelled stays in progress",
                  context -> new StreamHooks.Cancelled()),
              required(
                  Match.IMPLEMENTORS,
                  CHAT_MODEL,
                  "chat",
                  "(" + REQUEST + ")" + RESPONSE,
                  "model calls and tokens are not recorded",
                  ModelCalls.Waiting::new),
              optional(
                  Match.IMPLEMENTORS,
                  CHAT_MODEL,
                  "chat",
                  "(" + REQUEST + OPTIONS + ")" + RESPONSE,
                  -1,
                  "model calls with options are not recorded",
                  ModelCalls.Waiting::new),
              new HookSpec(
                  Match.IMPLEMENTORS,
                  STREAMING_MODEL,
                  "chat",
                  "(" + REQUEST + STREAM_HANDLER + ")V",
                  Form.OBSERVES,
                  1,
                  true,
                  "streamed model calls and their tokens are not recorded",
                  context -> new ModelCalls.Streaming(context, 1)),
              optional(
                  Match.IMPLEMENTORS,
                  STREAMING_MODEL,
                  "chat",
                  "(" + REQUEST + OPTIONS + STREAM_HANDLER + ")V",
                  2,
                  "streamed model calls with options are not recorded",
                  context -> new ModelCalls.Streaming(context, 2)),
              listeners("onRequest"),
              listeners("onResponse"),
              listeners("onError"),
              required(
                  Match.IMPLEMENTORS,
                  "dev/langchain4j/rag/RetrievalAugmentor",
                  "augment",
                  "(Ldev/langchain4j/rag/AugmentationRequest;)*",
                  "which knowledge goes into a prompt is not recorded",
                  Augmentation::new),
              required(
                  Match.IMPLEMENTORS,
                  "dev/langchain4j/rag/content/retriever/ContentRetriever",
                  "retrieve",
                  "(Ldev/langchain4j/rag/query/Query;)Ljava/util/List;",
                  "retrieved knowledge is not recorded",
                  context -> new Retrievals(context, false)),
              required(
                  Match.IMPLEMENTORS,
                  "dev/langchain4j/store/embedding/EmbeddingStore",
                  "search",
                  "(Ldev/langchain4j/store/embedding/EmbeddingSearchRequest;)*",
                  "knowledge that is searched for in stores is not recorded",
                  context -> new Retrievals(context, true))),
          List.of(
              read(INVOCATION, "interfaceName", "Ljava/lang/String;"),
              read(INVOCATION, "invocationId", "Ljava/util/UUID;"),
              read(INVOCATION, "chatMemoryId", null),
              read(INVOCATION, "invocationParameters", null),
              read("dev/langchain4j/invocation/InvocationParameters", "asMap", null),
              read(EVENTS + "AiServiceEvent", "eventClass", "Ljava/lang/Class;"),
              read(EVENTS + "AiServiceEvent", "invocationContext", "L" + INVOCATION + ";"),
              read(EVENTS + "AiServiceStartedEvent", "userMessage", null),
              read(EVENTS + "AiServiceStartedEvent", "systemMessage", null),
              read(EVENTS + "GuardrailExecutedEvent", "guardrailClass", "Ljava/lang/Class;"),
              read(EVENTS + "GuardrailExecutedEvent", "result", null),
              new Read(EVENTS + "GuardrailExecutedEvent", "duration", null, false),
              read("dev/langchain4j/data/message/UserMessage", "contents", "Ljava/util/List;"),
              read("dev/langchain4j/data/message/TextContent", "text", "Ljava/lang/String;"),
              read("dev/langchain4j/data/message/SystemMessage", "text", "Ljava/lang/String;"),
              read("dev/langchain4j/agent/tool/ToolExecutionRequest", "name", null),
              read("dev/langchain4j/agent/tool/ToolExecutionRequest", "id", null),
              read("dev/langchain4j/agent/tool/ToolExecutionRequest", "arguments", null),
              read("dev/langchain4j/service/tool/ToolExecutionResult", "isError", "Z"),
              read("dev/langchain4j/service/tool/ToolExecutionResult", "resultText", null),
              read("dev/langchain4j/model/chat/request/ChatRequest", "modelName", null),
              read(CHAT_MODEL, "provider", null),
              read(CHAT_MODEL, "defaultRequestParameters", null),
              read(STREAMING_MODEL, "provider", null),
              read(STREAMING_MODEL, "defaultRequestParameters", null),
              read("dev/langchain4j/model/chat/request/ChatRequestParameters", "modelName", null),
              read("dev/langchain4j/model/chat/response/ChatResponse", "modelName", null),
              read("dev/langchain4j/model/chat/response/ChatResponse", "finishReason", null),
              read("dev/langchain4j/model/chat/response/ChatResponse", "tokenUsage", null),
              read("dev/langchain4j/model/output/TokenUsage", "inputTokenCount", null),
              read("dev/langchain4j/model/output/TokenUsage", "outputTokenCount", null),
              read("dev/langchain4j/model/output/TokenUsage", "totalTokenCount", null),
              read("dev/langchain4j/rag/AugmentationRequest", "metadata", null),
              read("dev/langchain4j/rag/AugmentationResult", "contents", "Ljava/util/List;"),
              read("dev/langchain4j/rag/query/Query", "metadata", null),
              read("dev/langchain4j/rag/query/Query", "text", "Ljava/lang/String;"),
              read("dev/langchain4j/rag/content/Content", "textSegment", null),
              read("dev/langchain4j/rag/content/Content", "metadata", "Ljava/util/Map;"),
              read("dev/langchain4j/data/segment/TextSegment", "text", "Ljava/lang/String;"),
              read("dev/langchain4j/data/segment/TextSegment", "metadata", null),
              read("dev/langchain4j/data/document/Metadata", "toMap", "Ljava/util/Map;"),
              read(
                  "dev/langchain4j/store/embedding/EmbeddingSearchResult",
                  "matches",
                  "Ljava/util/List;"),
              read("dev/langchain4j/store/embedding/EmbeddingMatch", "score", null),
              read("dev/langchain4j/store/embedding/EmbeddingMatch", "embeddingId", null),
              read("dev/langchain4j/store/embedding/EmbeddingMatch", "embedded", null)));

  /** Systems of agents, and the agents in them. */
  public static final FrameworkSpec AGENTIC =
      new FrameworkSpec(
          AGENTIC_NAME,
          "dev/langchain4j/agentic/",
          "dev.langchain4j:langchain4j-agentic",
          "1.10.0-beta18",
          List.of("1.10.0-beta18", "1.19.0-beta29"),
          "systems of agents, agents",
          List.of(
              required(
                  Match.CLASS,
                  "dev/langchain4j/agentic/internal/AgentInvoker",
                  "invoke",
                  "(Ldev/langchain4j/agentic/scope/DefaultAgenticScope;Ljava/lang/Object;"
                      + "Ldev/langchain4j/agentic/internal/AgentInvocationArguments;)*",
                  "agents have the names of their interfaces, and those without a model are not"
                      + " recorded",
                  AgentCalls.Invoked::new),
              required(
                  Match.CLASS,
                  "dev/langchain4j/agentic/internal/PlannerBasedInvocationHandler",
                  "executeAgentMethod",
                  "(Ldev/langchain4j/agentic/scope/AgenticScopeRegistry;"
                      + "Ljava/lang/reflect/Method;[Ljava/lang/Object;)*",
                  "systems of agents are not recorded",
                  AgentCalls.AgentSystem::new),
              optional(
                  Match.CLASS,
                  "dev/langchain4j/agentic/agent/AgentInvocationHandler",
                  "invokeStandaloneAgent",
                  "(Ljava/lang/reflect/Method;[Ljava/lang/Object;)*",
                  -1,
                  "agents that are called alone have the names of their interfaces",
                  AgentCalls.Alone::new)),
          List.of(
              read("dev/langchain4j/agentic/planner/AgentInstance", "type", "Ljava/lang/Class;"),
              read("dev/langchain4j/agentic/planner/AgentInstance", "name", "Ljava/lang/String;"),
              read("dev/langchain4j/agentic/planner/AgentInstance", "agentId", null),
              read("dev/langchain4j/agentic/internal/AgentInvoker", "method", null),
              read(
                  "dev/langchain4j/agentic/internal/AgentInvocationArguments",
                  "namedArgs",
                  "Ljava/util/Map;"),
              new Read(
                  "dev/langchain4j/agentic/scope/ResultWithAgenticScope",
                  "suspended",
                  "Z",
                  false)));

  private LangChain4j() {}

  private static HookSpec required(
      Match match,
      String className,
      String method,
      String descriptor,
      String loss,
      Function<FrameworkContext, HookHandler> handler) {
    return new HookSpec(
        match, className, method, descriptor, Form.OBSERVES, -1, true, loss, handler);
  }

  private static HookSpec optional(
      Match match,
      String className,
      String method,
      String descriptor,
      int replacedArgument,
      String loss,
      Function<FrameworkContext, HookHandler> handler) {
    return new HookSpec(
        match,
        className,
        method,
        descriptor,
        Form.OBSERVES,
        replacedArgument,
        false,
        loss,
        handler);
  }

  private static HookSpec listeners(String method) {
    return optional(
        Match.CLASS,
        "dev/langchain4j/model/chat/ChatModelListenerUtils",
        method,
        "(*",
        -1,
        "a model that a listener asks counts as part of the call",
        Listeners::new);
  }

  private static Read read(String className, String method, @Nullable String returnType) {
    return new Read(className, method, returnType, true);
  }
}
