package io.agentlog.agent.capture.framework.spring;

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

/** Spring AI as data: its methods that are woven, and the values that are read. */
public final class SpringAi {
  static final String NAME = "spring-ai";

  private static final String BASE = "org/springframework/ai/";
  private static final String CHAT = BASE + "chat/";
  private static final String CLIENT = CHAT + "client/";
  private static final String REQUEST = CLIENT + "ChatClientRequest";
  private static final String RESPONSE = CLIENT + "ChatClientResponse";
  private static final String CALL = CLIENT + "DefaultChatClient$DefaultCallResponseSpec";
  private static final String STREAM = CLIENT + "DefaultChatClient$DefaultStreamResponseSpec";
  private static final String PROMPT = CHAT + "prompt/Prompt";
  private static final String OPTIONS = CHAT + "prompt/ChatOptions";
  private static final String CHAT_RESPONSE = CHAT + "model/ChatResponse";
  private static final String MODEL = CHAT + "model/ChatModel";
  private static final String STREAMING_MODEL = CHAT + "model/StreamingChatModel";
  private static final String METADATA = CHAT + "metadata/";
  private static final String TOOL = BASE + "tool/ToolCallback";
  private static final String TOOL_CONTEXT = CHAT + "model/ToolContext";
  private static final String TOOL_MANAGER = BASE + "model/tool/ToolCallingManager";
  private static final String TOOL_RESULT = BASE + "model/tool/ToolExecutionResult";
  private static final String DOCUMENT = BASE + "document/Document";
  private static final String VECTOR_STORE = BASE + "vectorstore/VectorStore";
  private static final String SEARCH = BASE + "vectorstore/SearchRequest";
  private static final String RETRIEVER = BASE + "rag/retrieval/search/DocumentRetriever";
  private static final String QUERY = BASE + "rag/Query";
  private static final String QA_ADVISOR = CLIENT + "advisor/vectorstore/QuestionAnswerAdvisor";
  private static final String RAG_ADVISOR = BASE + "rag/advisor/RetrievalAugmentationAdvisor";
  private static final String FLUX = "reactor/core/publisher/Flux";

  private static final String LOSS_OF_CALLS = "calls of chat clients are not recorded";
  private static final String LOSS_OF_STREAMS = "streams of chat clients are not recorded";
  private static final String LOSS_OF_MODELS = "calls of models and their tokens are not recorded";
  private static final String LOSS_OF_MODEL_STREAMS =
      "streams of models and their tokens are not recorded";
  private static final String LOSS_OF_TOOLS = "tools are not recorded";
  private static final String LOSS_OF_ROUNDS =
      "tools of streams may be missing, and IDs of tools' calls";
  private static final String LOSS_OF_DOCUMENTS = "found documents are not recorded";
  private static final String LOSS_OF_APPLIED =
      "found documents don't tell whether they went into the prompt";

  /** Methods that are woven and values that are read. */
  public static final FrameworkSpec SPEC =
      new FrameworkSpec(
          NAME,
          BASE,
          "org.springframework.ai:spring-ai-model",
          "1.0.0",
          List.of("1.0.0", "1.1.2", "2.0.1"),
          "calls and streams of chat clients, tools, model calls, retrieved documents",
          hooks(),
          reads());

  private SpringAi() {}

  private static List<HookSpec> hooks() {
    return List.of(
        required(
            Match.CLASS,
            CALL,
            "doGetObservableChatClientResponse",
            "(" + type(REQUEST) + ")" + type(RESPONSE),
            LOSS_OF_CALLS,
            context -> new ClientCall(context, true)),
        // 1.0 has a text there, 2.0 a chain of advisors; 1.1 has the other form alone.
        hook(
            Match.CLASS,
            CALL,
            "doGetObservableChatClientResponse",
            "(" + type(REQUEST) + "L*",
            Form.OBSERVES,
            false,
            LOSS_OF_CALLS,
            context -> new ClientCall(context, false)),
        hook(
            Match.CLASS,
            STREAM,
            "doGetObservableFluxChatResponse",
            "(" + type(REQUEST) + ")" + type(FLUX),
            Form.REPLACES_RESULT,
            true,
            LOSS_OF_STREAMS,
            ClientStream::new),
        required(
            Match.IMPLEMENTORS,
            MODEL,
            "call",
            "(" + type(PROMPT) + ")" + type(CHAT_RESPONSE),
            LOSS_OF_MODELS,
            ModelCalls::new),
        modelStream(MODEL, true),
        modelStream(STREAMING_MODEL, false),
        required(
            Match.IMPLEMENTORS,
            TOOL,
            "call",
            "(Ljava/lang/String;)Ljava/lang/String;",
            LOSS_OF_TOOLS,
            Tools::new),
        required(
            Match.IMPLEMENTORS,
            TOOL,
            "call",
            "(Ljava/lang/String;" + type(TOOL_CONTEXT) + ")Ljava/lang/String;",
            LOSS_OF_TOOLS,
            Tools::new),
        required(
            Match.IMPLEMENTORS,
            TOOL_MANAGER,
            "executeToolCalls",
            "(" + type(PROMPT) + type(CHAT_RESPONSE) + ")" + type(TOOL_RESULT),
            LOSS_OF_ROUNDS,
            ToolRounds::new),
        retrieval(VECTOR_STORE, "similaritySearch", SEARCH, true),
        retrieval(VECTOR_STORE + "Retriever", "similaritySearch", SEARCH, true),
        retrieval(RETRIEVER, "retrieve", QUERY, false),
        augmentation(QA_ADVISOR, Augmentation.QA_DOCUMENTS),
        augmentation(RAG_ADVISOR, Augmentation.RAG_DOCUMENTS));
  }

