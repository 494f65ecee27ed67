package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.DecisionSpec;
import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.IntelligenceSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import io.agentlog.agent.capture.spec.StageSpec;
import io.agentlog.config.AgentNames;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.bytebuddy.jar.asm.AnnotationVisitor;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * Reads the methods of a class file with their annotations. Annotations are recognised by name and
 * never loaded.
 */
final class DeclaredMethods extends ClassVisitor {
  private static final String PACKAGE = "Lio/agentlog/annotations/";
  private static final String METADATA = PACKAGE + "Metadata;";
  private static final String CONTINUATION = "Lkotlin/coroutines/Continuation;";

  private final List<DeclaredMethod> methods = new ArrayList<>();
  private String owner = "";
  private String simpleName = "";

  private DeclaredMethods() {
    super(Opcodes.ASM9);
  }

  /** Returns all methods of a class file. */
  static List<DeclaredMethod> of(byte[] file) {
    DeclaredMethods visitor = new DeclaredMethods();
    new ClassReader(file).accept(visitor, ClassReader.SKIP_FRAMES);
    return visitor.methods;
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaces) {
    owner = name;
    simpleName = simpleName(name);
  }

  /**
   * Returns the last part of a class's name that is not a number: {@code Inner} of {@code
   * a/Outer$Inner}, {@code Local} of {@code a/Outer$1Local}, {@code Outer} of {@code a/Outer$1} and
   * {@code a/Outer$}.
   */
  static String simpleName(String internalName) {
    String name = internalName.substring(internalName.lastIndexOf('/') + 1);
    int end = name.length();
    while (end > 0) {
      int start = name.lastIndexOf('$', end - 1) + 1;
      int afterDigits = start;
      while (start > 0 && afterDigits < end && Character.isDigit(name.charAt(afterDigits))) {
        afterDigits++;
      }
      if (afterDigits < end) {
        return name.substring(afterDigits, end);
      }
      end = start - 1;
    }
    return name;
  }

