package io.agentlog.agent.capture.async;

import java.lang.invoke.MethodType;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Which {@link AsyncType} a method's results may be of. */
public final class AsyncTypes {
  private static final String MONO = "Lreactor/core/publisher/Mono;";
  private static final String FLUX = "Lreactor/core/publisher/Flux;";

  /** Types that are observed by handing on another object in their place. */
  private static final Set<String> REPLACED = Set.of(MONO, FLUX);

  private AsyncTypes() {}

  /**
   * True if the caller of such a method may get another object than the method returned. Only where
   * exactly the type is declared for which there is one.
   *
   * @param descriptor of a method
   */
  public static boolean mayReplace(String descriptor) {
    return REPLACED.contains(returned(descriptor));
  }

  /**
   * The type of a method's results, or null if they are always complete when it returns. Loads the
   * type that it declares.
   *
   * @param type the class that declares the method
   */
  public static @Nullable AsyncType of(String descriptor, Class<?> type) {
    String returned = returned(descriptor);
    ClassLoader loader = type.getClassLoader();
    try {
      return switch (returned) {
        case MONO -> ReactorType.mono(loader);
        case FLUX -> ReactorType.flux(loader);
        default -> mayBeStage(returned, loader) ? CompletionStageType.INSTANCE : null;
      };
    } catch (ReflectiveOperationException | LinkageError e) {
      return null; // A version that we don't know: the execution ends when the method returns.
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
    } catch (Throwable t) { // Of the application's loader; what is returned will tell.
      return true;
    }
  }

  private static String returned(String descriptor) {
    return descriptor.substring(descriptor.indexOf(')') + 1);
  }
}