  private static HookSpec modelStream(String className, boolean isRequired) {
    return hook(
        Match.IMPLEMENTORS,
        className,
        "stream",
        "(" + type(PROMPT) + ")" + type(FLUX),
        Form.REPLACES_RESULT,
        isRequired,
        LOSS_OF_MODEL_STREAMS,
        ModelStreams::new);
  }

  private static HookSpec retrieval(
      String className, String method, String argument, boolean isStore) {
    return hook(
        Match.IMPLEMENTORS,
        className,
        method,
        "(" + type(argument) + ")Ljava/util/List;",
        Form.OBSERVES,
        false, // In jars of their own.
        LOSS_OF_DOCUMENTS,
        context -> new Retrievals(context, isStore));
  }

  private static HookSpec augmentation(String className, String documents) {
    return hook(
        Match.CLASS,
        className,
        "before",
        "(" + type(REQUEST) + type(CLIENT + "advisor/api/AdvisorChain") + ")" + type(REQUEST),
        Form.OBSERVES,
        false, // In jars of their own.
        LOSS_OF_APPLIED,
        context -> new Augmentation(context, documents));
  }

  private static HookSpec required(
      Match match,
      String className,
      String method,
      String descriptor,
      String loss,
      Function<FrameworkContext, HookHandler> handler) {
    return hook(match, className, method, descriptor, Form.OBSERVES, true, loss, handler);
  }

  private static HookSpec hook(
      Match match,
      String className,
      String method,
      String descriptor,
      Form form,
      boolean isRequired,
      String loss,
      Function<FrameworkContext, HookHandler> handler) {
    return new HookSpec(match, className, method, descriptor, form, -1, isRequired, loss, handler);
  }

  private static List<Read> reads() {
    return HookSpec.reads(
        read(REQUEST, "prompt", type(PROMPT)),
        read(REQUEST, "context", type("java/util/Map")),
        read(PROMPT, "getUserMessage", type(CHAT + "messages/UserMessage")),
        read(PROMPT, "getSystemMessage", type(CHAT + "messages/SystemMessage")),
        read(PROMPT, "getOptions", type(OPTIONS)),
        read(PROMPT, "getInstructions", type("java/util/List")),
        read(CHAT + "messages/AbstractMessage", "getText", type("java/lang/String")),
        read(OPTIONS, "getModel", type("java/lang/String")),
        read(MODEL, "getDefaultOptions", type(OPTIONS)),
        read(CHAT_RESPONSE, "getMetadata", type(METADATA + "ChatResponseMetadata")),
        read(CHAT_RESPONSE, "getResult", type(CHAT + "model/Generation")),
        read(CHAT_RESPONSE, "getResults", type("java/util/List")),
        read(CHAT + "model/Generation", "getMetadata", type(METADATA + "ChatGenerationMetadata")),
        read(CHAT + "model/Generation", "getOutput", type(CHAT + "messages/AssistantMessage")),
        read(CHAT + "messages/AssistantMessage", "getToolCalls", type("java/util/List")),
        read(CHAT + "messages/AssistantMessage$ToolCall", "id", type("java/lang/String")),
        read(CHAT + "messages/AssistantMessage$ToolCall", "name", type("java/lang/String")),
        read(CHAT + "messages/AssistantMessage$ToolCall", "arguments", type("java/lang/String")),
        read(METADATA + "ChatGenerationMetadata", "getFinishReason", type("java/lang/String")),
        read(METADATA + "ChatResponseMetadata", "getModel", type("java/lang/String")),
        read(METADATA + "ChatResponseMetadata", "getUsage", type(METADATA + "Usage")),
        read(METADATA + "Usage", "getPromptTokens", type("java/lang/Integer")),
        read(METADATA + "Usage", "getCompletionTokens", type("java/lang/Integer")),
        read(METADATA + "Usage", "getNativeUsage", type("java/lang/Object")),
        // Since 2.0.
        new Read(METADATA + "Usage", "getCacheReadInputTokens", type("java/lang/Long"), false),
        new Read(METADATA + "Usage", "getCacheWriteInputTokens", type("java/lang/Long"), false),
        // Bedrock's cached tokens in 1.1.
        new Read(BASE + "model/AbstractResponseMetadata", "entrySet", type("java/util/Set"), false),
        read(TOOL, "getToolDefinition", type(BASE + "tool/definition/ToolDefinition")),
        read(BASE + "tool/definition/ToolDefinition", "name", type("java/lang/String")),
        read(TOOL_RESULT, "conversationHistory", type("java/util/List")),
        // In jars of their own.
        new Read(DOCUMENT, "getId", type("java/lang/String"), false),
        new Read(DOCUMENT, "getScore", type("java/lang/Double"), false),
        new Read(DOCUMENT, "getText", type("java/lang/String"), false),
        new Read(SEARCH, "getQuery", type("java/lang/String"), false),
        new Read(QUERY, "text", type("java/lang/String"), false));
  }

  private static Read read(String className, String method, @Nullable String returnType) {
    return new Read(className, method, returnType, true);
  }

  private static String type(String className) {
    return "L" + className + ";";
  }
}
