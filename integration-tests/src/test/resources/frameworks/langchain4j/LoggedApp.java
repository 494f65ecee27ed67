package app;

import dev.langchain4j.agentic.Agent;
import dev.langchain4j.agentic.AgenticServices;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import org.slf4j.MDC;

/** An application that says in its log for whom it works. */
public final class LoggedApp {
  interface Plain {
    String chat(String text);
  }

  public interface Writer {
    @UserMessage("Write about {{topic}}")
    @Agent(outputKey = "text")
    String write(@V("topic") String topic);
  }

  public interface Team {
    @Agent
    Object create(@V("topic") String topic);
  }

  private LoggedApp() {}

  public static void main(String[] args) throws Exception {
    MDC.put("correlation_id", "0b7d6f0e-2f0a-4a57-9a4b-0a8b36a1c002");
    MDC.put("trace_id", "0123456789abcdef0123456789abcdef");
    MDC.put("span_id", "0123456789abcdef");
    Plain plain = AiServices.create(Plain.class, new Fakes.Model());
    System.out.println(plain.chat("logged"));
    Writer writer = AgenticServices.agentBuilder(Writer.class).chatModel(new Fakes.Model()).build();
    Team team =
        AgenticServices.sequenceBuilder(Team.class).subAgents(writer).outputKey("text").build();
    System.out.println(team.create("logs"));
    System.out.println("done");
    System.in.read();
  }
}
