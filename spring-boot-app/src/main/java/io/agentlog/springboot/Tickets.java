package io.agentlog.springboot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.CorrelationId;
import io.agentlog.annotations.ProgressStage;
import io.agentlog.annotations.Prompt;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Answers questions. Spring makes a subclass of it and calls that, for the transaction. */
@Service
public class Tickets {
  private static final Logger LOG = LoggerFactory.getLogger(Tickets.class);

  private final JdbcTemplate database;
  private final ObjectMapper json;

  Tickets(JdbcTemplate database, ObjectMapper json) {
    this.database = database;
    this.json = json;
  }

  /** Answers a question and stores the answer. */
  @AgentExecution("tickets")
  @Transactional
  public String answer(@Prompt String question, @CorrelationId String ticket)
      throws JsonProcessingException {
    String answer = json.writeValueAsString(Map.of("answer", question.length()));
    store(ticket, answer);
    LOG.info("answered {}", ticket);
    return answer;
  }

  @ProgressStage(value = "store", percent = 80)
  void store(String ticket, String answer) {
    database.update("INSERT INTO tickets (ticket, answer) VALUES (?, ?)", ticket, answer);
  }
}
