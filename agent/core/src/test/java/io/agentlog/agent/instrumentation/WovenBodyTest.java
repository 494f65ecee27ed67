package io.agentlog.agent.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentlog.agent.capture.spec.ExecutionSpec;
import io.agentlog.agent.capture.spec.MethodSpec;
import io.agentlog.agent.capture.spec.ParameterSpec;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Goal: calls around a body change neither its behaviour nor its verification, whatever code a
 * compiler or an optimiser wrote. Method: bodies that javac never writes.
 */
class WovenBodyTest {
  private static final String NAME = "Odd";

  private final RecordingBridge bridge = new RecordingBridge();

  @AfterEach
  void disconnect() {
    bridge.close();
  }

  @Test
  void slotOfAParameterMayHoldAnotherType() throws Exception { // As ProGuard reuses them.
    Method run =
        woven(
            "(JLjava/lang/String;)Ljava/lang/String;",
            Opcodes.V17,
            code -> {
              code.visitInsn(Opcodes.ICONST_3);
              code.visitVarInsn(Opcodes.ISTORE, 0); // The slot held half of a long.
              Label again = new Label();
              code.visitLabel(again);
              code.visitFrame(
                  Opcodes.F_NEW,
                  3,
                  new Object[] {Opcodes.INTEGER, Opcodes.TOP, "java/lang/String"},
                  0,
                  null);
              code.visitIincInsn(0, -1);
              code.visitVarInsn(Opcodes.ILOAD, 0);
              code.visitJumpInsn(Opcodes.IFGT, again);
              code.visitVarInsn(Opcodes.ALOAD, 2);
              code.visitInsn(Opcodes.ARETURN);
            });
    assertThat(run.invoke(null, 7L, "text")).isEqualTo("text");
    assertThat(bridge.calls).containsExactly("enter Odd#0 [7, text]", "exit Odd#0 text");
  }

  @Test
  void valuesMayBeLeftOnTheStackOfAReturn() throws Exception {
    Method run =
        woven(
            "()J",
            Opcodes.V17,
            code -> {
              code.visitInsn(Opcodes.ICONST_1);
              code.visitLdcInsn("left");
              code.visitInsn(Opcodes.LCONST_1);
              code.visitInsn(Opcodes.LRETURN);
            });
    assertThat(run.invoke(null)).isEqualTo(1L);
    assertThat(bridge.calls).containsExactly("enter Odd#0", "exit Odd#0 null");
  }

  @Test
  void bodyMayBeginWithAFrame() throws Exception {
    Method run =
        woven(
            "(I)V",
            Opcodes.V17,
            code -> {
              Label start = new Label();
              code.visitLabel(start);
              code.visitFrame(Opcodes.F_NEW, 1, new Object[] {Opcodes.INTEGER}, 0, null);
              code.visitIincInsn(0, -1);
              code.visitVarInsn(Opcodes.ILOAD, 0);
              code.visitJumpInsn(Opcodes.IFGT, start);
              code.visitInsn(Opcodes.RETURN);
            });
    run.invoke(null, 5);
    assertThat(bridge.calls).containsExactly("enter Odd#0 [5]", "exit Odd#0 null");
  }

