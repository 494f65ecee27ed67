package io.agentlog.insight.live;

import io.agentlog.insight.page.LivePage;
import io.agentlog.insight.page.View;
import io.agentlog.insight.query.LiveQuery;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which of the executions a viewer sees.
 *
 * @param agent its name; null for all
 */
record LiveView(@Nullable String agent) {
  /** Executions that a page lists. */
  static final int LISTED_MAX = 200;

  static final String STREAM = "/live/stream";

  LivePage page(View view, LiveData data) {
    Predicate<String> isShown = name -> agent == null || agent.equals(name);
    List<LivePage.Running> running =
        data.running().stream().filter(run -> isShown.test(run.agent())).toList();
    List<LivePage.Ended> ended =
        data.ended().stream().filter(end -> isShown.test(end.agent())).toList();
    boolean more = running.size() > LISTED_MAX || data.running().size() > LiveQuery.RUNNING_MAX;
    return new LivePage(
        view,
        data.at(),
        running.stream().limit(LISTED_MAX).toList(),
        more,
        ended.stream().limit(LISTED_MAX).toList(),
        data.figures(),
        data.firing(),
        data.note(),
        stream());
  }

  private String stream() {
    return agent == null
        ? STREAM
        : STREAM + "?agent=" + URLEncoder.encode(agent, StandardCharsets.UTF_8);
  }
}
