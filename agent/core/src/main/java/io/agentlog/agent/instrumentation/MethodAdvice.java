package io.agentlog.agent.instrumentation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.bytebuddy.ClassFileVersion;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.annotation.AnnotationDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.method.ParameterDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.scaffold.TypeInitializer;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.bytecode.assign.Assigner;
import net.bytebuddy.implementation.bytecode.constant.IntegerConstant;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.pool.TypePool;

/**
 * Code before and after the body of a method, written as Byte Buddy's advice. Byte Buddy is called
 * for one method at a time and gets names alone: its builders would describe every type of the
 * class, which loads twice as many classes and looks up types of the application. Immutable,
 * thread-safe.
 */
final class MethodAdvice {
  private static final String NO_AUXILIARY_TYPES = "none";
  private static final int NO_ARGUMENT = -1;

  private final Advice advice;

  private MethodAdvice(Advice advice) {
    this.advice = advice;
  }

  /** Returns the advice of a class with a method for the entry, the exit, or both. */
  static MethodAdvice of(Class<?> advice) {
    return of(advice, advice);
  }

  /** Returns the advice of two classes, one for the entry and one for the exit. */
  static MethodAdvice of(Class<?> enter, Class<?> exit) {
    DescribedAdvice first = DescribedAdvice.of(enter);
    if (enter == exit) {
      return new MethodAdvice(
          withMappings().to(first, ClassFileLocator.Simple.of(first.getName(), first.file())));
    }
    DescribedAdvice second = DescribedAdvice.of(exit);
    return new MethodAdvice(
        withMappings()
            .to(
                first,
                second,
                new ClassFileLocator.Simple(
                    Map.of(first.getName(), first.file(), second.getName(), second.file()))));
  }

  private static Advice.WithCustomMapping withMappings() {
    return Advice.withCustomMapping()
        .bind(PlanMapping.INSTANCE)
        .bind(ReplacedArgumentMapping.INSTANCE);
  }

  /**
   * Returns a visitor that passes the method on with the advice.
   *
   * @param planIndex value of the advice's {@link PlanIndex}
   * @param next has to compute the maxima; gets expanded frames
   */
  MethodVisitor weave(ClassEdit.Method method, int planIndex, MethodVisitor next) {
    return weave(method, planIndex, NO_ARGUMENT, next);
  }

  /**
   * Returns a visitor that passes the method on with the advice.
   *
   * @param planIndex value of the advice's {@link PlanIndex}
   * @param replacedArgument index of the advice's {@link ReplacedArgument} among the method's
   * @param next has to compute the maxima; gets expanded frames
   */
  MethodVisitor weave(
      ClassEdit.Method method, int planIndex, int replacedArgument, MethodVisitor next) {
    TypeDescription owner = TypesByName.describe(Type.getObjectType(method.owner()));
    ClassFileVersion version = ClassFileVersion.ofMinorMajor(method.classFileVersion());
    Implementation.Context context =
        Implementation.Context.Disabled.Factory.INSTANCE.make(
            owner,
            (type, auxiliary) -> NO_AUXILIARY_TYPES,
            TypeInitializer.None.INSTANCE,
            version,
            version,
            Implementation.Context.FrameGeneration.DISABLED);
    return advice.wrap(
        owner,
        new WovenMethod(owner, method, planIndex, replacedArgument),
        next,
        context,
        TypePool.Empty.INSTANCE,
        ClassWriter.COMPUTE_MAXS,
        ClassReader.EXPAND_FRAMES);
  }

  /** A method to weave, and what its code hands to the bridge. */
  private static final class WovenMethod extends MethodDescription.Latent {
    private final int planIndex;
    private final int replacedArgument;

    WovenMethod(
        TypeDescription owner, ClassEdit.Method method, int planIndex, int replacedArgument) {
      super(
          owner,
          method.name(),
          method.access(),
          List.of(),
          TypesByName.generic(Type.getReturnType(method.descriptor())),
          parameters(method.descriptor()),
          List.of(),
          List.of(),
          null,
          null);
      this.planIndex = planIndex;
      this.replacedArgument = replacedArgument;
    }

    private static List<ParameterDescription.Token> parameters(String descriptor) {
      List<ParameterDescription.Token> tokens = new ArrayList<>();
      for (Type type : Type.getArgumentTypes(descriptor)) {
        tokens.add(new ParameterDescription.Token(TypesByName.generic(type)));
      }
      return tokens;
    }
  }

  /** Gives the index of the woven method's plan to the advice. */
  private enum PlanMapping
      implements Advice.OffsetMapping.Factory<PlanIndex>, Advice.OffsetMapping {
    INSTANCE;

    @Override
    public Class<PlanIndex> getAnnotationType() {
      return PlanIndex.class;
    }

    @Override
    public Advice.OffsetMapping make(
        ParameterDescription.InDefinedShape target,
        AnnotationDescription.Loadable<PlanIndex> annotation,
        AdviceType type) {
      return this;
    }

    @Override
    public Target resolve(
        TypeDescription owner,
        MethodDescription method,
        Assigner assigner,
        Advice.ArgumentHandler arguments,
        Sort sort) {
      return new Target.ForStackManipulation(
          IntegerConstant.forValue(((WovenMethod) method).planIndex));
    }
  }

  /** Gives the argument that may be replaced to the advice, which may assign it. */
  private enum ReplacedArgumentMapping
      implements Advice.OffsetMapping.Factory<ReplacedArgument>, Advice.OffsetMapping {
    INSTANCE;

    @Override
    public Class<ReplacedArgument> getAnnotationType() {
      return ReplacedArgument.class;
    }

    @Override
    public Advice.OffsetMapping make(
        ParameterDescription.InDefinedShape target,
        AnnotationDescription.Loadable<ReplacedArgument> annotation,
        AdviceType type) {
      return this;
    }

    @Override
    public Target resolve(
        TypeDescription owner,
        MethodDescription method,
        Assigner assigner,
        Advice.ArgumentHandler arguments,
        Sort sort) {
      ParameterDescription replaced =
          method.getParameters().get(((WovenMethod) method).replacedArgument);
      TypeDescription.Generic given = TypesByName.generic(Type.getType(Object.class));
      return new Target.ForVariable.ReadWrite(
          replaced.getType(),
          arguments.argument(replaced.getOffset()),
          assigner.assign(replaced.getType(), given, Assigner.Typing.DYNAMIC),
          assigner.assign(given, replaced.getType(), Assigner.Typing.DYNAMIC));
    }
  }
}
