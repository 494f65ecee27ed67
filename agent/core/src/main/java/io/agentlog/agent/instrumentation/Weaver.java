package io.agentlog.agent.instrumentation;

import static net.bytebuddy.matcher.ElementMatchers.named;

import io.agentlog.agent.capture.MethodSpec;
import io.agentlog.agent.capture.async.AsyncTypes;
import java.util.List;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.asm.AsmVisitorWrapper;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.MethodGraph;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.matcher.ElementMatchers;
import net.bytebuddy.pool.TypePool;

/**
 * Rewrites class files. Touched for the first time when the first class matches, since loading Byte
 * Buddy costs more than all the rest of a start. Adds no field, method or interface, so that a
 * class that is loaded can be rewritten too and other agents are not disturbed. Thread-safe.
 */
final class Weaver {
  private static final String FACADE = "io.agentlog.annotations.CurrentExecution";

  private final ClassFileLocator adviceLocator =
      ClassFileLocator.ForClassLoader.of(Weaver.class.getClassLoader());
  private final ByteBuddy byteBuddy =
      new ByteBuddy()
          .with(TypeValidation.DISABLED)
          .with(MethodGraph.Compiler.ForDeclaredMethods.INSTANCE)
          .with(Implementation.Context.Disabled.Factory.INSTANCE);

  /**
   * Weaves methods of a class.
   *
   * @param planIndexes one for each of the specs
   * @return the new class file
   */
  byte[] weave(
      ClassLoader loader, String typeName, byte[] file, List<MethodSpec> specs, int[] planIndexes) {
    AsmVisitorWrapper.ForDeclaredMethods methods = new AsmVisitorWrapper.ForDeclaredMethods();
    for (int i = 0; i < specs.size(); i++) {
      MethodSpec spec = specs.get(i);
      methods = methods.invokable(signatureOf(spec), advice(spec, planIndexes[i]));
    }
    return rewritten(loader, typeName, file, methods);
  }

  /** Weaves {@code CurrentExecution}. */
  byte[] weaveFacade(ClassLoader loader, byte[] file) {
    AsmVisitorWrapper.ForDeclaredMethods methods =
        new AsmVisitorWrapper.ForDeclaredMethods()
            .invokable(named("executionId"), advice(FacadeAdvice.ExecutionId.class))
            .invokable(named("correlationId"), advice(FacadeAdvice.CorrelationId.class))
            .invokable(named("metadata"), advice(FacadeAdvice.Metadata.class))
            .invokable(named("progress"), advice(FacadeAdvice.Progress.class))
            .invokable(named("quality"), advice(FacadeAdvice.Quality.class));
    return rewritten(loader, FACADE, file, methods);
  }

  private Advice advice(MethodSpec spec, int planIndex) {
    Class<?> enter =
        PlanNeeds.arguments(spec)
            ? ExecutionAdvice.EnterWithArguments.class
            : ExecutionAdvice.EnterPlainly.class;
    Class<?> exit =
        !PlanNeeds.result(spec)
            ? ExecutionAdvice.ExitPlainly.class
            : AsyncTypes.mayReplace(spec.descriptor())
                ? ExecutionAdvice.ExitReplacingResult.class
                : ExecutionAdvice.ExitWithResult.class;
    return Advice.withCustomMapping()
        .bind(ExecutionAdvice.PlanIndex.class, planIndex)
        .to(enter, exit, adviceLocator);
  }

  private Advice advice(Class<?> type) {
    return Advice.to(type, adviceLocator);
  }

  private byte[] rewritten(
      ClassLoader loader, String typeName, byte[] file, AsmVisitorWrapper methods) {
    ClassFileLocator locator =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(typeName, file), new LoaderResources(loader));
    TypeDescription type =
        new TypePool.Default.WithLazyResolution( // Parameter types may be missing.
                TypePool.CacheProvider.Simple.withObjectType(),
                locator,
                TypePool.Default.ReaderMode.FAST)
            .describe(typeName)
            .resolve();
    try (DynamicType.Unloaded<?> woven =
        byteBuddy
            .redefine(type, locator)
            .ignoreAlso(ElementMatchers.none())
            .visit(methods)
            .make()) {
      return woven.getBytes();
    }
  }

  /** The class files of an application's loader, which may throw anything. */
  private record LoaderResources(ClassLoader loader) implements ClassFileLocator {
    @Override
    public Resolution locate(String name) {
      try {
        return ClassFileLocator.ForClassLoader.of(loader).locate(name);
      } catch (Throwable t) {
        return new Resolution.Illegal(name);
      }
    }

    @Override
    public void close() {}
  }

  private static ElementMatcher<MethodDescription> signatureOf(MethodSpec spec) {
    return method ->
        method.getInternalName().equals(spec.name())
            && method.getDescriptor().equals(spec.descriptor());
  }
}
