package app;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.rag.DefaultRetrievalAugmentor;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** An application that looks things up before it answers. */
public final class KnowledgeApp {
  interface Reader {
    String ask(@UserMessage String question);
  }

  interface StreamingReader {
    TokenStream ask(@UserMessage String question);
  }

  /** The nearer the number in a text is to 0, the better it fits any question. */
  static final class Numbers implements EmbeddingModel {
    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      return Response.from(segments.stream().map(each -> embedding(each.text())).toList());
    }

    private static Embedding embedding(String text) {
      String digits = text.replaceAll("\\D", "");
      return Embedding.from(new float[] {1, digits.isEmpty() ? 0 : Integer.parseInt(digits) / 10f});
    }
  }

  /** A tool that searches by itself. */
  static final class Search {
    private final InMemoryEmbeddingStore<TextSegment> store;

    Search(InMemoryEmbeddingStore<TextSegment> store) {
      this.store = store;
    }

    @dev.langchain4j.agent.tool.Tool
    String search(int a, int b) {
      return store
          .search(
              EmbeddingSearchRequest.builder()
                  .queryEmbedding(Numbers.embedding("what"))
                  .maxResults(2)
                  .build())
          .matches()
          .get(0)
          .embedded()
          .text();
    }
  }

  private KnowledgeApp() {}

  public static void main(String[] args) throws Exception {
    Numbers model = new Numbers();
    InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
    for (int i = 1; i <= 8; i++) {
      TextSegment segment =
          TextSegment.from("fact " + i, Metadata.from("file_name", "facts-" + i + ".txt"));
      store.add("id-" + i, model.embed(segment).content(), segment);
    }
    EmbeddingStoreContentRetriever retriever =
        EmbeddingStoreContentRetriever.builder()
            .embeddingStore(store)
            .embeddingModel(model)
            .maxResults(5)
            .build();
    DefaultRetrievalAugmentor augmentor =
        DefaultRetrievalAugmentor.builder()
            .contentRetriever(retriever)
            .contentAggregator(
                found -> found.values().iterator().next().iterator().next().subList(0, 3))
            .build();
    Reader reader =
        AiServices.builder(Reader.class)
            .chatModel(new Fakes.Model())
            .retrievalAugmentor(augmentor)
            .build();
    say("augmented", reader.ask("what is known?").length() + "");

    Reader searcher =
        AiServices.builder(Reader.class)
            .chatModel(new Fakes.Model())
            .tools(new Search(store))
            .build();
    say("searched", searcher.ask("use tool search please"));

    StreamingReader streamer =
        AiServices.builder(StreamingReader.class)
            .streamingChatModel(new Fakes.Streaming())
            .retrievalAugmentor(augmentor)
            .build();
    CountDownLatch end = new CountDownLatch(1);
    streamer
        .ask("what streams?")
        .onPartialResponse(word -> {})
        .onCompleteResponse(response -> end.countDown())
        .onError(error -> end.countDown())
        .start();
    end.await();
    streamer.ask("what is never started?");
    System.gc();
    say("outside", retriever.retrieve(Query.from("nobody asks")).size() + "");
    System.out.println("done");
    System.in.read();
  }

  private static void say(String name, String answer) {
    System.out.println(name + " -> " + answer);
  }
}
