package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import io.agentlog.annotations.ProgressStage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.MethodInterceptor;

/** An application whose classes are called through proxies; see {@link ProxyIT}. */
public final class ProxyApp {
  private static final String FAILS = "fails";
  private static final String CANCELLED = "cancelled";

  private ProxyApp() {}

  /** What callers know. */
  public interface Route {
    @AgentExecution("behind-jdk-proxy")
    String route(String prompt);

    @AgentExecution("jdk-proxy-later")
    CompletableFuture<String> later(String prompt);
  }

  /** Implements it. */
  public static class Router implements Route {
    @Override
    public String route(String prompt) {
      return prompt(prompt);
    }

    @Override
    public CompletableFuture<String> later(String prompt) {
      return CompletableFuture.supplyAsync(() -> stage(prompt));
    }

    @ProgressStage("elsewhere")
    String stage(String prompt) {
      return prompt(prompt);
    }
  }

  /** Only a proxy implements it, as a generated client does. */
  public interface Client {
    @AgentExecution("proxy-alone")
    String ask(String prompt);
  }

  /** Has no interface. */
  public static class Service {
    @AgentExecution("behind-cglib")
    public String serve(String prompt) {
      return prompt(prompt);
    }

    @AgentExecution("cglib-later")
    public CompletableFuture<String> later(String prompt) {
      return CompletableFuture.supplyAsync(() -> stage(prompt));
    }

    @ProgressStage("elsewhere")
    public String stage(String prompt) {
      return prompt(prompt);
    }
  }

  public static void main(String[] args) throws Exception {
    Route target = new Router();
    Route proxy =
        (Route)
            Proxy.newProxyInstance(
                ProxyApp.class.getClassLoader(),
                new Class<?>[] {Route.class},
                (self, method, arguments) -> {
                  try {
                    return method.invoke(target, arguments);
                  } catch (InvocationTargetException e) {
                    throw e.getCause();
                  }
                });
    check(proxy.route("jdk").equals("jdk"));
    outcomes(proxy::route, proxy::later);

    Enhancer enhancer = new Enhancer();
    enhancer.setSuperclass(Service.class);
    MethodInterceptor interceptor =
        (self, method, arguments, superMethod) -> superMethod.invokeSuper(self, arguments);
    enhancer.setCallback(interceptor);
    Service service = (Service) enhancer.create();
    check(service.getClass() != Service.class);
    check(service.serve("cglib").equals("cglib"));
    outcomes(service::serve, service::later);

    Client client =
        (Client)
            Proxy.newProxyInstance(
                ProxyApp.class.getClassLoader(),
                new Class<?>[] {Client.class},
                (self, method, arguments) -> new Service().stage((String) arguments[0]));
    check(client.ask("client").equals("client"));
    System.out.println("done");
  }

  /** Fails, is cancelled, and reports a stage on another thread. */
  private static void outcomes(
      UnaryOperator<String> atOnce, Function<String, CompletableFuture<String>> later) {
    try {
      throw new AssertionError("did not throw: " + atOnce.apply(FAILS));
    } catch (IllegalStateException expected) {
      check(expected.getMessage().equals(FAILS));
    }
    try {
      throw new AssertionError("did not throw: " + atOnce.apply(CANCELLED));
    } catch (CancellationException expected) {
      check(expected.getMessage().equals(CANCELLED));
    }
    check(later.apply("later").join().equals("later"));
  }

  private static String prompt(String prompt) {
    if (prompt.equals(FAILS)) {
      throw new IllegalStateException(prompt);
    } else if (prompt.equals(CANCELLED)) {
      throw new CancellationException(prompt);
    }
    return prompt;
  }

  private static void check(boolean condition) {
    if (!condition) {
      throw new AssertionError("the application sees another result");
    }
  }
}
