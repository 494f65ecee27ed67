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
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Label;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: calls around a body change neither its behaviour nor its verification, whatever code a
 * compiler or an optimiser wrote. Method: bodies that javac never writes.
 */
class OddBodiesTest {
  private static final String NAME = "Odd";

  private final RecordingBridge bridge = new RecordingBridge();
  private int plainLength;
  private int wovenLength;

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
  void objectMayBeUninitialisedAcrossABranch() throws Exception {
    Method run =
        woven(
            "(I)Ljava/lang/String;",
            Opcodes.V17,
            code -> {
              Label made = new Label();
              Label other = new Label();
              Label join = new Label();
              code.visitLabel(made);
              code.visitTypeInsn(Opcodes.NEW, "java/lang/String");
              code.visitInsn(Opcodes.DUP);
              code.visitVarInsn(Opcodes.ILOAD, 0);
              code.visitJumpInsn(Opcodes.IFEQ, other);
              code.visitLdcInsn("one");
              code.visitJumpInsn(Opcodes.GOTO, join);
              code.visitLabel(other);
              code.visitFrame(
                  Opcodes.F_NEW, 1, new Object[] {Opcodes.INTEGER}, 2, new Object[] {made, made});
              code.visitLdcInsn("zero");
              code.visitLabel(join);
              code.visitFrame(
                  Opcodes.F_NEW,
                  1,
                  new Object[] {Opcodes.INTEGER},
                  3,
                  new Object[] {made, made, "java/lang/String"});
              code.visitMethodInsn(
                  Opcodes.INVOKESPECIAL,
                  "java/lang/String",
                  "<init>",
                  "(Ljava/lang/String;)V",
                  false);
              code.visitInsn(Opcodes.ARETURN);
            });
    assertThat(run.invoke(null, 0)).isEqualTo("zero");
    assertThat(run.invoke(null, 1)).isEqualTo("one");
  }

  @Test
  void handlerMayCoverItself() throws Exception { // As javac writes it for a monitor's release.
    Method run =
        woven(
            "()I",
            Opcodes.V17,
            code -> {
              Label start = new Label();
              Label handler = new Label();
              Label end = new Label();
              code.visitTryCatchBlock(start, end, handler, "java/lang/ArithmeticException");
              code.visitLabel(start);
              code.visitInsn(Opcodes.ICONST_1);
              code.visitInsn(Opcodes.ICONST_0);
              code.visitInsn(Opcodes.IDIV);
              code.visitInsn(Opcodes.IRETURN);
              code.visitLabel(handler);
              code.visitFrame(
                  Opcodes.F_NEW, 0, null, 1, new Object[] {"java/lang/ArithmeticException"});
              code.visitInsn(Opcodes.POP);
              code.visitInsn(Opcodes.ICONST_5);
              code.visitInsn(Opcodes.IRETURN);
              code.visitLabel(end);
            });
    assertThat(run.invoke(null)).isEqualTo(5);
  }

  @Test
  void bodyMayNeverReturn() throws Exception {
    Method run =
        woven(
            "(I)I",
            Opcodes.V17,
            code -> {
              Label again = new Label();
              code.visitLabel(again);
              code.visitFrame(Opcodes.F_NEW, 1, new Object[] {Opcodes.INTEGER}, 0, null);
              code.visitInsn(Opcodes.ICONST_1);
              code.visitVarInsn(Opcodes.ILOAD, 0);
              code.visitInsn(Opcodes.IDIV); // The only way out: a division by zero.
              code.visitInsn(Opcodes.POP);
              code.visitIincInsn(0, -1);
              code.visitJumpInsn(Opcodes.GOTO, again);
            });
    assertThatThrownBy(() -> run.invoke(null, 3)).cause().isInstanceOf(ArithmeticException.class);
    assertThat(bridge.calls)
        .containsExactly("enter Odd#0 [3]", "exit Odd#0 java.lang.ArithmeticException: / by zero");
  }

  @Test
  void bodyThatWouldBeTooLongIsRefusedSoThatTheClassIsLoadedAsItIs() {
    assertThatThrownBy(
            () ->
                woven(
                    "()V",
                    Opcodes.V17,
                    code -> {
                      for (int i = 0; i < 65_500; i++) {
                        code.visitInsn(Opcodes.NOP);
                      }
                      code.visitInsn(Opcodes.RETURN);
                    }))
        .isInstanceOf(RuntimeException.class);
  }

  /** A method of more than 8,000 bytes is not compiled: it stays slow for ever. */
  @Test
  void exitIsWrittenOnceHoweverManyReturnsThereAre() throws Exception {
    Consumer<MethodVisitor> fortyReturns =
        code -> {
          for (int i = 0; i < 40; i++) {
            Label next = new Label();
            code.visitVarInsn(Opcodes.ILOAD, 0);
            code.visitIntInsn(Opcodes.BIPUSH, i);
            code.visitJumpInsn(Opcodes.IF_ICMPNE, next);
            code.visitIntInsn(Opcodes.BIPUSH, i);
            code.visitInsn(Opcodes.IRETURN);
            code.visitLabel(next);
            code.visitFrame(Opcodes.F_NEW, 1, new Object[] {Opcodes.INTEGER}, 0, null);
          }
          code.visitInsn(Opcodes.ICONST_M1);
          code.visitInsn(Opcodes.IRETURN);
        };
    Method run = woven("(I)I", Opcodes.V17, fortyReturns);
    assertThat(run.invoke(null, 39)).isEqualTo(39);
    assertThat(run.invoke(null, 40)).isEqualTo(-1);
    assertThat(wovenLength - plainLength).as("bytes more for 40 returns").isLessThan(600);
  }

  @ParameterizedTest
  @ValueSource(ints = {Opcodes.V1_5, Opcodes.V1_6})
  void subroutinesOfOldCompilersWork(int version) throws Exception {
    Method run =
        woven(
            "()I",
            version,
            code -> {
              Label subroutine = new Label();
              code.visitJumpInsn(Opcodes.JSR, subroutine);
              code.visitInsn(Opcodes.ICONST_2);
              code.visitInsn(Opcodes.IRETURN);
              code.visitLabel(subroutine);
              code.visitVarInsn(Opcodes.ASTORE, 0);
              code.visitVarInsn(Opcodes.RET, 0);
            });
    assertThat(run.invoke(null)).isEqualTo(2);
    assertThat(bridge.calls).containsExactly("enter Odd#0", "exit Odd#0 null");
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
    byte[] plain = type.toByteArray();
    byte[] file = Weaver.weave(plain, List.of(spec), new int[] {0});
    plainLength = plain.length;
    wovenLength = file.length;
    Class<?> defined =
        new ClassLoader(OddBodiesTest.class.getClassLoader()) {
          Class<?> define() {
            return defineClass(NAME, file, 0, file.length);
          }
        }.define();
    return defined.getMethod(
        "run", MethodType.fromMethodDescriptorString(descriptor, null).parameterArray());
  }
}
