package io.agentlog.agent.capture.async;

import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Finds the {@link AsyncType} of a method's results. */
public final class AsyncTypes {
  /**
   * Types that can be observed only by returning another object to the caller, by their
   * descriptors: one line for each.
   */
  private static final Map<String, Finder> REPLACED =
      Map.of(
          "Lreactor/core/publisher/Mono;", ReactorType::mono,
          "Lreactor/core/publisher/Flux;", ReactorType::flux);

  private AsyncTypes() {}

  /**
   * True if the caller of a method may get another object than the method returned: only if the
   * method declares exactly {@code Mono} or {@code Flux}.
   *
   * @param descriptor of the method
   */
  public static boolean mayReplace(String descriptor) {
    return REPLACED.containsKey(returned(descriptor));
  }

  /**
   * Returns the type of a method's results; null if they are always complete at its return. Loads
   * the declared type.
   *
   * @param type the class that declares the method
   */
  public static @Nullable AsyncType of(String descriptor, Class<?> type) {
    String returned = returned(descriptor);
    ClassLoader loader = type.getClassLoader();
    try {
      Finder finder = REPLACED.get(returned);
      if (finder != null) {
        return finder.find(loader);
      }
      return mayBeStage(returned, loader) ? CompletionStageType.INSTANCE : null;
    } catch (ReflectiveOperationException | LinkageError e) {
      return null; // Unknown version: the execution ends when the method returns.
    }
  }

  private static boolean mayBeStage(String returned, @Nullable ClassLoader loader) {
    if (!returned.startsWith("L")) {
      return false;
    }
    try {
      Class<?> declared =
          MethodType.fromMethodDescriptorString("()" + returned, loader).returnType();
      return CompletionStage.class.isAssignableFrom(declared)
          || !Modifier.isFinal(declared.getModifiers());
    } catch (Throwable t) { // The application's loader threw: each result is checked instead.
      return true;
    }
  }

  /** Finds a library's type among the application's classes. */
  private interface Finder {
    AsyncType find(@Nullable ClassLoader loader) throws ReflectiveOperationException;
  }

  private static String returned(String descriptor) {
    return descriptor.substring(descriptor.indexOf(')') + 1);
  }
}
