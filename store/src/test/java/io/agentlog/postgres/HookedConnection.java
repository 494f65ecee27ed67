package io.agentlog.postgres;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;

/** A connection that tells a test of each statement without parameters. */
final class HookedConnection {
  private HookedConnection() {}

  /** Gets the text of a statement. */
  interface Hook {
    void run(String sql) throws Exception;
  }

  static Connection before(Connection connection, Hook hook) {
    return hooked(connection, hook, sql -> {});
  }

  static Connection after(Connection connection, Hook hook) {
    return hooked(connection, sql -> {}, hook);
  }

  private static Connection hooked(Connection connection, Hook before, Hook after) {
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          Object result = call(connection, method, arguments);
          return method.getName().equals("createStatement")
              ? hooked((Statement) result, before, after)
              : result;
        });
  }

  private static Statement hooked(Statement statement, Hook before, Hook after) {
    return proxy(
        Statement.class,
        (proxy, method, arguments) -> {
          boolean isExecute = method.getName().equals("execute");
          if (isExecute) {
            before.run((String) arguments[0]);
          }
          Object result = call(statement, method, arguments);
          if (isExecute) {
            after.run((String) arguments[0]);
          }
          return result;
        });
  }

  /** Returns an object of this type that asks the handler. */
  static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  /** Calls the method, and throws what it throws. */
  static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
