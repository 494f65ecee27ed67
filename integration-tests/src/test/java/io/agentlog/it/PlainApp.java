package io.agentlog.it;

import java.io.IOException;
import java.util.Map;

/**
 * An application that knows nothing of agentlog: a rules file says what its methods mean. What it
 * is given holds secrets, and so does what it throws.
 */
// What looks unused is read by the agent.
@SuppressWarnings({"UnusedVariable", "DoNotCallSuggester"})
final class PlainApp {
  static final String TOKEN = "abcdefSECRETtoken0123456789";
  static final String MAIL = "secret.person@example.com";
  static final String CARD = "4111 1111 1111 1111";

  static final String TEXT = "Pay with " + CARD + ", Bearer " + TOKEN + ", tell " + MAIL;

  private PlainApp() {}

  record Request(String text, String ticket, Map<String, Object> headers) {}

  record Choice(String name, double score, String why) {}

  interface Handler {
    String handle(Request request);
  }

  static final class Mailer implements Handler {
    @Override
    public String handle(Request request) {
      plan(request.text());
      choose(request.text());
      return "done";
    }

    private void plan(String text) {}

    private Choice choose(String text) {
      return new Choice("writer", 0.75, "because of " + text);
    }
  }

  static final class Failing {
    void run(String prompt) {
      throw new IllegalStateException("no answer for " + prompt);
    }
  }

  public static void main(String[] arguments) throws IOException {
    new Mailer().handle(new Request(TEXT, MAIL, Map.of("auth", "Bearer " + TOKEN, MAIL, CARD)));
    try {
      new Failing().run(TEXT);
    } catch (IllegalStateException e) {
      System.out.println("failed as it should");
    }
    System.out.println("done");
    while (System.in.read() >= 0) {
      // The test ends the input.
    }
  }
}
