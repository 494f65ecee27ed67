package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.spec.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.jspecify.annotations.Nullable;

/**
 * Marks the bodies of lambdas that implement a marked interface. The class of a lambda is hidden
 * from agents, but its body is a method of the class that holds the lambda. A method reference has
 * no body of its own, so it is refused.
 */
final class LambdaBodies extends ClassVisitor {
  private static final String FACTORY = "java/lang/invoke/LambdaMetafactory";

  private final List<DeclaredMethod> methods;
  private final Set<String> interfaces;
  private final Function<String, List<DeclaredMethod>> markedOf;
  private final BiConsumer<String, String> refusals;
  private String owner = "";

  private LambdaBodies(
      List<DeclaredMethod> methods,
      Set<String> interfaces,
      Function<String, List<DeclaredMethod>> markedOf,
      BiConsumer<String, String> refusals) {
    super(Opcodes.ASM9);
    this.methods = methods;
    this.interfaces = interfaces;
    this.markedOf = markedOf;
    this.refusals = refusals;
  }

  /**
   * Returns the methods with the marks of the lambdas added.
   *
   * @param declared methods of the class
   * @param interfaces internal names of marked interfaces that its lambdas implement
   * @param markedOf gives the marked methods of an interface and its supertypes
   * @param refusals takes a method reference, and the reason
   */
  static List<DeclaredMethod> mark(
      byte[] file,
      List<DeclaredMethod> declared,
      Set<String> interfaces,
      Function<String, List<DeclaredMethod>> markedOf,
      BiConsumer<String, String> refusals) {
    List<DeclaredMethod> methods = new ArrayList<>(declared);
    new ClassReader(file)
        .accept(
            new LambdaBodies(methods, interfaces, markedOf, refusals),
            ClassReader.SKIP_FRAMES | ClassReader.SKIP_DEBUG);
    return methods;
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      @Nullable String signature,
      @Nullable String superName,
      String @Nullable [] interfaceNames) {
    owner = name;
  }

  @Override
  public MethodVisitor visitMethod(
      int access,
      String name,
      String descriptor,
      @Nullable String signature,
      String @Nullable [] exceptions) {
    return new MethodVisitor(api) {
      @Override
      public void visitInvokeDynamicInsn(
          String implemented, String factory, Handle bootstrap, Object... arguments) {
        String type = Type.getReturnType(factory).getInternalName();
        if (bootstrap.getOwner().equals(FACTORY)
            && interfaces.contains(type)
            && arguments.length > 1
            && arguments[0] instanceof Type erased
            && arguments[1] instanceof Handle code) {
          implement(type, implemented, erased, code);
        }
      }
    };
  }

  private void implement(String type, String implemented, Type erased, Handle code) {
    for (DeclaredMethod marked : markedOf.apply(type)) {
      if (!marked.hasCode()
          && marked.name().equals(implemented)
          && marked.descriptor().equals(erased.getDescriptor())) {
        int body = bodyOf(code);
        if (body < 0) {
          refusals.accept(
              "%s::%s, as %s in %s"
                  .formatted(shown(code.getOwner()), code.getName(), shown(type), shown(owner)),
              "the code behind a method reference is also called in other ways; write a lambda");
        } else {
          methods.set(body, marked(methods.get(body), marked));
        }
        return;
      }
    }
  }

  /** Returns the position of a method that a compiler has made for one lambda; else negative. */
  private int bodyOf(Handle code) {
    for (int i = 0; i < methods.size(); i++) {
      DeclaredMethod method = methods.get(i);
      if (code.getOwner().equals(owner)
          && method.name().equals(code.getName())
          && method.descriptor().equals(code.getDesc())) {
        boolean synthetic = (method.access() & Opcodes.ACC_SYNTHETIC) != 0;
        boolean ofLambda = method.name().contains("lambda$");
        return ofLambda && (synthetic || method.isPrivate()) ? i : -1;
      }
    }
    return -1;
  }

  /**
   * Gives a body the marks and the parameters of the declaration. What the lambda has captured
   * stands before them and is no parameter to its caller.
   */
  private static DeclaredMethod marked(DeclaredMethod body, DeclaredMethod marked) {
    List<ParameterSpec> parameters = new ArrayList<>();
    int captured = body.parameters().size() - marked.parameters().size();
    for (int i = 0; i < captured; i++) {
      parameters.add(ParameterSpec.captured());
    }
    parameters.addAll(marked.parameters());
    return body.marked(
        parameters,
        marked.execution(),
        marked.stage(),
        marked.decision(),
        marked.intelligence(),
        marked.rules());
  }

  private static String shown(String internalName) {
    return internalName.replace('/', '.');
  }
}
