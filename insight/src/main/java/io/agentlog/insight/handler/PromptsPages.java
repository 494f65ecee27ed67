package io.agentlog.insight.handler;

import io.agentlog.insight.page.Age;
import io.agentlog.insight.page.PromptPage;
import io.agentlog.insight.page.PromptsPage;
import io.agentlog.insight.page.Window;
import io.agentlog.insight.query.PromptQuery;
import io.agentlog.insight.query.RollupState;
import io.agentlog.insight.query.RollupState.Duty;
import io.agentlog.insight.query.TrendWindow;
import io.agentlog.insight.web.BadRequestException;
import io.agentlog.insight.web.Request;
import io.agentlog.sink.SinkUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

/** Prompts by their hash. */
final class PromptsPages {
  static final String PREFIX = "/prompts/";

  private static final Duration USUAL = Duration.ofDays(7);
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final TrendViews views;
  private final RollupState state;
  private final PromptQuery prompts;
  private final boolean texts;

  PromptsPages(TrendViews views, RollupState state, PromptQuery prompts, boolean texts) {
    this.views = views;
    this.state = state;
    this.prompts = prompts;
    this.texts = texts;
  }

  PromptsPage list(Request request) throws BadRequestException, SinkUnavailableException {
    Parameters parameters = new Parameters(request);
    Window days = TrendWindow.days(parameters.window(USUAL));
    Age age = state.read(Duty.PROMPTS);
    List<PromptsPage.Row> found =
        age.problem() == null
            ? prompts.list(days, parameters.text("agent"), parameters.text("project"))
            : List.of();
    List<PromptsPage.Row> shown = found;
    if (texts && !found.isEmpty()) {
      Map<UUID, String> text =
          prompts.texts(found.stream().map(PromptsPage.Row::example).toList(), false);
      shown = found.stream().map(row -> row.with(text.get(row.example()))).toList();
    }
    return new PromptsPage(
        views.view(request, "Prompts", "prompts", days, "day", age),
        views.filters(request, "/prompts", "7d"),
        days,
        age,
        shown,
        found.size() == PromptQuery.LISTED_MAX,
        texts,
        TrendViews.note(age.problem(), age.warning(), age.missing(days)));
  }

  PromptPage one(Request request) throws BadRequestException, SinkUnavailableException {
    String hash = Pages.below(request, PREFIX).toLowerCase(Locale.ROOT);
    if (!SHA256.matcher(hash).matches()) {
      throw new BadRequestException(
          "The address has no hash of a prompt: 64 hexadecimal digits, as in the column"
              + " user_prompt_sha256.");
    }
    Age age = state.read(Duty.PROMPTS);
    if (age.problem() != null) {
      throw new BadRequestException(503, age.problem());
    }
    PromptsPage.Row prompt = prompts.one(hash);
    if (prompt == null) {
      throw new BadRequestException(
          404,
          "No repeated prompt has this hash. Prompts are kept here that an agent had at least twice in"
              + " a day.");
    }
    PromptsPage.Row shown =
        texts
            ? prompt.with(prompts.texts(List.of(prompt.example()), true).get(prompt.example()))
            : prompt;
    return new PromptPage(
        views.view(request, "Prompt " + hash.substring(0, 12), "prompts", null, "day", age),
        age,
        shown,
        prompts.executions(hash),
        texts,
        age.warning());
  }
}
