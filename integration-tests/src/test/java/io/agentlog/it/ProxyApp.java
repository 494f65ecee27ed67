package io.agentlog.it;

import io.agentlog.annotations.AgentExecution;
import java.lang.reflect.Proxy;
import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.MethodInterceptor;

/** An application whose classes are called through proxies; see {@link ProxyIT}. */
public final class ProxyApp {
  private ProxyApp() {}

  /** What callers know. */
  public interface Route {
    @AgentExecution("behind-jdk-proxy")
    String route(String prompt);
  }

  /** Implements it. */
  public static class Router implements Route {
    @Override
    public String route(String prompt) {
      return prompt;
    }
  }

  /** Has no interface. */
  public static class Service {
    @AgentExecution("behind-cglib")
    public String serve(String prompt) {
      return prompt;
    }
  }

  public static void main(String[] args) throws Exception {
    Route target = new Router();
    Route proxy =
        (Route)
            Proxy.newProxyInstance(
                ProxyApp.class.getClassLoader(),
                new Class<?>[] {Route.class},
                (self, method, arguments) -> method.invoke(target, arguments));
    check(proxy.route("jdk").equals("jdk"));

    Enhancer enhancer = new Enhancer();
    enhancer.setSuperclass(Service.class);
    MethodInterceptor interceptor =
        (self, method, arguments, superMethod) -> superMethod.invokeSuper(self, arguments);
    enhancer.setCallback(interceptor);
    Service service = (Service) enhancer.create();
    check(service.getClass() != Service.class);
    check(service.serve("cglib").equals("cglib"));
    System.out.println("done");
  }

  private static void check(boolean condition) {
    if (!condition) {
      throw new AssertionError("the application sees another result");
    }
  }
}
