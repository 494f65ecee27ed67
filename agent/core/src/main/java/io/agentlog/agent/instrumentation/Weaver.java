package io.agentlog.agent.instrumentation;

import io.agentlog.agent.capture.async.AsyncTypes;
import io.agentlog.agent.capture.spec.MethodSpec;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.InsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TypeInsnNode;
import org.objectweb.asm.tree.VarInsnNode;

/**
 * Rewrites class files of the application: calls the bridge before and after the body of a method,
 * with JDK types alone. Arguments and the result are handed over only where the method's plan needs
 * them, because that costs an array and boxes. Adds no field, method or interface, so that loaded
 * classes can be rewritten too and other agents are not disturbed.
 */
final class Weaver {
  private static final String ENTER =
      "(Ljava/lang/Class;ILjava/lang/Object;[Ljava/lang/Object;)Ljava/lang/Object;";
  private static final String EXIT =
      "(Ljava/lang/Object;Ljava/lang/Object;Ljava/lang/Throwable;)Ljava/lang/Object;";

  /** Byte of a class file at which its major version begins, two bytes long. */
  private static final int MAJOR_VERSION_OFFSET = 6;

  private Weaver() {}

  /**
   * Weaves methods of a class.
   *
   * @param typeName binary name of the class
   * @param planIndexes plan of each spec, in the order of {@code specs}
   * @return the new class file
   * @throws IllegalArgumentException if the class file is from before Java 5
   */
  static byte[] weave(String typeName, byte[] file, List<MethodSpec> specs, int[] planIndexes) {
    int version =
        (file[MAJOR_VERSION_OFFSET] & 0xff) << 8 | (file[MAJOR_VERSION_OFFSET + 1] & 0xff);
    if (version < Opcodes.V1_5) {
      throw new IllegalArgumentException(
          "its class file is from before Java 5 and can't hold a class constant");
    }
    String owner = typeName.replace('.', '/');
    return ClassEdit.apply(
        file,
        (name, descriptor) -> {
          for (int i = 0; i < specs.size(); i++) {
            MethodSpec spec = specs.get(i);
            if (spec.name().equals(name) && spec.descriptor().equals(descriptor)) {
              int plan = planIndexes[i];
              return method -> weave(owner, method, spec, plan);
            }
          }
          return null;
        });
  }

  /** Replaces the empty methods of {@code CurrentExecution} by calls of the bridge. */
  static byte[] weaveFacade(String owner, byte[] file) {
    return ClassEdit.apply(file, (name, descriptor) -> facade(owner, name));
  }

  private static void weave(String owner, MethodNode method, MethodSpec spec, int plan) {
    new WovenBody(owner, method)
        .around(
            code -> enter(code, owner, method, plan, PlanNeeds.arguments(spec)),
            (code, slots) -> {
              boolean read = PlanNeeds.result(spec) && slots.haveResult();
              Type result = Type.getReturnType(method.desc);
              code.add(new VarInsnNode(Opcodes.ALOAD, slots.kept()));
              if (read) {
                BridgeCalls.loadBoxed(code, result, slots.result());
              } else {
                code.add(new InsnNode(Opcodes.ACONST_NULL));
              }
              code.add(
                  slots.haveThrown()
                      ? new VarInsnNode(Opcodes.ALOAD, slots.thrown())
                      : new InsnNode(Opcodes.ACONST_NULL));
              code.add(BridgeCalls.call("exit", EXIT));
              if (read && AsyncTypes.mayReplace(spec.descriptor())) {
                code.add(new TypeInsnNode(Opcodes.CHECKCAST, result.getInternalName()));
                code.add(new VarInsnNode(Opcodes.ASTORE, slots.result()));
              } else {
                code.add(new InsnNode(Opcodes.POP));
              }
            });
  }

  private static void enter(
      InsnList code, String owner, MethodNode method, int plan, boolean withArguments) {
    boolean isStatic = (method.access & Opcodes.ACC_STATIC) != 0;
    code.add(new LdcInsnNode(Type.getObjectType(owner)));
    BridgeCalls.pushInt(code, plan);
    code.add(isStatic ? new InsnNode(Opcodes.ACONST_NULL) : new VarInsnNode(Opcodes.ALOAD, 0));
    if (withArguments) {
      BridgeCalls.loadArguments(code, isStatic, method.desc);
    } else {
      code.add(new InsnNode(Opcodes.ACONST_NULL));
    }
    code.add(BridgeCalls.call("enter", ENTER));
  }

  private static @Nullable Consumer<MethodNode> facade(String owner, String method) {
    return switch (method) {
      case "executionId" -> returns(owner, "currentExecutionId");
      case "correlationId" -> returns(owner, "currentCorrelationId");
      case "metadata" ->
          passesOn(owner, "currentMetadata", "(Ljava/lang/String;Ljava/lang/Object;)V");
      case "progress" -> passesOn(owner, "currentProgress", "(Ljava/lang/String;I)V");
      case "quality" -> passesOn(owner, "currentQuality", "(D)V");
      default -> null;
    };
  }

  private static Consumer<MethodNode> returns(String owner, String bridgeMethod) {
    return method ->
        new WovenBody(owner, method)
            .atReturn(
                (code, slots) -> {
                  code.add(BridgeCalls.call(bridgeMethod, "()Ljava/util/UUID;"));
                  code.add(
                      new MethodInsnNode(
                          Opcodes.INVOKESTATIC,
                          "java/util/Optional",
                          "ofNullable",
                          "(Ljava/lang/Object;)Ljava/util/Optional;",
                          false));
                  code.add(new VarInsnNode(Opcodes.ASTORE, slots.result()));
                });
  }

  private static Consumer<MethodNode> passesOn(
      String owner, String bridgeMethod, String bridgeDescriptor) {
    return method ->
        new WovenBody(owner, method)
            .before(
                code -> {
                  int slot = 0; // The facade's methods are static.
                  for (Type argument : Type.getArgumentTypes(bridgeDescriptor)) {
                    code.add(new VarInsnNode(argument.getOpcode(Opcodes.ILOAD), slot));
                    slot += argument.getSize();
                  }
                  code.add(BridgeCalls.call(bridgeMethod, bridgeDescriptor));
                });
  }
}
