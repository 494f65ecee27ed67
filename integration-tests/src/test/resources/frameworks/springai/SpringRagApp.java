package io.agentlog.it.springai;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.advisor.vectorstore.QuestionAnswerAdvisor;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.advisor.RetrievalAugmentationAdvisor;
import org.springframework.ai.rag.retrieval.search.DocumentRetriever;
import org.springframework.ai.rag.retrieval.search.VectorStoreDocumentRetriever;
import org.springframework.ai.vectorstore.SearchRequest;
import org.springframework.ai.vectorstore.VectorStore;
import org.springframework.ai.vectorstore.filter.Filter;

/** An application that answers from documents; three of five go into the prompt of one agent. */
public final class SpringRagApp {
  private static final FakeModel MODEL = new FakeModel("It is on page 3.", true);

  private SpringRagApp() {}

  /** Finds the same five documents for every question. */
  static final class PgVectorStore implements VectorStore {
    @Override
    public List<Document> similaritySearch(SearchRequest request) {
      List<Document> found = new ArrayList<>();
      for (int i = 1; i <= 5; i++) {
        found.add(
            Document.builder()
                .id("page-" + i)
                .text("Text of page " + i + ", secret-canary.")
                .metadata(Map.of("title", "Page " + i))
                .score(1.0 - i / 10.0)
                .build());
      }
      return found;
    }

    @Override
    public void add(List<Document> documents) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(List<String> ids) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete(Filter.Expression filter) {
      throw new UnsupportedOperationException();
    }
  }

  static class QuestionCaller {
    String run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt("Where is it?")
          .advisors(QuestionAnswerAdvisor.builder(new PgVectorStore()).build())
          .call()
          .content();
    }
  }

  static class RetrieverCaller {
    private static final DocumentRetriever RETRIEVER =
        VectorStoreDocumentRetriever.builder().vectorStore(new PgVectorStore()).build();

    RetrievalAugmentationAdvisor advisor() {
      return RetrievalAugmentationAdvisor.builder()
          .documentRetriever(RETRIEVER)
          .documentPostProcessors((query, documents) -> documents.subList(0, 3))
          .build();
    }

    String run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt("Where is it?")
          .advisors(advisor())
          .call()
          .content();
    }
  }

  static class StreamRetrieverCaller {
    String run() {
      return String.join(
          "",
          ChatClient.builder(MODEL)
              .build()
              .prompt("Where is it?")
              .advisors(new RetrieverCaller().advisor())
              .stream()
              .content()
              .collectList()
              .block());
    }
  }

  /** A tool that searches itself: nobody knows what of it is used. */
  public static class Library {
    @org.springframework.ai.tool.annotation.Tool(name = "add", description = "Searches.")
    public String add(int a, int b) {
      return new PgVectorStore()
          .similaritySearch(SearchRequest.builder().query("page").build())
          .get(0)
          .getText();
    }
  }

  static class ToolCaller {
    String run() {
      return ChatClient.builder(MODEL)
          .build()
          .prompt("Where is it?")
          .tools(new Library())
          .call()
          .content();
    }
  }

  public static void main(String[] args) throws Exception {
    System.out.println("question " + new QuestionCaller().run());
    System.out.println("retriever " + new RetrieverCaller().run());
    System.out.println("stream-retriever " + new StreamRetrieverCaller().run());
    System.out.println("tool " + new ToolCaller().run());
    System.out.println("done true");
    while (System.in.read() >= 0) {
      // The test ends the input.
    }
    System.exit(0); // Threads of the advisors go on.
  }
}
