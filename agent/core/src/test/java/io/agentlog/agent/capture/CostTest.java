package io.agentlog.agent.capture;

import static io.agentlog.agent.capture.FrameworkFixture.answer;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.agent.capture.framework.ModelCall;
import io.agentlog.agent.capture.framework.Run;
import io.agentlog.agent.prices.PriceReader;
import io.agentlog.agent.prices.Pricing;
import io.agentlog.event.Event;
import io.agentlog.event.UsageTotals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cost of calls is that of the user's file. */
class CostTest {
  @TempDir private Path folder;

  @Test
  void costIsThatOfThePriceAndAddsUp() throws Exception {
    Path file = folder.resolve("prices.json");
    Files.writeString(
        file,
        """
        {"version": "v1", "currency": "USD",
         "models": {"known": {"input": 0.002, "output": 0.01}}}
        """);
    Pricing prices = PriceReader.read(file).prices();
    List<String> asked = new ArrayList<>();
    FrameworkFixture f =
        new FrameworkFixture(
            (provider, response, request) -> {
              asked.add(provider + " " + response + " " + request);
              return prices.of(provider, response, request);
            });
    Run run = f.begun("a");
    f.callModel("known", 100, 10);
    f.callModel("unknown", 100, 10);
    f.model("known").end(null, new IllegalStateException()); // No tokens: nothing to price.
    ModelCall wrapper = f.model("known");
    f.callModel("known", 1, 1);
    wrapper.end(answer(1, 1), null);
    run.end(null, Map.of());

    assertThat(asked)
        .containsExactly("maker fake-1 known", "maker fake-1 unknown", "maker fake-1 known");
    List<Event.ModelCall> calls = f.events(Event.ModelCall.class);
    assertThat(calls)
        .extracting(call -> call.values().costNanos())
        .containsExactly(300L, null, null, 12L, null);
    assertThat(calls.get(0).values().currency()).isEqualTo("USD");
    assertThat(calls.get(0).values().priceVersion()).isEqualTo("v1");
    assertThat(calls.get(1).values().priceVersion()).isNull();
    UsageTotals totals = f.event(Event.Completed.class, "a").totals();
    assertThat(totals.costNanos()).isEqualTo(312);
    assertThat(totals.currency()).isEqualTo("USD");
    assertThat(totals.modelCalls()).isEqualTo(4);
  }
}