  @Override
  public MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    return new MethodReader(access, name, descriptor);
  }

  private final class MethodReader extends MethodVisitor {
    private final int access;
    private final String name;
    private final String descriptor;
    private final @Nullable String[] parameterNames;
    private final List<Set<String>> marks = new ArrayList<>();
    private final @Nullable String[] metadataKeys;
    private final List<Integer> slots = new ArrayList<>(); // Of the parameters.
    private final List<String> types = new ArrayList<>(); // Of the parameters.
    private final Set<Label> start = new HashSet<>(); // Labels at the first instruction.
    private final ForwardedCall forwarded;
    private final @Nullable String[] firstVariables;
    private int namedParameters;
    private int annotableParameters = -1;
    private @Nullable ExecutionSpec execution;
    private @Nullable StageSpec stage;
    private @Nullable DecisionSpec decision;
    private @Nullable IntelligenceSpec intelligence;
    private @Nullable String bridgeTarget;
    private @Nullable String resumedBy;

    MethodReader(int access, String name, String descriptor) {
      super(Opcodes.ASM9);
      this.access = access;
      this.name = name;
      this.descriptor = descriptor;
      Type[] parameterTypes = Type.getArgumentTypes(descriptor);
      this.parameterNames = new String[parameterTypes.length];
      this.firstVariables = new String[parameterTypes.length];
      this.metadataKeys = new String[parameterTypes.length];
      List<Integer> slotsWithReceiver = new ArrayList<>();
      int slot = 0;
      if ((access & Opcodes.ACC_STATIC) == 0) {
        slotsWithReceiver.add(slot++);
      }
      for (Type type : parameterTypes) {
        marks.add(new HashSet<>());
        types.add(type.getDescriptor());
        slots.add(slot);
        slotsWithReceiver.add(slot);
        slot += type.getSize();
      }
      this.forwarded = new ForwardedCall(access, name, slotsWithReceiver);
      this.mv = forwarded;
    }

    @Override
    public void visitParameter(@Nullable String parameterName, int parameterAccess) {
      if (namedParameters < parameterNames.length && parameterName != null) {
        parameterNames[namedParameters] = parameterName;
      }
      namedParameters++;
    }

    @Override
    public void visitAnnotableParameterCount(int count, boolean visible) {
      if (visible) {
        annotableParameters = count;
      }
    }

    @Override
    public @Nullable AnnotationVisitor visitParameterAnnotation(
        int parameter, String annotation, boolean visible) {
      // Synthetic leading parameters have no annotations.
      int shift = annotableParameters < 0 ? 0 : parameterNames.length - annotableParameters;
      int index = parameter + shift;
      if (!annotation.startsWith(PACKAGE) || index < 0 || index >= parameterNames.length) {
        return null;
      }
      marks.get(index).add(annotation.substring(PACKAGE.length(), annotation.length() - 1));
      return annotation.equals(METADATA)
          ? new AnnotationValues(values -> metadataKeys[index] = values.get("value"))
          : null;
    }

    @Override
    public @Nullable AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
      return switch (annotation) {
        case PACKAGE + "AgentExecution;" ->
            new AnnotationValues(values -> execution = executionOf(values));
        case PACKAGE + "ProgressStage;" -> new AnnotationValues(values -> stage = stageOf(values));
        case PACKAGE + "RoutingDecision;" ->
            new AnnotationValues(values -> decision = decisionOf(values));
        case PACKAGE + "IntelligenceUsed;" ->
            new AnnotationValues(values -> intelligence = intelligenceOf(values));
        default -> null;
      };
    }

    @Override
    public void visitLocalVariable(
        String variable, String type, @Nullable String signature, Label from, Label to, int index) {
      int i = slots.indexOf(index);
      if (i < 0 || parameterNames[i] != null || !types.get(i).equals(type)) {
        return; // A slot may hold another variable once the parameter is no longer needed.
      }
      if (start.contains(from)) {
        parameterNames[i] = variable;
      } else if (firstVariables[i] == null) {
        firstVariables[i] = variable;
      }
    }

    @Override
    public void visitLabel(Label label) {
      if (!forwarded.isStarted()) {
        start.add(label);
      }
    }

    /** A suspending method begins with the question whether it is called again to go on. */
    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.INSTANCEOF
          && resumedBy == null
          && descriptor.contains(CONTINUATION + ")")
          && type.startsWith(owner + "$")) {
        resumedBy = type;
      }
      super.visitTypeInsn(opcode, type);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String called, String calledDescriptor, boolean isInterface) {
      if ((access & Opcodes.ACC_BRIDGE) != 0
          && called.equals(name)
          && opcode != Opcodes.INVOKESPECIAL) {
        bridgeTarget = calledDescriptor;
      }
      super.visitMethodInsn(opcode, owner, called, calledDescriptor, isInterface);
    }

    @Override
    public void visitEnd() {
      List<ParameterSpec> parameters = new ArrayList<>();
      for (int i = 0; i < parameterNames.length; i++) {
        String parameter = parameterNames[i] == null ? firstVariables[i] : parameterNames[i];
        parameters.add(
            new ParameterSpec(
                parameter == null ? "arg" + i : parameter, marks.get(i), metadataKeys[i]));
      }
      methods.add(
          new DeclaredMethod(
              owner,
              access,
              name,
              descriptor,
              parameters,
              execution,
              stage,
              decision,
              intelligence,
              bridgeTarget,
              forwarded.callee(),
              resumedBy,
              List.of()));
    }

    private ExecutionSpec executionOf(AnnotationValues values) {
      String agent = values.text("value", "");
      return new ExecutionSpec(
          agent.isEmpty() ? AgentNames.kebabCase(simpleName) : agent,
          values.text("prompt", ""),
          values.text("correlationId", ""),
          values.text("sessionId", ""),
          values.text("quality", ""),
          values.texts("metadata"),
          values.text("instructions", ""));
    }

    private StageSpec stageOf(AnnotationValues values) {
      String stageName = values.text("value", "");
      return new StageSpec(
          stageName.isEmpty() ? name : stageName,
          values.integer("percent", -1),
          StageSpec.At.valueOf(values.text("at", "ENTRY")),
          values.texts("metadata"));
    }

    private DecisionSpec decisionOf(AnnotationValues values) {
      return new DecisionSpec(
          values.text("agent", "result.agent"),
          values.text("confidence", "result.confidence"),
          values.text("strategy", ""),
          values.text("reasoning", ""),
          values.text("alternatives", ""),
          values.text("components", ""));
    }

    private static IntelligenceSpec intelligenceOf(AnnotationValues values) {
      String items = values.text("items", "");
      return new IntelligenceSpec(
          values.text("type", ""),
          values.text("source", ""),
          values.text("collection", ""),
          values.text("context", ""),
          items.isBlank() ? IntelligenceSpec.DEFAULT_ITEMS : items,
          values.text("id", ""),
          values.text("name", ""),
          values.text("score", ""),
          values.text("summary", ""),
          values.text("query", ""),
          values.text("applied", ""));
    }
  }
}
