package io.agentlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentlog.backends.Backends;
import io.agentlog.backends.Postgres;
import io.agentlog.it.support.Libraries;
import io.agentlog.it.support.Rows;
import java.io.File;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: agents of LangChain4j are recorded with nothing but the jar, with their models' calls,
 * tools and tokens, and answer as without it. Method: applications that know nothing of agentlog,
 * with models that need no network, in the oldest and the newest version, against what is in the
 * database.
 */
class LangChain4jIT extends LangChain4jFixture {
  @ParameterizedTest
  @ValueSource(strings = {"langchain4j-oldest", "langchain4j-newest"})
  void servicesAreRecorded(String version) throws IOException {
    String classPath = compile(version, "Fakes.java", "ServicesApp.java");
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> answers = answers(classPath, "app.ServicesApp", database, 16);
      assertThat(runs(database))
          .containsExactly(
              "assistant ai_service success, 2 models 1 tools 32 in 12 out: use tool add please",
              "assistant ai_service success, 2 models 1 tools 32 in 12 out: use tool fails please",
              "plain ai_service success, 1 models 0 tools 3 in 2 out: hello",
              "plain ai_service failed ModelFailure, 1 models 0 tools ? in ? out: the model fails",
              "plain ai_service failed StackOverflowError, 1 models 0 tools ? in ? out:"
                  + " the model overflows",
              "plain ai_service success, 2 models 1 tools 32 in 12 out: use tool asks please",
              "plain ai_service success in plain, 1 models 0 tools 3 in 2 out: inner question",
              "plain ai_service success, 1 models 0 tools 3 in 2 out: decorated hello",
              "assistant ai_service failed IllegalStateException, nothing used: null",
              "correlated ai_service success, 1 models 0 tools 3 in 2 out: correlated hello",
              "guarded ai_service success, 1 models 0 tools 3 in 2 out: polite hello",
              "guarded ai_service failed InputGuardrailException, nothing used: rude hello",
              "streamer ai_service success, 1 models 0 tools 3 in 2 out: stream hello",
              "streamer ai_service success, 2 models 1 tools 32 in 12 out: stream tool add please",
              "streamer ai_service failed ModelFailure, 1 models 0 tools ? in ? out:"
                  + " stream: the model fails",
              "streamer ai_service failed ModelFailure, 1 models 0 tools ? in ? out:"
                  + " ignored: the model fails");
      assertThat(stages(database, "use tool add please"))
          .isEqualTo("model:fake-1 tool:add tool:add model:fake-1");
      assertThat(stages(database, "use tool fails please"))
          .isEqualTo(
              "model:fake-1 tool:fails tool:fails(java.lang.IllegalStateException) model:fake-1");
      assertThat(stages(database, "stream tool add please"))
          .isEqualTo("model:fake-1 tool:add tool:add model:fake-1");
      assertThat(stages(database, "decorated hello")).isEqualTo("model:Decorator model:fake-1");
      assertThat(stages(database, "polite hello")).isEqualTo("guardrail:Polite model:fake-1");
      assertThat(stages(database, "rude hello")).startsWith("guardrail:Polite");
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_execution_logs WHERE user_prompt = ?"
                      + " AND correlation_id = '0b7d6f0e-2f0a-4a57-9a4b-0a8b36a1c001'",
                  "correlated hello"))
          .isOne();
      assertThat(
              Rows.count(
                  database,
                  "SELECT count(*) FROM agent_execution_logs WHERE user_prompt = ?"
                      + " AND metadata ->> 'session_id_raw' = 'session-7'",
                  "use tool add please"))
          .isOne();
      assertTotalsEqualCalls(database);
      assertThat(answers).isEqualTo(answersWithoutAgent(classPath, "app.ServicesApp"));
    }
  }

  @Test
  void streamsThatEndOtherwiseAreRecorded() throws IOException {
    String classPath =
        compile("langchain4j-newest", "Fakes.java", "ServicesApp.java", "StreamsApp.java");
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> answers = answers(classPath, "app.StreamsApp", database, 8);
      assertThat(runs(database))
          .containsExactly(
              "streamer ai_service cancelled CancellationException, 1 models 0 tools ? in ? out:"
                  + " until cancelled",
              "streamer ai_service cancelled CancellationException, 1 models 0 tools ? in ? out:"
                  + " around until cancelled",
              "streamer ai_service success, 2 models 1 tools 32 in 12 out: at once tool add please",
              "streamer ai_service failed ModelFailure, 1 models 0 tools ? in ? out:"
                  + " the model fails at once",
              "streamer ai_service failed IllegalConfigurationException, nothing used:"
                  + " not configured",
              // A model that calls back before it returns, and a handler that asks another one.
              "streamer ai_service success, 2 models 0 tools 6 in 4 out: asks another",
              "streamer ai_service success, 1 models 0 tools 3 in 2 out: guarded",
              "plain ai_service success in streamer, 1 models 0 tools 3 in 2 out: is it polite?");
      assertTotalsEqualCalls(database);
      assertThat(answers).isEqualTo(answersWithoutAgent(classPath, "app.StreamsApp"));
    }
  }

  @Test
  void handlersHandlesAndAnswersAreTheApplicationsOwn() throws IOException {
    String classPath = compile("langchain4j-newest", "Fakes.java", "CallbacksApp.java");
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> answers =
          answers(
              classPath,
              "app.CallbacksApp",
              database,
              9,
              "agentlog.agents.disabled",
              "muted",
              "agentlog.traceability",
              "true");
      assertThat(runs(database))
          .containsExactly(
              "streamer ai_service failed IOException, 1 models 0 tools ? in ? out: own exception",
              "streamer ai_service success, 2 models 1 tools 32 in 12 out:"
                  + " cancelled too late: tool act please",
              "streamer ai_service success, 3 models 1 tools 32 in 12 out:"
                  + " around a muted one: tool act please",
              "streamer ai_service success, 1 models 0 tools 3 in 2 out: registered",
              "plain ai_service success, 1 models 0 tools 3 in 2 out: passed on",
              "plain ai_service success, 1 models 0 tools 3 in 2 out: retrieved",
              "plain ai_service success in plain, 1 models 0 tools 3 in 2 out:"
                  + " asked while retrieving",
              "plain ai_service success, 3 models 0 tools 9 in 6 out: judged",
              "streamer ai_service success, 1 models 0 tools 3 in 2 out: deployed");
      assertThat(
              Rows.of(
                  database,
                  "SELECT e.user_prompt, count(*) FROM agent_intelligence_usage u"
                      + " JOIN agent_execution_logs e USING (execution_id)"
                      + " GROUP BY e.user_prompt ORDER BY e.user_prompt"))
          .extracting(row -> row.values().toString())
          .containsExactly("[asked while retrieving, 2]", "[retrieved, 1]");
      assertTotalsEqualCalls(database);
      assertThat(answers).isEqualTo(answersWithoutAgent(classPath, "app.CallbacksApp"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"langchain4j-agentic-oldest", "langchain4j-newest"})
  void systemsOfAgentsAreRecorded(String version) throws IOException {
    String classPath = compile(version, "Fakes.java", "AgenticApp.java");
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> answers = answers(classPath, "app.AgenticApp", database, 19);
      List<String> runs = runs(database);
      assertThat(runs.subList(0, 10))
          .containsExactly(
              "create agent success, nothing used: dragons",
              "write agent success in create, 1 models 0 tools 3 in 2 out: Write about dragons",
              "edit agent success in create, 1 models 0 tools 3 in 2 out:"
                  + " Edit heard Write about dragons",
              "count agent success in create, nothing used:"
                  + " heard Edit heard Write about dragons",
              "create agent success, nothing used: trolls",
              "draft agent success in create, nothing used: trolls",
              "write agent success in draft, 1 models 0 tools 3 in 2 out: Write about trolls",
              "edit agent success in create, 1 models 0 tools 3 in 2 out:"
                  + " Edit heard Write about trolls",
              "create agent failed AgentInvocationException, nothing used: how the model fails",
              "write agent failed ModelFailure in create, 1 models 0 tools ? in ? out:"
                  + " Write about how the model fails");
      assertThat(runs.get(10)).startsWith("Parallel agent success, nothing used: both");
      assertThat(runs.subList(11, 13)) // At once.
          .containsExactlyInAnyOrder(
              "left agent success in Parallel, nothing used: both",
              "right agent success in Parallel, nothing used: both");
      assertThat(runs.subList(13, 16))
          .containsExactly(
              "Sequential agent success, nothing used: again",
              "tryIt agent failed IllegalStateException in Sequential, nothing used: again",
              "tryIt agent success in Sequential, nothing used: again");
      assertThat(runs.get(16))
          .matches(
              "(write agent|writer ai_service) success, 1 models 0 tools 3 in 2 out:"
                  + " Write about solitude");
      assertThat(runs.subList(17, 19))
          .containsExactly(
              "Sequential agent success, nothing used: plugs",
              "plugged agent success in Sequential, 1 models 0 tools 3 in 2 out:"
                  + " Write about plugs");
      assertThat(
              Rows.count(
                  database,
                  "SELECT u.input_tokens FROM v_agentlog_tree_usage u"
                      + " JOIN agent_execution_logs e ON e.execution_id = u.root_execution_id"
                      + " WHERE e.user_prompt = 'dragons'"))
          .isEqualTo(6);
      assertTotalsEqualCalls(database);
      assertThat(answers).isEqualTo(answersWithoutAgent(classPath, "app.AgenticApp"));
    }
  }

  @Test
  void correlationAndSpanAreThoseOfTheLog() throws IOException {
    String classPath =
        compile("langchain4j-newest", "Fakes.java", "LoggedApp.java")
            + File.pathSeparator
            + Libraries.classPath("logback-newest");
    try (Postgres database = Backends.postgres().newDatabase()) {
      answers(classPath, "app.LoggedApp", database, 3);
      assertThat(
              Rows.of(
                  database,
                  "SELECT agent_name, correlation_id::text, trace_id, span_id"
                      + " FROM agent_execution_logs ORDER BY started_at"))
          .extracting(row -> row.values().toString())
          .containsExactly(
              "[plain, 0b7d6f0e-2f0a-4a57-9a4b-0a8b36a1c002, 0123456789abcdef0123456789abcdef,"
                  + " 0123456789abcdef]",
              "[create, 0b7d6f0e-2f0a-4a57-9a4b-0a8b36a1c002, 0123456789abcdef0123456789abcdef,"
                  + " 0123456789abcdef]",
              "[write, 0b7d6f0e-2f0a-4a57-9a4b-0a8b36a1c002, 0123456789abcdef0123456789abcdef,"
                  + " 0123456789abcdef]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"langchain4j-oldest", "langchain4j-newest"})
  void retrievedKnowledgeIsRecorded(String version) throws IOException {
    String classPath = compile(version, "Fakes.java", "KnowledgeApp.java");
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> answers =
          answers(classPath, "app.KnowledgeApp", database, 4, "agentlog.traceability", "true");
      assertThat(
              Rows.of(
                  database,
                  "SELECT e.user_prompt, u.intelligence_name AS name, u.intelligence_source AS"
                      + " source, u.query_results_rank AS rank, u.was_applied AS applied,"
                      + " u.confidence_score IS NOT NULL AS scored,"
                      + " u.intelligence_id IS NOT NULL AS known FROM agent_intelligence_usage u"
                      + " JOIN agent_execution_logs e USING (execution_id)"
                      + " ORDER BY e.started_at, u.seq"))
          .extracting(row -> row.values().toString())
          .containsExactly(
              "[what is known?, facts-1.txt, inmemory, 1, true, true, true]",
              "[what is known?, facts-2.txt, inmemory, 2, true, true, true]",
              "[what is known?, facts-3.txt, inmemory, 3, true, true, true]",
              "[what is known?, facts-4.txt, inmemory, 4, false, true, true]",
              "[what is known?, facts-5.txt, inmemory, 5, false, true, true]",
              "[use tool search please, facts-1.txt, inmemory, 1, null, true, true]",
              "[use tool search please, facts-2.txt, inmemory, 2, null, true, true]",
              "[what streams?, facts-1.txt, inmemory, 1, true, true, true]",
              "[what streams?, facts-2.txt, inmemory, 2, true, true, true]",
              "[what streams?, facts-3.txt, inmemory, 3, true, true, true]",
              "[what streams?, facts-4.txt, inmemory, 4, false, true, true]",
              "[what streams?, facts-5.txt, inmemory, 5, false, true, true]",
              "[what is never started?, facts-1.txt, inmemory, 1, true, true, true]",
              "[what is never started?, facts-2.txt, inmemory, 2, true, true, true]",
              "[what is never started?, facts-3.txt, inmemory, 3, true, true, true]",
              "[what is never started?, facts-4.txt, inmemory, 4, false, true, true]",
              "[what is never started?, facts-5.txt, inmemory, 5, false, true, true]");
      assertThat(runs(database))
          .last()
          .isEqualTo(
              "streaming-reader ai_service cancelled CancellationException, nothing used:"
                  + " what is never started?");
      assertThat(answers).isEqualTo(answersWithoutAgent(classPath, "app.KnowledgeApp"));
    }
  }

  /** All tokens of the input are input, whatever the provider calls so. */
  @Test
  void tokensOfProvidersAreMadeTheSame() throws IOException {
    String classPath = compile("langchain4j-newest", "UsageApp.java");
    try (Postgres database = Backends.postgres().newDatabase()) {
      List<String> answers = answers(classPath, "app.UsageApp", database, 9);
      assertThat(
              Rows.of(
                  database,
                  "SELECT e.user_prompt, m.input_tokens, m.output_tokens, m.cache_read_tokens,"
                      + " m.cache_write_tokens, m.reasoning_tokens, length(m.response_model)"
                      + " FROM agent_model_calls m JOIN agent_execution_logs e USING"
                      + " (execution_id) ORDER BY e.started_at"))
          .extracting(row -> row.values().toString())
          .containsExactly(
              "[openai, 100, 50, 40, null, 20, 6]",
              "[anthropic, 170, 50, 40, 30, null, 6]",
              "[bedrock, 170, 50, 40, 30, null, 6]",
              "[gemini, 100, 70, 40, null, 20, 6]",
              "[gemini, thoughts within, 100, 50, 40, null, 20, 6]",
              "[nothing, null, null, null, null, null, 6]",
              "[negative, null, 7, null, null, null, 6]",
              "[absurd, 2147483647, 7, null, null, null, 6]",
              "[long name, 1, 2, null, null, null, 200]");
      assertTotalsEqualCalls(database);
      assertThat(answers).isEqualTo(answersWithoutAgent(classPath, "app.UsageApp"));
    }
  }
}