  @Test
  void handlerOfTheBodyKeepsWhatTheBodyThrows() throws Exception {
    Method run =
        woven(
            "(Ljava/lang/Object;)Ljava/lang/String;",
            Opcodes.V17,
            code -> {
              Label start = new Label();
              Label end = new Label();
              Label handler = new Label();
              code.visitTryCatchBlock(start, end, handler, "java/lang/NullPointerException");
              code.visitLabel(start);
              code.visitVarInsn(Opcodes.ALOAD, 0);
              code.visitMethodInsn(
                  Opcodes.INVOKEVIRTUAL,
                  "java/lang/Object",
                  "toString",
                  "()Ljava/lang/String;",
                  false);
              code.visitTypeInsn(Opcodes.CHECKCAST, "java/lang/String");
              code.visitInsn(Opcodes.ARETURN);
              code.visitLabel(end);
              code.visitLabel(handler);
              code.visitFrame(
                  Opcodes.F_NEW,
                  1,
                  new Object[] {"java/lang/Object"},
                  1,
                  new Object[] {"java/lang/NullPointerException"});
              code.visitInsn(Opcodes.POP);
              code.visitLdcInsn("was null");
              code.visitInsn(Opcodes.ARETURN);
            });
    assertThat(run.invoke(null, (Object) null)).isEqualTo("was null");
    Object failing =
        new Object() {
          private int asked;

          @Override
          public String toString() {
            if (asked++ == 0) { // The bridge of this test calls it first.
              return "failing";
            }
            throw new IllegalStateException("on purpose");
          }
        };
    assertThatThrownBy(() -> run.invoke(null, failing))
        .isInstanceOf(InvocationTargetException.class)
        .cause()
        .hasMessage("on purpose");
    assertThat(bridge.calls)
        .containsExactly(
            "enter Odd#0 [null]",
            "exit Odd#0 was null",
            "enter Odd#0 [failing]",
            "exit Odd#0 java.lang.IllegalStateException: on purpose");
  }

  @Test
  void classFileOfBeforeJava5IsRefused() {
    assertThatThrownBy(() -> woven("()V", Opcodes.V1_4, code -> code.visitInsn(Opcodes.RETURN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("before Java 5");
  }

  @ParameterizedTest
  @ValueSource(ints = {Opcodes.V1_5, Opcodes.V1_6, Opcodes.V1_8, Opcodes.V17})
  void classFilesOfOldReleasesAreTaken(int version) throws Exception {
    Method run =
        woven(
            "(Ljava/lang/String;)I",
            version,
            code -> {
              Label other = new Label();
              code.visitVarInsn(Opcodes.ALOAD, 0);
              code.visitJumpInsn(Opcodes.IFNULL, other);
              code.visitInsn(Opcodes.ICONST_1);
              code.visitInsn(Opcodes.IRETURN);
              code.visitLabel(other);
              if (version >= Opcodes.V1_6) {
                code.visitFrame(Opcodes.F_NEW, 1, new Object[] {"java/lang/String"}, 0, null);
              }
              code.visitInsn(Opcodes.ICONST_2);
              code.visitInsn(Opcodes.IRETURN);
            });
    assertThat(run.invoke(null, "x")).isEqualTo(1);
    assertThat(run.invoke(null, (Object) null)).isEqualTo(2);
  }

  private Method woven(String descriptor, int version, Consumer<MethodVisitor> body)
      throws Exception {
    ClassWriter type = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    type.visit(version, Opcodes.ACC_PUBLIC, NAME, null, "java/lang/Object", null);
    MethodVisitor method =
        type.visitMethod(Opcodes.ACC_PUBLIC | Opcodes.ACC_STATIC, "run", descriptor, null, null);
    method.visitCode();
    body.accept(method);
    method.visitMaxs(0, 0);
    method.visitEnd();
    type.visitEnd();
    int parameterCount = Type.getArgumentTypes(descriptor).length;
    MethodSpec spec =
        new MethodSpec(
            NAME,
            "run",
            descriptor,
            true,
            Collections.nCopies(parameterCount, new ParameterSpec("p", Set.of(), null)),
            new ExecutionSpec("odd", "", "", "", "", List.of()),
            null,
            null);
    byte[] file = Weaver.weave(NAME, type.toByteArray(), List.of(spec), new int[] {0});
    Class<?> defined =
        new ClassLoader(WovenBodyTest.class.getClassLoader()) {
          Class<?> define() {
            return defineClass(NAME, file, 0, file.length);
          }
        }.define();
    return defined.getMethod(
        "run", MethodType.fromMethodDescriptorString(descriptor, null).parameterArray());
  }
}
