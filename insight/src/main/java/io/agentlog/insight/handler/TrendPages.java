package io.agentlog.insight.handler;

import io.agentlog.insight.page.ChartFiles;
import io.agentlog.insight.query.AssessmentQuery;
import io.agentlog.insight.query.Database;
import io.agentlog.insight.query.DecisionQuery;
import io.agentlog.insight.query.ErrorQuery;
import io.agentlog.insight.query.ModelCallQuery;
import io.agentlog.insight.query.PromptQuery;
import io.agentlog.insight.query.QualityQuery;
import io.agentlog.insight.query.RollupState;
import io.agentlog.insight.query.TraceQuery;
import io.agentlog.insight.query.TrendQuery;
import io.agentlog.insight.web.WebServer;

/** The pages over the tables of the trends. */
public final class TrendPages {
  private final Pages pages;
  private final AgentsPages agents;
  private final AgentPages agent;
  private final RoutingPages routing;
  private final ErrorsPages errors;
  private final PromptsPages prompts;
  private final QualityPages quality;

  /**
   * @param texts whether prompts, reasonings and error messages are shown
   */
  public TrendPages(Pages pages, Database database, String basePath, boolean texts) {
    this.pages = pages;
    TrendViews views = new TrendViews(pages, basePath);
    RollupState state = new RollupState(database);
    TrendQuery trends = new TrendQuery(database);
    this.agents = new AgentsPages(views, state, trends);
    ChartFiles charts =
        new ChartFiles(
            pages.asset("uPlot.min.css"),
            pages.asset("uPlot.iife.min.js"),
            pages.asset("charts.js"));
    this.agent =
        new AgentPages(
            views,
            state,
            trends,
            new ModelCallQuery(database, texts),
            new TraceQuery(database, texts),
            charts);
    this.routing = new RoutingPages(views, state, new DecisionQuery(database, texts));
    this.errors = new ErrorsPages(views, state, new ErrorQuery(database), texts);
    this.prompts = new PromptsPages(views, state, new PromptQuery(database), texts);
    this.quality =
        new QualityPages(
            views, state, trends, new QualityQuery(database), new AssessmentQuery(database));
  }

  /** Adds them to the server. */
  public void add(WebServer server) {
    pages.add(server, "/agents", "agents.jte", agents::list);
    pages.add(server, AgentPages.PREFIX, "agent.jte", agent::page);
    pages.add(server, "/routing", "routing.jte", routing::page);
    pages.add(server, "/quality", "quality.jte", quality::page);
    pages.add(server, "/errors", "errors.jte", errors::page);
    pages.add(server, "/prompts", "prompts.jte", prompts::list);
    pages.add(server, PromptsPages.PREFIX, "prompt.jte", prompts::one);
  }
}
