package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;

/**
 * An application in a Tomcat, of the javax or the jakarta kind by its argument; see {@link
 * SurroundingsIT}.
 */
@SuppressWarnings("UnusedVariable") // Read by the agent.
public final class ServletApp {
  private ServletApp() {}

  /** Before the names changed. */
  public static final class Javax extends javax.servlet.http.HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(
        javax.servlet.http.HttpServletRequest request,
        javax.servlet.http.HttpServletResponse response)
        throws IOException {
      handle(request);
      response.getWriter().print("ok");
    }

    @AgentExecution("request")
    private void handle(javax.servlet.ServletRequest request) {}
  }

  /** After that. */
  public static final class Jakarta extends jakarta.servlet.http.HttpServlet {
    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(
        jakarta.servlet.http.HttpServletRequest request,
        jakarta.servlet.http.HttpServletResponse response)
        throws IOException {
      handle(request);
      response.getWriter().print("ok");
    }

    @AgentExecution("request")
    private void handle(jakarta.servlet.http.HttpServletRequest request) {}
  }

  @SuppressWarnings("deprecation") // In the newest; the oldest has no other way.
  public static void main(String[] args) throws Exception {
    java.util.logging.Logger.getLogger("org.apache").setLevel(java.util.logging.Level.OFF);
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    tomcat.setPort(0);
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "servlet", ServletApp.class.getName() + "$" + args[0]);
    context.addServletMappingDecoded("/", "servlet");
    tomcat.getConnector();
    tomcat.start();
    int port = tomcat.getConnector().getLocalPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
            .header("x-correlation-id", "of-the-request")
            .header("TraceParent", SurroundingsApp.TRACE_PARENT)
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    HandOnApp.check(response.body().equals("ok"), "answered: " + response);
    System.out.println("done");
    tomcat.stop();
  }
}
