package io.agentlog.it;

import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.catalina.Host;
import org.apache.catalina.core.StandardContext;
import org.apache.catalina.startup.Tomcat;

/**
 * A Tomcat that deploys the same web application again and again, has it answer a request, and
 * takes it out; see {@link RedeployIT}. Says what Tomcat complains of, and when no class loader of
 * a deployment is left. Arguments: the servlet's class, and the folder of the application.
 */
final class TomcatApp {
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(60);
  private static final long PAUSE_MILLIS = 50;

  private TomcatApp() {}

  public static void main(String[] arguments) throws Exception {
    Logger log = Logger.getLogger("org.apache");
    log.setUseParentHandlers(false);
    log.addHandler(new Complaints());
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("tomcat").toString());
    tomcat.setPort(0);
    tomcat.getConnector();
    tomcat.getHost();
    tomcat.start();
    String address = "http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/app/";
    HttpClient client = HttpClient.newHttpClient();
    List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
    for (int i = 0; i < RedeployApp.DEPLOYMENTS; i++) {
      StandardContext context = deploy(tomcat.getHost(), arguments[0], arguments[1]);
      loaders.add(new WeakReference<>(context.getLoader().getClassLoader()));
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(address)).build(),
              HttpResponse.BodyHandlers.ofString());
      HandOnApp.check(response.body().equals("ok"), "answered: " + response);
      tomcat.getHost().removeChild(context);
      context.destroy();
    }
    System.out.println("deployed " + loaders.size());
    long deadline = System.nanoTime() + WAIT_NANOS;
    while (left(loaders) > 0 && System.nanoTime() - deadline < 0) {
      System.gc();
      Thread.sleep(PAUSE_MILLIS);
    }
    System.out.println("left " + left(loaders));
    tomcat.stop();
  }

  @SuppressWarnings("deprecation") // In the newest; the oldest has no other way.
  private static StandardContext deploy(Host host, String servlet, String folder) {
    StandardContext context = new StandardContext();
    context.setPath("/app");
    context.setName("/app");
    context.setDocBase(folder);
    context.addLifecycleListener(new Tomcat.FixContextListener());
    Tomcat.addServlet(context, "servlet", servlet);
    context.addServletMappingDecoded("/", "servlet");
    host.addChild(context); // Which starts it.
    return context;
  }

  private static long left(List<WeakReference<ClassLoader>> loaders) {
    return loaders.stream().filter(loader -> loader.get() != null).count();
  }

  /** Prints what Tomcat thinks somebody should know: leaks that it finds, among others. */
  private static final class Complaints extends Handler {
    @Override
    public void publish(LogRecord entry) {
      if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
        System.out.println("tomcat: " + entry.getMessage());
      }
    }

    @Override
    public void flush() {
      // Nothing is kept.
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }
}
